"""Workers, Redis and whole machines die in mid-run: nothing is lost, nothing is doubled, the result is the same."""

import json
import os
import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings
from redis.exceptions import RedisError

from config import env
from config.supervisor import workers
from curation import doorbell
from curation.models import Chunk, Detection, Embedding, Frame, Run
from curation.services.cascades import save_cascade
from curation.services.ingest import register
from curation.services.runs import request_run
from tests.config.machine import MANAGE, data_folder, environment, processes_of, wait_for
from tests.engine import rows_of, run_cascade

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CASCADE = """
name: faults
stages:
  - {name: motion, kind: motion}
  - {name: people, kind: objects, detector: "yolox_onnx:WEIGHTS", fps: 10, score: 0.3, stop_score: 0.15, survey_s: 5}
  - {name: embed, kind: embed, embedder: descriptor, boxes: true}
keep: {fps: 5}
"""


@pytest.fixture(scope="module")
def cascade_text(shared_data):
    return CASCADE.replace("WEIGHTS", str(shared_data / "weights" / "yolox_nano.onnx"))


@pytest.fixture(autouse=True)
def short_waits(settings, monkeypatch):
    settings.WINNOW_CHUNK_S = 4
    monkeypatch.setenv("WINNOW_LEASE_S", "5")
    monkeypatch.setenv("WINNOW_RETRY_S", "0")


@pytest.fixture(scope="module")
def undisturbed(tiny_footage, cascade_text, django_db_setup, django_db_blocker):
    """What the run leaves when nothing goes wrong."""
    with django_db_blocker.unblock(), override_settings(WINNOW_CHUNK_S=4), transaction.atomic():
        video = register(path=tiny_footage, name="tiny.mp4", camera="calm").video
        found = rows_of(run_cascade(video, save_cascade(text=cascade_text)))
        transaction.set_rollback(True)
    assert found["detections"]
    assert len(found["keeps"]) > 10
    return found


class Crew:
    """Two workers and a reconciler that rings every second."""

    def __init__(self):
        self._stack = ExitStack()

    def start(self):
        self._stack.enter_context(workers(2))
        self._stack.enter_context(_reconciling())

    def stop(self):
        self._stack.close()


@contextmanager
def _reconciling():
    with (django_settings.WINNOW_DATA_DIR / "logs" / "reconcile.log").open("ab") as log:
        process = subprocess.Popen(
            [*MANAGE, "reconcile", "--every", "1"], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def crew(queue):
    made = Crew()
    made.start()
    yield made
    made.stop()


def under_way(run, stage_index):
    """Wait until somebody works on a stage, and tell on what; None if the run has gone past it."""
    found = []

    def caught():
        found[:] = Chunk.objects.filter(run=run, stage_index=stage_index, state=Chunk.State.CLAIMED)[:1]
        return found or Run.objects.get(pk=run.pk).stage_index > stage_index or not Run.objects.get(pk=run.pk).is_open

    wait_for(caught, timeout_s=90)
    return found[0] if found else None


def kill_workers(run, crew, redis):
    """Kill whoever works on a chunk, in every stage, and once more in the longest."""
    killed = 0
    for stage_index in (0, 1, 1, 2):
        if chunk := under_way(run, stage_index):
            with suppress(ProcessLookupError):
                os.kill(int(chunk.worker.rpartition(":")[2]), signal.SIGKILL)
                killed += 1
            time.sleep(0.5)
    assert killed >= 2


def flush_redis(run, crew, redis):
    for stage_index in (0, 1, 1, 2):
        under_way(run, stage_index)
        redis.flushall()
        time.sleep(0.5)


def kill_redis(run, crew, redis):
    if env.text("REDIS_URL") and not env.text("REDIS_URL").startswith("unix:"):
        pytest.skip("REDIS_URL names a server that is not ours to kill")
    for stage_index in (0, 1):
        under_way(run, stage_index)
        os.kill(redis.info("server")["process_id"], signal.SIGKILL)
        wait_for(lambda: _answers(redis), timeout_s=60)


def restart_everything(run, crew, redis):
    for stage_index in (0, 1):
        under_way(run, stage_index)
        crew.stop()
        redis.flushall()
        crew.start()


def _answers(redis):
    with suppress(RedisError):
        return redis.ping()


@pytest.mark.parametrize("fault", [kill_workers, flush_redis, kill_redis, restart_everything])
def test_a_disturbed_run_ends_like_an_undisturbed_one(fault, tiny_footage, cascade_text, undisturbed, crew, queue):
    video = register(path=tiny_footage, name="tiny.mp4", camera=fault.__name__).video
    run, _ = request_run(video=video, cascade=save_cascade(text=cascade_text))
    doorbell.ring(run.pk)
    fault(run, crew, queue.connection)
    wait_for(lambda: not Run.objects.get(pk=run.pk).is_open, timeout_s=240)
    ended = Run.objects.select_related("video").get(pk=run.pk)
    assert rows_of(ended) == undisturbed
    attempts = dict(Chunk.objects.filter(run=run).values_list("id", "attempt"))
    print(f"\n{fault.__name__}: {len(attempts)} chunks, {sum(attempts.values())} attempts")
    # Nothing beside it either: no frame without a keep, no picture without a frame.
    assert Frame.objects.count() == len(undisturbed["keeps"])
    assert Detection.objects.count() == len(undisturbed["detections"])
    assert Embedding.objects.count() == len(undisturbed["embeddings"])
    camera = Path(django_settings.MEDIA_ROOT) / "frames" / video.camera.name
    assert len(list(camera.rglob("*.jpg"))) == len(undisturbed["keeps"])


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
def test_an_ingest_that_is_stopped_goes_on_where_it_was(signum, tiny_footage, cascade_text, tmp_path, undisturbed):
    cascade = tmp_path / "faults.yaml"
    cascade.write_text(cascade_text)
    command = [*MANAGE, "ingest", str(tiny_footage), "--camera", "yard", "--cascade", str(cascade), "--wait", "--json"]
    with data_folder() as folder:
        shell = environment(folder, WINNOW_CHUNK_S="4", WINNOW_LEASE_S="5", WINNOW_RETRY_S="0")
        first = subprocess.Popen(
            command, env=shell, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        # Detectors are loaded once the second stage has begun: a worker has then mapped the runtime.
        wait_for(lambda: first.poll() is not None or _maps(folder, b"onnxruntime"), timeout_s=120)
        first.send_signal(signum)
        said, _ = first.communicate(timeout=60)
        assert said == b""
        wait_for(lambda: not processes_of(folder), timeout_s=60)
        second = subprocess.run(
            command, env=shell, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False
        )
        assert second.returncode == 0, second.stderr.decode()
        (video,) = json.loads(second.stdout)["videos"]
        pictures = len(list((folder / "media" / "frames").rglob("*.jpg")))
        leftovers = processes_of(folder)
    assert leftovers == {}
    assert b"this content is here already" in second.stderr
    assert video["run"]["status"] == "done"
    assert video["run"]["frames_kept"] == pictures == undisturbed["frames_kept"]
    assert [(i["stage"], i["start_s"], i["end_s"]) for i in video["run"]["intervals"]] == [
        (i["stage"], i["start_s"], i["end_s"]) for i in undisturbed["intervals"]
    ]


def _maps(folder, library):
    for pid in processes_of(folder):
        with suppress(OSError):
            if library in Path(f"/proc/{pid}/maps").read_bytes():
                return True
    return False
