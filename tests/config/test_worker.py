"""Real workers on the real queue."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import django_rq
import pytest
from django.contrib.auth import get_user_model
from rq.job import Job

from config.supervisor import Slot, WorkersError, thread_limits, workers
from config.worker import registered
from tests.config import jobs
from tests.config.machine import ROOT, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def finished(queue):
    def state(job: Job) -> str:
        return job.get_status(refresh=True).value

    return lambda job: state(job) in ("finished", "failed", "stopped") and state(job)


@pytest.fixture(autouse=True)
def tests_importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in thread_limits(1):  # importing ultralytics sets one of them in the tests' own process
        monkeypatch.delenv(name, raising=False)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_workers_take_jobs_keep_their_process_and_see_the_database(queue, finished, tmp_path):
    get_user_model().objects.create_user("ada")
    path = tmp_path / "notes"
    with workers(1):
        assert registered() == 1
        noted = [queue.enqueue(jobs.note, str(path)) for _ in range(5)]
        counted, limited = queue.enqueue(jobs.rows), queue.enqueue(jobs.limits)
        for job in [*noted, counted, limited]:
            wait_for(lambda: finished(job) == "finished")  # noqa: B023
    process = lines(path)[0].split()[0]
    assert lines(path) == [f"{process} {count}" for count in range(1, 6)]  # one process, what it loaded stays
    assert counted.return_value() == 1
    assert limited.return_value() == dict.fromkeys(limited.return_value(), str(os.cpu_count()))
    assert registered() == 0


def test_trainings_have_a_worker_of_their_own(queue, finished, tmp_path):
    training = django_rq.get_queue("training")
    with workers(1, training=1):
        assert (registered(), registered("training")) == (1, 1)
        long = training.enqueue(jobs.sleep, str(tmp_path / "pid"), 600)
        wait_for(lambda: lines(tmp_path / "pid"))
        beside = queue.enqueue(jobs.note, str(tmp_path / "notes"))
        wait_for(lambda: finished(beside) == "finished")
        assert not finished(long)
        assert lines(tmp_path / "notes")[0].split()[0] != lines(tmp_path / "pid")[0]


def test_a_killed_worker_is_replaced(queue, finished, tmp_path):
    path = tmp_path / "pid"
    with workers(1):
        lost = queue.enqueue(jobs.sleep, str(path), 600)
        wait_for(lambda: lines(path))
        os.kill(int(lines(path)[0]), signal.SIGKILL)
        after = queue.enqueue(jobs.note, str(tmp_path / "notes"))
        wait_for(lambda: finished(after) == "finished", timeout_s=30)
        # Its promise to be alive is short, so that the lost job is noticed soon.
        assert queue.connection.ttl(f"rq:execution:{lost.id}:{lost.get_executions()[0].id}") <= 90


def test_a_job_that_takes_too_long_is_stopped(queue, finished, tmp_path):
    with workers(1):
        slow = queue.enqueue(jobs.sleep, str(tmp_path / "pid"), 600, job_timeout=1)
        wait_for(lambda: finished(slow) == "failed")
        assert "JobTimeoutException" in slow.latest_result().exc_string


def test_stopping_in_the_middle_of_a_job_is_quick_and_leaves_nothing(queue, tmp_path):
    path = tmp_path / "pid"
    with workers(1) as supervisor:
        queue.enqueue(jobs.sleep, str(path), 600)
        wait_for(lambda: lines(path))
        supervisor.terminate()
        supervisor.wait(timeout=10)
        with pytest.raises(ProcessLookupError):
            os.kill(int(lines(path)[0]), 0)


def test_workers_end_when_their_supervisor_is_killed(queue, tmp_path):
    path = tmp_path / "pid"
    with workers(1) as supervisor:
        queue.enqueue(jobs.sleep, str(path), 600)
        wait_for(lambda: lines(path))
        supervisor.kill()
        supervisor.wait()
        wait_for(lambda: not _alive(int(lines(path)[0])))


def test_a_flushed_queue_finds_its_workers_again(queue, finished, monkeypatch, tmp_path):
    with workers(1):
        queue.connection.flushdb()
        job = queue.enqueue(jobs.note, str(tmp_path / "notes"))
        wait_for(lambda: finished(job) == "finished")


def test_workers_that_cannot_start_say_where_to_look(queue, monkeypatch):
    monkeypatch.setenv("WINNOW_WORKERS", "many")
    with pytest.raises(WorkersError, match=r"workers\.log"), workers(1):
        pass


def test_a_worker_that_dies_at_once_is_started_ever_more_slowly():
    slot = Slot(1)
    pauses = []
    for _ in range(8):
        slot.process = subprocess.Popen(["false"])
        slot.process.wait()
        slot.started_at = 1e12  # just now, whatever the clock says
        slot.tend({})
        pauses.append(slot.pause_s)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_threads_of_all_workers_fit_the_cores(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.delenv("WINNOW_THREADS", raising=False)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
        monkeypatch.delenv(name, raising=False)
    assert set(thread_limits(3).values()) == {"2"}
    assert set(thread_limits(20).values()) == {"1"}
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert thread_limits(3)["OMP_NUM_THREADS"] == "5"


def _alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
