"""The engine: stages are settled in turn, and everything follows from the last chunk of each."""

from dataclasses import replace

import numpy as np
import pytest

from curation.core.errors import RunError
from curation.core.spec import parse
from curation.core.stages.contract import EVER
from curation.core.types import Box, Observations, Signals
from curation.models import Chunk, Interval, Run, Track
from curation.services.cascade import hand_in_seen
from curation.services.cascades import find, save_spec
from curation.services.claims import claim
from curation.services.ingest import register
from curation.services.looking import Seen, before_stage
from curation.services.runs import due_chunks, request_run
from tests.engine import do_run, rows_of, run_cascade
from tests.factories import VideoFactory

SPEC = parse(
    {
        "name": "two",
        "stages": [
            {"name": "motion", "kind": "motion", "window_s": 0, "nearest_s": 0.05},
            {"name": "apples", "kind": "objects", "detector": "yolox_onnx:none.onnx", "classes": ["apple"]},
        ],
    }
)


@pytest.fixture
def run(db, settings):
    """A run of two stages over 40 s, in two chunks of 20 s."""
    settings.WINNOW_CHUNK_S = 20
    video = VideoFactory(duration_s=40.0)
    return request_run(video=video, cascade=save_spec(spec=SPEC))[0]


def signals(run, index, moving_s):
    """Ten looks a second over a chunk, moving in some seconds of the video."""
    times = np.arange(index * 20_000_000, (index + 1) * 20_000_000, 100_000, np.int64)
    score = np.array([5.0 if t // 1_000_000 in moving_s else 0.0 for t in times], np.float32)
    values = {name: np.zeros(len(times), np.float32) for name in ("brightness", "contrast", "blur")}
    return Seen(Signals(times, {"score": score, **values}), 200, 200, 1, 0.5)


def hand_in(seen):
    """Hand in the next due chunk."""
    return hand_in_seen(claim(due_chunks()[0], worker="test"), seen, spec=SPEC)


def looks(*scores_at, weights=None):
    """What an objects stage saw: (seconds, score)."""
    times = np.array([round(s * 1e6) for s, _ in scores_at], np.int64)
    scores = np.array([score for _, score in scores_at], np.float32)
    boxes = [[Box("apple", float(s), 0, 0, 9, 9)] if s else [] for s in scores]
    track = Observations(times, scores, boxes, np.ones(len(times), np.bool_))
    return Seen(track, len(times), 0, 0, 0.25, weights or {})


def test_a_stage_is_settled_by_its_last_chunk(run):
    assert hand_in(signals(run, 0, range(5, 9))) is False
    run.refresh_from_db()
    assert (run.status, run.stage_index) == (Run.Status.RUNNING, 0)
    assert not Interval.objects.exists()
    assert hand_in(signals(run, 1, range(30, 33))) is True
    run.refresh_from_db()
    assert run.stage_index == 1
    found = Interval.objects.filter(run=run, stage="motion")
    assert [i.start_s for i in found] == [5.0, 30.0]
    assert [i.end_s for i in found] == pytest.approx([9.0, 33.0], abs=0.11)
    assert [i.peak_score for i in found] == [5.0, 5.0]
    (stage,) = run.stages
    assert (stage["name"], stage["frames_in"], stage["cpu_s"]) == ("motion", 400, 1.0)
    assert stage["duration_s"] == pytest.approx(7.0, abs=0.21)
    assert stage["frames_out"] == pytest.approx(10 * stage["duration_s"], abs=1)


def test_what_was_decoded_is_added_up(run):
    for index in (0, 1):
        hand_in(signals(run, index, ()))
    run.video.refresh_from_db()
    assert (run.video.decoded_frames, run.video.decode_errors) == (400, 2)


def test_a_stretch_across_a_cut_is_one(run):
    hand_in(signals(run, 0, range(18, 20)))
    hand_in(signals(run, 1, range(20, 23)))
    assert Interval.objects.filter(run=run).count() == 1


def test_the_next_stage_is_cut_at_its_surveys(run):
    for index in (0, 1):
        hand_in(signals(run, index, range(5, 9)))
    (chunk,) = run.chunks.filter(stage_index=1)
    assert (chunk.start_us, chunk.end_us, chunk.state) == (0, None, Chunk.State.PENDING)


def test_a_stage_sees_only_what_the_one_before_let_through(run):
    for index in (0, 1):
        hand_in(signals(run, index, range(5, 9)))
    before = before_stage(run=run, spec=SPEC, stage_index=1, span=EVER)
    (moving,) = before.moving
    assert (moving.start_us, round(moving.end_us, -5)) == (5_000_000, 9_000_000)
    assert before.follows_dense
    assert len(before.pts_us) == 400
    assert len(before.dropped) == 0


def test_an_end_with_nothing_to_keep_ends_the_run(run):
    for index in (0, 1):
        hand_in(signals(run, index, range(5, 9)))
    assert hand_in(looks((5.0, 0.0), (6.0, 0.0))) is False
    run.refresh_from_db()
    assert (run.status, run.frames_kept, run.stage_index) == (Run.Status.DONE, 0, 2)
    assert run.finished_at is not None
    assert [stage["name"] for stage in run.stages] == ["motion", "apples"]


def test_frames_to_keep_are_planned_a_chunk_at_a_time(run):
    hand_in(signals(run, 0, range(5, 20)))
    hand_in(signals(run, 1, range(20, 30)))
    assert hand_in(looks(*((s / 2, 0.9) for s in range(10, 60)))) is True
    plans = run.chunks.filter(stage_index=2)
    assert [(c.index, c.start_us, c.end_us) for c in plans] == [(0, 0, 20_000_000), (1, 20_000_000, 40_000_000)]
    for chunk in plans:
        assert all(chunk.start_us <= int(pts) < chunk.end_us for pts in chunk.plan)
    kept = [int(pts) for chunk in plans for pts in chunk.plan]
    assert kept == [s * 1_000_000 for s in range(5, 30)]


def test_weights_are_noted_and_may_not_change_in_mid_run(run):
    for index in (0, 1):
        hand_in(signals(run, index, range(5, 9)))
    Run.objects.filter(pk=run.pk).update(weights={"yolox_onnx:none.onnx": "a" * 64})
    taken = claim(due_chunks()[0], worker="test")
    with pytest.raises(RunError, match="changed while the run was under way"):
        hand_in_seen(taken, looks((5.0, 0.9), weights={"yolox_onnx:none.onnx": "b" * 64}), spec=SPEC)
    assert not Track.objects.filter(chunk=taken.chunk_id).exists()
    hand_in_seen(taken, looks((5.0, 0.9), weights={"yolox_onnx:none.onnx": "a" * 64}), spec=SPEC)
    run.refresh_from_db()
    assert run.weights == {"yolox_onnx:none.onnx": "a" * 64}


def test_an_attempt_that_fails_at_the_end_leaves_nothing(run):
    """The last chunk of a stage carries everything that follows: all of it or nothing."""
    hand_in(signals(run, 0, range(5, 9)))
    taken = claim(due_chunks()[0], worker="test")
    broken = replace(SPEC, filters={"motion": SPEC.filters["motion"], "apples": None})
    with pytest.raises(AttributeError):
        hand_in_seen(taken, signals(run, 1, ()), spec=broken)
    run.refresh_from_db()
    assert (run.stage_index, run.stages) == (0, [])
    assert not Interval.objects.exists()
    assert run.chunks.filter(state=Chunk.State.DONE).count() == 1
    assert hand_in_seen(taken, signals(run, 1, ()), spec=SPEC) is True


@pytest.fixture
def tiny(tiny_footage, media, db, settings):
    settings.WINNOW_CHUNK_S = 5
    return register(path=tiny_footage, name="tiny.mp4", camera="yard").video


def test_motion_over_real_files_keeps_tagged_frames(tiny):
    run = run_cascade(tiny, find("motion"))
    found = rows_of(run)
    assert (found["status"], found["decoded"]) == ("done", (200, 0))
    assert [stage["name"] for stage in found["stages"]] == ["motion", "embed"]
    assert found["stages"][0]["frames_in"] == 200
    assert len(found["keeps"]) == found["frames_kept"] == found["stages"][1]["frames_out"] > 5
    for pts_us, _, tags, evidence, *_ in found["keeps"]:
        assert any(i["start_s"] <= pts_us / 1e6 < i["end_s"] for i in found["intervals"])
        assert {"lighting", "blurriness", "resolution", "motion"} <= set(tags) == set(evidence)
        assert "people" not in tags  # nobody looked for any
    assert {tags["lighting"] for _, _, tags, *_ in found["keeps"]} >= {"normal", "dark"}
    assert len(found["embeddings"]) == found["frames_kept"]


def test_the_peak_of_every_stretch_is_kept(tiny):
    found = rows_of(run_cascade(tiny, find("motion")))
    peaks = {round(i["peak_s"] * 1e6) for i in found["intervals"]}
    assert {pts_us for pts_us, reason, *_ in found["keeps"] if reason == "peak"} == peaks


def test_a_second_attempt_at_every_chunk_changes_nothing(tiny):
    expected = rows_of(run_cascade(tiny, find("motion")))
    Run.objects.all().delete()
    run, _ = request_run(video=tiny, cascade=find("motion"))
    while due := due_chunks():
        claim(due[0], worker="dies")
        Chunk.objects.filter(pk=due[0]).update(lease_until=None, state=Chunk.State.PENDING)
        do_run(run, steps=1)
    assert rows_of(do_run(run)) == expected
    assert set(run.chunks.values_list("attempt", flat=True)) == {2}
