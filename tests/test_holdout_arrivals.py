"""What comes after a lock: later runs over held footage, the same footage again, and frames stored meanwhile."""

import threading

import av
import numpy as np
import pytest
from django.db import connection, transaction

from curation.backends.embed import load_embedder
from curation.models import DatasetVersion, Embedding, Frame, HeldFrame, Keep, Run
from curation.services.cascades import save_cascade
from curation.services.datasets import create_version
from curation.services.holdout import HoldoutError, guard_new, lock_version
from curation.services.ingest import register
from curation.services.keeping import Kept, KeptFrame, image_key, store_kept
from curation.services.runs import rerun
from tests.engine import do_run, run_cascade
from tests.factories import EmbeddingFactory, FrameFactory, RunFactory, VideoFactory

DESCRIPTOR = load_embedder("descriptor")
CASCADE = """
name: {name}
stages:
- {{kind: motion, fps: 5, gap_s: 0.5}}
- {{kind: embed, embedder: descriptor}}
keep: {{fps: {fps}}}
"""


def cascade(name, *, fps):
    return save_cascade(text=CASCADE.format(name=name, fps=fps))


def encode_again(source, target, *, width_px, height_px, crf):
    """Write the same pictures anew: other size, other quality, other bytes."""
    with av.open(str(source)) as read, av.open(str(target), "w") as write:
        given = read.streams.video[0]
        stream = write.add_stream("libx264", rate=given.average_rate)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        stream.options = {"crf": str(crf)}
        for picture in read.decode(given):
            smaller = picture.reformat(width_px, height_px, "yuv420p")
            smaller.pts = picture.pts
            smaller.time_base = picture.time_base
            write.mux(stream.encode(smaller))
        write.mux(stream.encode())
    return target


@pytest.fixture
def world(media, tiny_footage, settings, tmp_path, db):
    """Twenty seconds of footage, run over, and a hold-out of one of its frames that takes four of them."""
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"
    video = register(path=tiny_footage, name="tiny.mp4", camera="gate").video
    run = run_cascade(video, cascade("sparse", fps=1))
    frames = list(Frame.objects.order_by("pts_us"))
    assert len(frames) >= 6, run.error
    member = frames[len(frames) // 2]
    version = create_version(dataset="final", frame_ids=[member.pk])
    lock_version(version, user=None, block_s=2, margin_s=1, min_similarity=0.98, max_bits=2, allow_uncompared=False)
    return video, run, member


def held_spans():
    blocks = DatasetVersion.objects.get(locked_at__isnull=False).blocks
    return list(blocks.values_list("video_id", "start_us", "end_us"))


def is_within(frame, spans):
    return any(video == frame.video_id and start <= frame.pts_us < end for video, start, end in spans)


@pytest.mark.slow
def test_a_later_run_over_held_footage_keeps_nothing_free_there(world):
    video, _, _ = world
    before = Frame.objects.count()
    later = run_cascade(video, cascade("dense", fps=5))
    assert later.status == Run.Status.DONE
    assert Frame.objects.count() > before
    spans = held_spans()
    inside = [frame for frame in Frame.objects.filter(video=video) if is_within(frame, spans)]
    assert len(inside) > 3
    assert all(frame.held_out for frame in inside)


@pytest.mark.slow
def test_rerunning_what_kept_them_frees_nothing(world):
    _, run, member = world
    held = set(Frame.objects.filter(held_out=True).values_list("pk", flat=True))
    do_run(rerun(run=run))
    assert held <= set(Frame.objects.filter(held_out=True).values_list("pk", flat=True))
    assert Keep.objects.filter(frame=member).exists()
    do_run(rerun(run=run), seed=3)
    assert held <= set(Frame.objects.filter(held_out=True).values_list("pk", flat=True))


@pytest.mark.slow
def test_the_same_footage_encoded_again_gives_nothing_away(world, tiny_footage, tmp_path):
    """Neither the bytes nor the size nor the recording time are the same, and other moments are kept."""
    video, _, member = world
    again = encode_again(tiny_footage, tmp_path / "again.mp4", width_px=256, height_px=144, crf=30)
    copy = register(path=again, name="holiday.mp4", camera="phone").video
    assert copy.sha256 != video.sha256
    done = run_cascade(copy, cascade("sparse", fps=1))
    run_cascade(copy, cascade("dense", fps=5))
    assert done.status == Run.Status.DONE
    near = Frame.objects.filter(video=copy, pts_us__gte=member.pts_us - 500_000, pts_us__lte=member.pts_us + 500_000)
    assert near.exists()
    assert set(near.values_list("held_out", flat=True)) == {True}
    # It is known for a copy, so its whole stretch is held, whatever a frame there looks like.
    assert copy.pk in {video_id for video_id, _, _ in held_spans()}
    free = list(Frame.objects.filter(video=copy, held_out=False))
    assert not any(is_within(frame, held_spans()) for frame in free)


def vectors(direction):
    found = np.zeros((1, DESCRIPTOR.dimension), np.float32)
    found[0, direction] = 1.0
    return found


def kept(run, pts_us, *, direction, phash=0):
    frame = KeptFrame(
        pts_us=pts_us, reason="rate", image=image_key(run.video, pts_us), width_px=64, height_px=36, tags=(), boxes=(),
        vectors={"descriptor": (vectors(direction), np.zeros((0, DESCRIPTOR.dimension), np.float32))}, phash=phash,
    )  # fmt: skip
    return Kept([frame], stage="motion", cpu_s=0.1)


def locked_like(direction):
    """Lock a frame that has the direction."""
    video = VideoFactory(duration_s=600.0)
    with transaction.atomic():
        store_kept(run=RunFactory(video=video), kept=kept(RunFactory(video=video), 0, direction=direction))
    member = Frame.objects.get(video=video)
    return lock_version(create_version(dataset="final", frame_ids=[member.pk]), user=None), member


@pytest.mark.usefixtures("media", "db")
def test_what_a_run_stores_is_judged_before_it_is_seen():
    _, member = locked_like(3)
    run = RunFactory(video=VideoFactory())
    for pts_us, direction in ((0, 3), (1_000_000, 4)):
        with transaction.atomic():
            store_kept(run=run, kept=kept(run, pts_us, direction=direction))
    assert dict(Frame.objects.filter(video=run.video).values_list("pts_us", "held_out")) == {0: True, 1_000_000: False}
    assert HeldFrame.objects.get(frame__video=run.video).like == member


@pytest.mark.usefixtures("media", "db")
def test_an_old_frame_that_gets_a_vector_by_a_rerun_is_judged_anew():
    locked_like(3)
    frame = FrameFactory(video=VideoFactory(), pts_us=0)
    assert guard_new([frame.pk]) == 0
    run = RunFactory(video=frame.video)
    with transaction.atomic():
        store_kept(run=run, kept=kept(run, 0, direction=3))
    frame.refresh_from_db()
    assert frame.held_out


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("media")
def test_a_lock_and_a_run_that_stores_at_the_same_moment_do_not_miss_each_other():
    """The run has stored its frame and not committed; the lock must wait for it, or the run for the lock."""
    member = FrameFactory(video=VideoFactory(duration_s=600.0), pts_us=0, phash=5)
    version = create_version(dataset="final", frame_ids=[member.pk])
    run = RunFactory(video=member.video)
    stored, locked, failures = threading.Event(), threading.Event(), []

    def store():
        try:
            with transaction.atomic():
                store_kept(run=run, kept=kept(run, 1_000_000, direction=3))
                stored.set()
                assert not locked.wait(timeout=1), "the lock went ahead of a frame that it cannot see"
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    def lock():
        try:
            stored.wait(timeout=10)
            lock_version(version, user=None)
            locked.set()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=store), threading.Thread(target=lock)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(Frame.objects.values_list("held_out", flat=True)) == {True}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("media")
def test_a_version_that_is_made_during_a_lock_waits_for_it():
    frame = FrameFactory(video=VideoFactory(), phash=5)
    version = create_version(dataset="final", frame_ids=[frame.pk])
    locking, failures = threading.Event(), []

    def lock():
        try:
            with transaction.atomic():
                lock_version(version, user=None)
                locking.set()
                threading.Event().wait(0.5)
        finally:
            connection.close()

    def create():
        try:
            locking.wait(timeout=10)
            create_version(dataset="gate", frame_ids=[frame.pk])
        except HoldoutError as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=lock), threading.Thread(target=create)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [error.code for error in failures] == ["held"]


@pytest.mark.usefixtures("media", "db")
def test_a_lock_sees_vectors_of_every_kind():
    _, member = locked_like(3)
    assert Embedding.objects.filter(frame=member).count() == 1
    other = FrameFactory(video=VideoFactory())
    EmbeddingFactory(frame=other, embedder__name="clip:x", vector=[1, 0, 0, 0])
    EmbeddingFactory(frame=member, embedder__name="clip:x", vector=[1, 0, 0, 0])
    assert guard_new([other.pk]) == 1
