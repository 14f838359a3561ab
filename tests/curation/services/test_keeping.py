"""Kept frames: rows written once, effective tags merged, orphans gone with their pictures."""

import threading
from contextlib import suppress

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from curation.backends import storage
from curation.backends.embed import load_embedder
from curation.core.types import Box, Tag
from curation.models import Detection, Embedding, Frame, Keep, Run
from curation.services.cameras import change_attributes
from curation.services.keeping import Kept, KeptFrame, image_key, store_kept, tidy_frames
from curation.services.layers import refresh_tags
from tests.factories import (
    AnnotationFactory,
    CameraFactory,
    DatasetFrameFactory,
    FrameFactory,
    KeepFactory,
    RunFactory,
    TagEditFactory,
    VideoFactory,
)

DESCRIPTOR = load_embedder("descriptor")


@pytest.fixture
def run(db):
    return RunFactory(status=Run.Status.RUNNING)


def vectors(count):
    found = np.zeros((count, DESCRIPTOR.dimension), np.float32)
    found[:, 0] = 1.0
    return found


def kept(run, *pts_us, tags=(), boxes=1, embed=True):
    """What an attempt made of some frames of a run's video."""
    seen = [Box("person", 0.9 - n / 10, 1.0, 2.0, 30.0, 40.0) for n in range(boxes)]
    return Kept(
        [
            KeptFrame(
                pts_us=pts,
                reason="rate",
                image=image_key(run.video, pts),
                width_px=640,
                height_px=360,
                tags=tags or [Tag("people", boxes, "model", "yolox_onnx:x", 0.9)],
                boxes=seen,
                vectors={"descriptor": (vectors(1), vectors(boxes))} if embed else {},
            )
            for pts in pts_us
        ],
        stage="people",
        cpu_s=0.1,
    )


def store(run, found):
    with transaction.atomic():
        store_kept(run=run, kept=found)


def test_frames_are_stored_with_all_that_belongs_to_them(run):
    store(run, kept(run, 0, 1_000_000, boxes=2))
    first, second = Frame.objects.order_by("pts_us")
    assert (first.pts_us, second.pts_us) == (0, 1_000_000)
    assert second.recorded_at == run.video.at(1_000_000)
    assert first.camera == run.video.camera
    assert first.tags == {"people": 2}
    assert first.evidence == {"people": {"source": "model", "by": "yolox_onnx:x", "confidence": 0.9}}
    assert Keep.objects.filter(run=run).count() == 2
    assert [(d.stage, d.label, d.score) for d in first.detections.all()] == [
        ("people", "person", 0.9), ("people", "person", 0.8),
    ]  # fmt: skip
    assert Embedding.objects.filter(frame=first, detection=None).count() == 1
    assert Embedding.objects.filter(frame=first, detection__isnull=False).count() == 2


def test_nothing_kept_is_no_error(run):
    store(run, kept(run))
    assert not Frame.objects.exists()


def test_a_second_attempt_doubles_nothing_and_keeps_the_ids(run):
    store(run, kept(run, 0, 1_000_000, boxes=2))
    before = list(Frame.objects.order_by("pts_us").values_list("id", flat=True))
    store(run, kept(run, 0, 1_000_000, boxes=1))
    assert list(Frame.objects.order_by("pts_us").values_list("id", flat=True)) == before
    assert (Keep.objects.count(), Detection.objects.count(), Embedding.objects.count()) == (2, 2, 4)
    assert {frame.tags["people"] for frame in Frame.objects.all()} == {1}


def test_two_runs_share_a_frame_and_nothing_else(run):
    other = RunFactory(video=run.video)
    store(run, kept(run, 0, boxes=2))
    store(other, kept(other, 0, boxes=1))
    frame = Frame.objects.get()
    assert {keep.run_id for keep in frame.keeps.all()} == {run.pk, other.pk}
    assert (run.detections.count(), other.detections.count()) == (2, 1)
    store(run, kept(run, 0, boxes=3))
    assert (run.detections.count(), other.detections.count()) == (3, 1)
    assert Embedding.objects.filter(frame=frame, detection=None).count() == 1


def test_storing_takes_as_many_queries_for_many_frames_as_for_few(run):
    store(run, kept(run, 900_000_000))  # the embedder's row is made
    counts = []
    for start_us, count in ((0, 2), (100_000_000, 40)):
        with CaptureQueriesContext(connection) as queries:
            store(run, kept(run, *(start_us + n * 1_000_000 for n in range(count)), boxes=2))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_word_that_weighs_more_stands(db):
    frame = FrameFactory(camera=CameraFactory(attributes={"indoor": False, "location": "gate"}))
    for source, value in (("rule", True), ("tagger", "late and weaker")):
        KeepFactory(frame=frame, tags={"indoor": value}, evidence={"indoor": {"source": source}})
    refresh_tags([frame])
    frame.refresh_from_db()
    assert frame.tags == {"indoor": True, "location": "gate"}
    assert frame.evidence["indoor"]["source"] == "rule"
    assert frame.evidence["location"]["source"] == "camera"


def test_a_persons_word_stands_over_all(db):
    frame = FrameFactory()
    KeepFactory(frame=frame, tags={"people": 1}, evidence={"people": {"source": "human"}})
    KeepFactory(frame=frame, tags={"people": 2}, evidence={"people": {"source": "model"}})
    refresh_tags([frame])
    frame.refresh_from_db()
    assert frame.tags == {"people": 1}


def test_of_equals_the_later_run_stands(db):
    frame = FrameFactory()
    for people in (1, 2):
        KeepFactory(frame=frame, tags={"people": people}, evidence={"people": {"source": "model"}})
    refresh_tags([frame])
    frame.refresh_from_db()
    assert frame.tags == {"people": 2}


def test_a_changed_camera_changes_the_tags_of_its_frames(run):
    store(run, kept(run, 0))
    change_attributes(camera=run.video.camera, attributes={"location": "yard", "nested": {"no": "tag"}})
    frame = Frame.objects.get()
    assert frame.tags == {"people": 1, "location": "yard"}
    change_attributes(camera=run.video.camera, attributes={})
    frame.refresh_from_db()
    assert frame.tags == {"people": 1}


@pytest.fixture
def pictured(media, run):
    """Two frames that a run keeps, with their pictures."""
    found = kept(run, 0, 1_000_000)
    for frame in found.frames:
        storage.put_bytes(frame.image, b"picture")
    store(run, found)
    return [frame.image for frame in found.frames]


def tidy(run, *, commit=True):
    with transaction.atomic():
        tidy_frames(run=run)
        transaction.set_rollback(not commit)


def test_orphans_go_with_their_pictures(media, run, pictured, django_capture_on_commit_callbacks):
    Keep.objects.filter(frame__pts_us=0).delete()
    with django_capture_on_commit_callbacks(execute=True):
        tidy(run)
    assert [frame.pts_us for frame in Frame.objects.all()] == [1_000_000]
    assert [path.name for path in media.rglob("*.jpg")] == ["000001000000.jpg"]


def test_pictures_stay_when_the_deletion_is_taken_back(run, pictured):
    Keep.objects.all().delete()
    tidy(run, commit=False)
    assert Frame.objects.count() == 2
    assert storage.read_bytes(pictured[0]) == b"picture"


def test_frames_that_another_run_keeps_stay(run, pictured):
    other = RunFactory(video=run.video)
    store(other, kept(other, 0))
    Keep.objects.filter(run=run).delete()
    tidy(run)
    assert [frame.pts_us for frame in Frame.objects.all()] == [0]


@pytest.mark.parametrize("status", [Run.Status.QUEUED, Run.Status.RUNNING])
def test_orphans_stay_while_another_run_may_be_about_to_keep_them(run, pictured, status):
    other = RunFactory(video=run.video, status=status)
    Keep.objects.all().delete()
    tidy(run)
    assert Frame.objects.count() == 2
    tidy(other)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.DONE)
    tidy(other)
    assert Frame.objects.count() == 0


def test_a_frame_loses_the_tags_of_a_run_that_does_not_keep_it_any_more(run):
    other = RunFactory(video=run.video)
    store(other, kept(other, 0, tags=[Tag("people", 1, "model", "m"), Tag("shoes", 1, "model", "m")]))
    store(run, kept(run, 0, tags=[Tag("hats", 2, "model", "m"), Tag("people", 2, "model", "m")]))
    Keep.objects.filter(run=run).delete()
    tidy(run)
    assert Frame.objects.get().tags == {"people": 1, "shoes": 1}


def test_other_videos_keep_their_orphans(run):
    other = FrameFactory()
    tidy(run)
    assert list(Frame.objects.all()) == [other]


def test_pictures_stand_in_order_of_time(db):
    video = VideoFactory(camera=CameraFactory(name="gate"))
    keys = [image_key(video, pts) for pts in (0, 999, 1_000_000, 3_600_000_000, 86_400_000_000)]
    assert keys == sorted(keys)
    assert keys[0] == f"frames/gate/2026/01/05/{video.sha256[:16]}/000000000000.jpg"


@pytest.mark.django_db(transaction=True)
def test_two_runs_that_keep_one_frame_at_once_lose_no_tag():
    """Both read what keeps the frame and write the merged tags: the later one must see what the earlier one wrote."""
    video = VideoFactory()
    runs = {name: RunFactory(video=video) for name in ("known", "first", "second")}
    both_read, failures = threading.Barrier(2), []

    def meet_before_reading(execute, sql, params, many, context):
        if sql.startswith("SELECT") and 'FROM "curation_keep"' in sql and "ORDER BY" in sql:
            with suppress(threading.BrokenBarrierError):
                both_read.wait(timeout=1)
        return execute(sql, params, many, context)

    def keep(name):
        try:
            with connection.execute_wrapper(meet_before_reading):
                store(runs[name], kept(runs[name], 0, tags=[Tag(name, 1, "tagger", "t")], embed=False))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    store(runs["known"], kept(runs["known"], 0, tags=[Tag("known", 1, "tagger", "t")], embed=False))
    threads = [threading.Thread(target=keep, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Frame.objects.get().tags == {"known": 1, "first": 1, "second": 1}


def test_what_people_worked_on_and_datasets_rest_on_stays(run):
    store(run, kept(run, *(n * 1_000_000 for n in range(6))))
    member, annotated, labelled, edited, held, orphan = Frame.objects.order_by("pts_us")
    DatasetFrameFactory(frame=member)
    Frame.objects.filter(pk=annotated.pk).update(annotated_at=run.created_at)
    AnnotationFactory(frame=labelled)
    TagEditFactory(frame=edited)
    Frame.objects.filter(pk=held.pk).update(held_out=True)
    Keep.objects.all().delete()
    tidy(run)
    assert set(Frame.objects.values_list("pk", flat=True)) == {
        f.pk for f in (member, annotated, labelled, edited, held)
    }
    assert not Frame.objects.filter(pk=orphan.pk).exists()
