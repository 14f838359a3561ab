"""The leakage report: across splits, in time, by group, and against hold-outs."""

import pytest

from curation.core.errors import SpecError
from curation.core.sides import Asked
from curation.models import Frame, Video
from curation.services.holdout import lock_version
from curation.services.leakage import leakage_of, summary_of
from curation.services.manifests import Member
from tests.factories import (
    DatasetFrameFactory,
    DatasetVersionFactory,
    EmbedderFactory,
    EmbeddingFactory,
    FrameFactory,
    VideoFactory,
)

pytestmark = pytest.mark.django_db
DIRECTIONS = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def version_of(*members):
    """members are (frame, split) or (frame, split, group)."""
    version = DatasetVersionFactory(frame_count=len(members))
    for frame, split, *group in members:
        DatasetFrameFactory(version=version, frame=frame, split=split, group=group[0] if group else "")
    return version


def frame_of(vector=None, **values):
    frame = FrameFactory(**values)
    if vector:
        EmbeddingFactory(frame=frame, vector=vector)
    return frame


def test_a_version_without_leaks_says_what_was_looked_at():
    frames = [frame_of(vector) for vector in DIRECTIONS]
    found = leakage_of(version_of(*zip(frames, ("train", "train", "val", "test"), strict=True)))
    assert found.is_clean
    assert (found.splits, found.checked.embedder, found.checked.with_vector) == (
        {"train": 2, "val": 1, "test": 1}, "descriptor", 4,
    )  # fmt: skip
    assert [(one.left, one.right, one.closest) for one in found.between] == [
        ("train", "val", 0.0), ("train", "test", 0.0), ("val", "test", 0.0),
    ]  # fmt: skip


def test_look_alikes_and_neighbours_are_found():
    video = VideoFactory()
    frames = [frame_of(DIRECTIONS[0]), frame_of([0.97, 0.24, 0, 0]), frame_of(None, video=video, pts_us=0),
              frame_of(None, video=video, pts_us=9_000_000)]  # fmt: skip
    found = leakage_of(version_of(*zip(frames, ("train", "test", "train", "test"), strict=True)))
    assert not found.is_clean
    assert [(leak.kind, leak.left, leak.right) for leak in found.leaks] == [
        ("alike", frames[0].pk, frames[1].pk), ("time", frames[2].pk, frames[3].pk),
    ]  # fmt: skip
    assert found.leaks[1].seconds == 9.0
    assert found.checked.uncompared == 2
    assert found.between[0].videos == 1
    assert leakage_of(version_of((frames[0], "train"), (frames[1], "test")), Asked(min_similarity=0.98)).is_clean


def test_pictures_that_only_have_an_order_are_no_neighbours_in_time():
    folder = VideoFactory(kind=Video.Kind.PICTURES, fps=0.0, recorded_at=None)
    frames = [frame_of(None, video=folder, pts_us=n) for n in range(2)]
    assert leakage_of(version_of((frames[0], "train"), (frames[1], "test"))).is_clean
    Video.objects.update(fps=1.0)  # a sequence
    assert leakage_of(version_of((frames[0], "train"), (frames[1], "test"))).found == 1


def test_the_hash_speaks_where_there_are_no_vectors():
    frames = [frame_of(None, phash=7), frame_of(None, phash=6)]
    found = leakage_of(version_of((frames[0], "train"), (frames[1], "val")))
    assert [(leak.kind, leak.bits) for leak in found.leaks] == [("hash", 1)]
    assert found.checked.embedder == ""
    assert "no frame has a vector" in found.summary()


def test_groups_on_both_sides_are_named():
    frames = [frame_of(vector) for vector in DIRECTIONS[:3]]
    found = leakage_of(version_of((frames[0], "train", "a"), (frames[1], "test", "a"), (frames[2], "test", "b")))
    assert found.torn_groups == ["a"]
    assert not found.is_clean


def test_a_version_without_splits_is_compared_with_hold_outs():
    held, alike, other = frame_of(DIRECTIONS[0]), frame_of([1, 0.5, 0, 0]), frame_of(DIRECTIONS[2])
    holdout = lock_version(version_of((held, "")), user=None)
    version = version_of((alike, "train"), (other, "test"))
    assert leakage_of(version).is_clean
    EmbeddingFactory(frame=held, embedder=EmbedderFactory(name="b"), vector=DIRECTIONS[0])
    EmbeddingFactory(frame=alike, embedder=EmbedderFactory(name="b"), vector=DIRECTIONS[0])
    found = leakage_of(version)
    assert found.holdouts == {str(holdout): 1}
    assert (found.leaks[0].kind, found.leaks[0].left_split, found.leaks[0].right) == (
        "holdout", str(holdout), alike.pk,
    )  # fmt: skip
    assert found.leaks[0].similarity == pytest.approx(1.0, abs=1e-3)


def test_frames_that_a_later_lock_holds_are_counted():
    frame, other = frame_of(DIRECTIONS[0]), frame_of(DIRECTIONS[1])
    before = version_of((frame, "test"), (other, "train"))
    holdout = lock_version(version_of((frame, "")), user=None)
    found = leakage_of(before)
    assert (found.held_out, found.is_clean) == (1, False)
    assert "1 frames are held out by now" in found.summary()
    assert leakage_of(holdout).is_clean


def test_leaks_are_cut_short_but_counted():
    frames = [frame_of(DIRECTIONS[0]) for _ in range(6)]
    version = version_of(*zip(frames, ("train", *["test"] * 5), strict=True))
    found = leakage_of(version, Asked(limit=2))
    assert (len(found.leaks), found.found, found.between[0].share) == (2, 5, 1.0)


def test_an_unknown_embedder_is_refused_with_those_there_are():
    frame_of(DIRECTIONS[0])
    with pytest.raises(SpecError, match="There are: descriptor"):
        leakage_of(version_of((FrameFactory(), "train")), Asked(embedder="clip:x"))


def test_an_empty_version_and_a_large_one(monkeypatch):
    assert leakage_of(version_of()).is_clean
    monkeypatch.setattr("curation.services.leakage.MOST_AT_ONCE", 1)
    said = summary_of([Member(1, "train"), Member(2, "test")])
    assert "manage.py dataset leakage" in said["summary"]
    assert Frame.objects.count() == 0
