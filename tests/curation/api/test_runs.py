"""Runs over HTTP: asking, watching, stopping. The queue is Redis, as it is in use."""

import numpy as np
import pytest

from curation.core.track_format import encode
from curation.core.types import Signals
from curation.models import Chunk, Run, Track
from curation.services.cascades import save_cascade
from tests.factories import IntervalFactory, RunFactory, VideoFactory

URL = "/api/v1/runs/"
SPEC = {"name": "night", "stages": [{"name": "motion", "kind": "motion"}]}


@pytest.fixture
def cascade(db):
    return save_cascade(text="name: night\nstages:\n- kind: motion\n")


@pytest.fixture
def ask(curator, cascade):
    def make(video, /, **changes):
        return curator.post(URL, {"video": video.pk, "cascade": "night", **changes}, format="json")

    return make


@pytest.mark.django_db(transaction=True)
def test_a_run_is_asked_for_and_the_bell_is_rung(ask, queue):
    response = ask(VideoFactory())
    assert response.status_code == 201
    assert response.data["cascade"] == "night@1"
    assert (response.data["status"], response.data["progress"]["share_done"]) == ("queued", 0)
    assert response.data["recipe"]["spec"]["stages"][0]["kind"] == "motion"
    assert queue.job_ids == [f"chunk-{chunk.pk}" for chunk in Chunk.objects.all()]


def test_the_same_question_finds_the_same_run(ask, queue):
    video = VideoFactory()
    first, second, other = ask(video), ask(video), ask(video, overrides=["motion.fps=3"])
    assert (first.status_code, second.status_code, other.status_code) == (201, 200, 201)
    assert first.data["id"] == second.data["id"] != other.data["id"]


@pytest.mark.parametrize(
    "changes",
    [
        {"cascade": "nihgt"},
        {"cascade": "night@9"},
        {"cascade": "night@²"},
        {"cascade": "night@" + "9" * 30},
        {"cascade": "../night"},
        {"cascade": ""},
        {"video": 999999},
        {"video": 2**70},
        {"video": None},
        {"video": True},
        {"overrides": ["motion.fsp=5"]},
        {"overrides": ["mtion.fps=5"]},
        {"overrides": ["motion.fps"]},
        {"overrides": ["motion.fps=NaN"]},
        {"overrides": ["motion.fps=1e999"]},
        {"overrides": ["motion.fps=" + "[" * 480]},
        {"overrides": ['motion.fps="\\u0000"']},
        {"overrides": ["motion.fps=5"] * 101},
        {"overrides": "motion.fps=5"},
        {"overrides": [{}]},
    ],
)
def test_odd_questions_are_refused(ask, changes):
    response = ask(VideoFactory(), **changes)
    assert response.status_code == 400, response.data
    assert not Run.objects.exists()


def test_a_fault_in_a_setting_lists_what_is_valid(ask):
    assert "fps" in str(ask(VideoFactory(), overrides=["motion.fsp=5"]).data)
    assert "motion" in str(ask(VideoFactory(), overrides=["mtion.fps=5"]).data)
    assert "night" in str(ask(VideoFactory(), cascade="nihgt").data)


@pytest.mark.django_db(transaction=True)
def test_a_run_is_cancelled_resumed_and_done_again(ask, curator, queue):
    id_ = ask(VideoFactory()).data["id"]
    queue.empty()
    assert curator.post(f"{URL}{id_}/resume/").status_code == 409
    cancelled = curator.post(f"{URL}{id_}/cancel/")
    assert (cancelled.status_code, cancelled.data["status"]) == (200, "cancelled")
    assert queue.count == 0
    resumed = curator.post(f"{URL}{id_}/resume/")
    assert (resumed.status_code, resumed.data["status"]) == (200, "queued")
    assert queue.count == 1
    refused = curator.post(f"{URL}{id_}/rerun/")
    assert refused.status_code == 409
    assert "cancel" in refused.data["detail"]
    Run.objects.update(status="done")
    assert curator.post(f"{URL}{id_}/rerun/").data["status"] == "queued"
    assert curator.post(f"{URL}999999/cancel/").status_code == 404


def test_a_list_shows_progress_and_leaves_the_recipe_out(viewer):
    run = RunFactory(spec=SPEC, status=Run.Status.RUNNING, video__duration_s=10.0)
    Chunk.objects.create(run=run, stage_index=0, index=0, start_us=0, end_us=5_000_000, state="done")
    Chunk.objects.create(run=run, stage_index=0, index=1, start_us=5_000_000, end_us=10_000_000)
    (row,) = viewer.get(URL, {"status": "running"}).data["results"]
    assert 0 < row["progress"]["share_done"] < 1
    assert row["recipe"] is None
    assert row["video_name"] == run.video.name


@pytest.fixture
def run(db):
    run = RunFactory(spec=SPEC)
    chunk = Chunk.objects.create(run=run, stage_index=0, index=0, start_us=0, state="done")
    pts_us = np.arange(100, dtype=np.int64) * 100_000
    score = np.zeros(100, np.float32)
    score[50] = 1.0
    Track.objects.create(chunk=chunk, arrays=encode(Signals(pts_us, {"score": score, "blur": score + 2})))
    return run


def _signals(client, run, /, **query):
    return client.get(f"/api/v1/videos/{run.video_id}/signals/", query)


def test_signals_are_thinned_and_keep_their_peaks(viewer, run):
    response = _signals(viewer, run, points=10)
    assert response.data["run"] == run.pk
    found = response.data["signals"]
    assert len(found["pts_s"]) == len(found["motion"]["max"]) == 10
    assert max(found["motion"]["max"]) == 1.0
    part = _signals(viewer, run, start_s=2, end_s=3).data["signals"]
    assert min(part["pts_s"]) >= 2
    assert max(part["pts_s"]) < 3


@pytest.mark.parametrize(
    "query",
    [
        {"start_s": "NaN"},
        {"end_s": "inf"},
        {"start_s": -1},
        {"start_s": 5, "end_s": 5},
        {"points": 0},
        {"points": 10**9},
        {"run": "x"},
        {"run": 2**70},
    ],
)
def test_odd_stretches_are_refused(viewer, run, query):
    assert _signals(viewer, run, **query).status_code == 400


def test_a_video_shows_the_intervals_of_one_run(viewer, run):
    older = IntervalFactory(run=run)
    url = f"/api/v1/videos/{run.video_id}/intervals/"
    assert [row["id"] for row in viewer.get(url).data["results"]] == [older.pk]
    newer = IntervalFactory(run=RunFactory(spec=SPEC, video=run.video))
    assert [row["id"] for row in viewer.get(url).data["results"]] == [newer.pk]
    assert [row["id"] for row in viewer.get(url, {"run": run.pk}).data["results"]] == [older.pk]
    assert viewer.get(url, {"run": RunFactory(spec=SPEC).pk}).status_code == 404
    assert viewer.get(f"/api/v1/videos/{VideoFactory().pk}/intervals/").status_code == 404
    assert viewer.get(f"/api/v1/videos/{VideoFactory().pk}/signals/").status_code == 404
