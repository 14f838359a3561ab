"""In how much of the footage something was in view: who speaks for a video, and what counts twice (nothing)."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.core import track_format
from curation.core.types import Box, Observations
from curation.models import Chunk, Interval, Run, Track, Video
from curation.services.cascades import save_cascade
from curation.services.footage_shares import footage_shares
from curation.services.ingest import register
from curation.services.presence import fill_in_class_times
from tests.engine import run_cascade
from tests.factories import START, CascadeFactory, RunFactory, VideoFactory

pytestmark = pytest.mark.django_db


def done(video, cascade="people", *, classes=("person",), class_s=None, motion_s=None, minutes=0):
    """Make a done run; a later one ends more minutes after the start."""
    spec, stages = [], []
    if motion_s is not None:
        spec.append({"name": "motion", "kind": "motion"})
        stages.append({"name": "motion", "cpu_s": 1.0, "duration_s": motion_s})
    if class_s is not None:
        # The first, cheap detector sees too much; the last one has the word.
        spec.append({"name": "fast", "kind": "objects", "detector": "toy:x", "classes": list(classes)})
        spec.append({"name": "sure", "kind": "objects", "detector": "toy:x", "classes": list(classes)})
        stages.append({"name": "fast", "cpu_s": 1.0, "duration_s": 60.0, "class_s": {"person": 60.0}})
        stages.append({"name": "sure", "cpu_s": 1.0, "duration_s": 60.0, "class_s": class_s})
    return RunFactory(
        video=video,
        cascade=CascadeFactory(name=cascade),
        spec={"name": cascade, "stages": spec},
        stages=stages,
        finished_at=START + timedelta(minutes=minutes),
    )


def by_name(found):
    return {share.name: (share.seconds, share.footage_s, share.videos, share.by_the_way) for share in found.classes}


def test_seconds_are_a_share_of_the_whole_footage_that_was_searched():
    done(VideoFactory(duration_s=60), class_s={"person": 15.0, "car": 3.0}, motion_s=30.0)
    done(VideoFactory(duration_s=40), class_s={}, motion_s=0.0)
    VideoFactory(duration_s=100)
    found = footage_shares()
    assert (found.total_s, found.videos, found.done_s, found.done_videos) == (200.0, 3, 100.0, 2)
    assert (found.motion.seconds, found.motion.footage_s, found.motion.share) == (30.0, 100.0, 0.3)
    assert by_name(found) == {"person": (15.0, 100.0, 2, False), "car": (3.0, 100.0, 2, True)}
    assert found.people == found.classes[0]
    assert (found.people.share, found.runs_to_count) == (0.15, 0)


def test_the_newest_run_of_a_video_speaks_and_it_counts_once():
    video = VideoFactory(duration_s=60)
    done(video, class_s={"person": 50.0}, motion_s=50.0, minutes=1)
    done(video, class_s={"person": 10.0}, motion_s=20.0, minutes=3)
    done(video, class_s={"person": 40.0}, motion_s=40.0, minutes=2)
    found = footage_shares()
    assert (found.motion.seconds, found.motion.footage_s) == (20.0, 60.0)
    assert by_name(found) == {"person": (10.0, 60.0, 1, False)}


def test_a_run_that_looked_for_cars_does_not_say_there_was_nobody():
    both, cars_only = VideoFactory(duration_s=60), VideoFactory(duration_s=40)
    done(both, class_s={"person": 30.0, "car": 1.0}, minutes=1)
    done(both, "cars", classes=("car",), class_s={"car": 6.0}, minutes=2)
    done(cars_only, "cars", classes=("car",), class_s={"car": 4.0, "person": 40.0}, minutes=3)
    found = footage_shares()
    # person: only where it was looked for, so not the second video; car: the cars cascade in both
    assert by_name(found) == {"person": (30.0, 60.0, 1, False), "car": (10.0, 100.0, 2, False)}
    assert [share.name for share in found.classes] == ["person", "car"]


def test_a_stage_without_classes_looks_for_all():
    done(VideoFactory(duration_s=60), classes=(), class_s={"dog": 6.0})
    assert by_name(footage_shares()) == {"dog": (6.0, 60.0, 1, False)}


def test_a_class_that_was_looked_for_and_never_seen_is_a_share_of_nothing():
    done(VideoFactory(duration_s=60), classes=("person", "bear"), class_s={"person": 6.0})
    found = {share.name: share.share for share in footage_shares().classes}
    assert found == {"person": 0.1, "bear": 0.0}


def test_what_is_not_done_and_what_has_no_length_is_left_out():
    Run.objects.filter(pk=done(VideoFactory(), class_s={"person": 1.0}).pk).update(status=Run.Status.FAILED)
    done(VideoFactory(duration_s=0), class_s={"person": 1.0})
    done(VideoFactory(kind=Video.Kind.PICTURES, duration_s=9), class_s={"person": 1.0})
    RunFactory()  # as old tests make them: stages unknown
    found = footage_shares()
    assert (found.motion, found.people, found.classes, found.done_videos) == (None, None, (), 1)


def test_nothing_at_all():
    found = footage_shares()
    assert (found.total_s, found.videos, found.classes, found.motion) == (0.0, 0, (), None)


def test_more_than_the_video_lasts_is_all_of_it():
    done(VideoFactory(duration_s=60), class_s={"person": 61.0}, motion_s=61.0)
    found = footage_shares()
    assert (found.motion.share, found.people.share) == (1.0, 1.0)


def older(video=None):
    """A run from before classes' times were noted: looks, stretches, and no class_s."""
    run = RunFactory(
        video=video or VideoFactory(duration_s=60),
        cascade=CascadeFactory(name="people"),
        spec={"name": "people", "stages": [{"name": "people", "kind": "objects", "detector": "toy:x"}]},
        stages=[{"name": "people", "frames_in": 3, "frames_out": 2, "cpu_s": 1.0, "duration_s": 4.0}],
        finished_at=START,
    )
    chunk = Chunk.objects.create(run=run, stage_index=0, index=0, start_us=0, state=Chunk.State.DONE)
    boxes = [[Box("person", 0.9, 0, 0, 9, 9)], [], [Box("person", 0.4, 0, 0, 9, 9), Box("dog", 0.4, 0, 0, 9, 9)]]
    times = np.array([0, 2_000_000, 3_000_000], np.int64)
    track = Observations(times, np.array([0.9, 0.0, 0.4], np.float32), boxes, np.ones(3, np.bool_))
    Track.objects.create(chunk=chunk, arrays=track_format.encode(track))
    Interval.objects.create(run=run, stage="people", start_s=1.0, end_s=5.0, peak_s=1.0, peak_score=0.9)
    return run


def test_an_older_run_is_worked_out_from_what_it_stored_and_noted():
    run = older()
    assert by_name(footage_shares()) == {"person": (3.0, 60.0, 1, False)}
    run.refresh_from_db()
    assert run.stages[0]["class_s"] == {"person": 3.0}
    assert run.stages[0]["frames_in"] == 3
    with CaptureQueriesContext(connection) as queries:
        footage_shares()
    assert not [q for q in queries if "UPDATE" in q["sql"]]


def test_older_runs_are_worked_out_a_few_at_a_time():
    for _ in range(3):
        older()
    assert [footage_shares(fill_in=2).runs_to_count for _ in range(2)] == [1, 0]
    assert by_name(footage_shares()) == {"person": (9.0, 180.0, 3, False)}


def test_an_older_run_whose_looks_are_gone_or_strange_is_noted_as_unknown():
    gone = older()
    Track.objects.filter(chunk__run=gone).delete()
    strange = older()
    Run.objects.filter(pk=strange.pk).update(
        spec={"name": "people", "stages": [{"name": "people", "kind": "objects", "sonar": 1}]}
    )
    found = footage_shares()
    assert (found.classes, found.runs_to_count) == ((), 0)
    gone.refresh_from_db()
    assert gone.stages[0]["class_s"] is None


def test_a_run_that_is_done_again_is_left_alone():
    run = older()
    Run.objects.filter(pk=run.pk).update(status=Run.Status.RUNNING)
    fill_in_class_times(run_id=run.pk)
    fill_in_class_times(run_id=999_999)
    run.refresh_from_db()
    assert "class_s" not in run.stages[0]


def test_what_was_read_before_is_not_read_again_and_a_new_end_is():
    run = done(VideoFactory(duration_s=60), class_s={"person": 6.0})
    assert by_name(footage_shares())["person"][0] == 6.0
    with CaptureQueriesContext(connection) as queries:
        footage_shares()
    assert not [q for q in queries if '"stages"' in q["sql"]]
    stages = [run.stages[0], {**run.stages[1], "class_s": {"person": 12.0}}]
    Run.objects.filter(pk=run.pk).update(stages=stages, finished_at=START + timedelta(hours=1))
    other = done(VideoFactory(duration_s=60), class_s={"person": 1.0})
    assert by_name(footage_shares())["person"][0] == 13.0
    other.delete()
    assert by_name(footage_shares())["person"][0] == 12.0


def test_many_new_runs_are_read_in_one_query(monkeypatch):
    monkeypatch.setattr("curation.services.footage_shares.MANY_RUNS", 1)
    monkeypatch.setattr("curation.services.footage_shares.MOST_REMEMBERED", 2)
    for _ in range(3):
        done(VideoFactory(duration_s=60), class_s={"person": 6.0})
    assert [by_name(footage_shares())["person"][0] for _ in range(2)] == [18.0, 18.0]


def test_a_few_queries_whatever_the_number_of_runs():
    for _ in range(5):
        done(VideoFactory(), class_s={"person": 1.0})
    footage_shares()
    with CaptureQueriesContext(connection) as queries:
        footage_shares()
    assert len(queries) == 3  # and the operating conditions'


@pytest.mark.slow
def test_a_real_run_notes_what_was_seen_and_for_how_long(tiny_footage, media, shared_data):
    detector = f"yolox_onnx:{shared_data / 'weights' / 'yolox_nano.onnx'}"
    scores = "score: 0.3, stop_score: 0.15, unsure_score: 0.1"
    stages = f"[{{kind: motion}}, {{kind: objects, detector: '{detector}', {scores}}}]"
    video = register(path=tiny_footage, name="tiny.mp4", camera="yard").video
    run = run_cascade(video, save_cascade(text=f"name: seen\nstages: {stages}\n"))
    motion, objects = run.stages
    assert "class_s" not in motion
    assert 0 < objects["class_s"]["person"] <= objects["duration_s"] + 0.001
    noted = footage_shares()
    assert noted.people.seconds == objects["class_s"]["person"]
    assert 0 < noted.people.share <= noted.motion.share < 1
    Run.objects.update(stages=[motion, {k: v for k, v in objects.items() if k != "class_s"}])
    assert footage_shares() == noted  # worked out from what is stored it is the same
