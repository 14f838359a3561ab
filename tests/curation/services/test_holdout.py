"""What a lock keeps away, and why; frames that come later; the ledger."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Frame, HeldFrame, HoldoutBlock, Video
from curation.services.holdout import (
    HoldoutError,
    foresee,
    free,
    guard_all,
    guard_new,
    guard_others,
    lock_version,
    record_use,
    refuse_held,
)
from tests.factories import (
    START,
    CameraFactory,
    CascadeFactory,
    DatasetFrameFactory,
    DatasetVersionFactory,
    EmbedderFactory,
    EmbeddingFactory,
    FrameFactory,
    IntervalFactory,
    RunFactory,
    VideoFactory,
)

pytestmark = pytest.mark.django_db
MINUTE_US = 60_000_000


@pytest.fixture
def video():
    return VideoFactory(duration_s=600.0)


def at(video, seconds, **values):
    return FrameFactory(video=video, pts_us=round(seconds * 1e6), **values)


def version_of(*frames, split="test", **values):
    version = DatasetVersionFactory(frame_count=len(frames), **values)
    for frame in frames:
        DatasetFrameFactory(version=version, frame=frame, split=split)
    return version


def lock(*frames, **settings):
    return lock_version(version_of(*frames), user=None, **settings)


def reasons(version):
    return dict(HeldFrame.objects.filter(version=version).values_list("frame_id", "reason"))


def held():
    return set(Frame.objects.filter(held_out=True).values_list("id", flat=True))


def test_a_lock_takes_the_frames_and_their_blocks(video):
    member, same_block, same_margin, far = (at(video, s) for s in (70, 119, 124, 126))
    other_video = at(VideoFactory(), 70)
    version = lock(member)
    assert reasons(version) == {member.pk: "member", same_block.pk: "block", same_margin.pk: "block"}
    assert held() == {member.pk, same_block.pk, same_margin.pk}
    [block] = HoldoutBlock.objects.all()
    assert (block.start_us, block.end_us) == (55_000_000, 125_000_000)
    assert set(free(Frame.objects.all())) == {far, other_video}
    assert version.is_locked


def test_an_event_is_not_cut(video):
    run = RunFactory(video=video)
    IntervalFactory(run=run, start_s=100.0, end_s=200.0)
    IntervalFactory(run=run, start_s=199.0, end_s=210.0)  # overlaps the one before, so they are one
    IntervalFactory(run=run, start_s=210.0, end_s=230.0)
    member, end, next_event = at(video, 70), at(video, 209), at(video, 215)
    version = lock(member)
    assert set(reasons(version)) == {member.pk, end.pk}
    assert next_event.pk not in held()


def test_only_the_last_filter_stage_says_what_an_event_is(video):
    cascade = CascadeFactory(
        name="two",
        spec={"stages": [{"name": "m", "kind": "motion"}, {"name": "p", "kind": "objects"}, {"kind": "embed"}]},
    )
    run = RunFactory(video=video, cascade=cascade, spec=cascade.spec)
    IntervalFactory(run=run, stage="m", start_s=0.0, end_s=600.0)
    IntervalFactory(run=run, stage="p", start_s=120.0, end_s=130.0)
    lock(at(video, 70))
    [block] = HoldoutBlock.objects.all()
    assert (block.start_us, block.end_us) == (55_000_000, 130_000_000)


def test_the_same_camera_at_the_same_moment_in_another_file(video):
    again = VideoFactory(camera=video.camera, recorded_at=START + timedelta(seconds=100))
    same_moment, later = at(again, 10), at(again, 30)
    other_camera = at(VideoFactory(), 110)
    version = lock(at(video, 70))
    assert reasons(version)[same_moment.pk] == "block"
    assert held().isdisjoint({later.pk, other_camera.pk})


def test_look_alikes_are_held_wherever_they_are(video):
    member, near, far = at(video, 0), at(VideoFactory(), 0), at(VideoFactory(), 0)
    for frame, vector in ((member, [1, 0, 0, 0]), (near, [0.96, 0.28, 0, 0]), (far, [0.94, 0.34, 0, 0])):
        EmbeddingFactory(frame=frame, vector=vector)
    version = lock(member)
    assert reasons(version) == {member.pk: "member", near.pk: "duplicate"}
    why = HeldFrame.objects.get(frame=near)
    assert why.like == member
    assert why.similarity == pytest.approx(0.96, abs=1e-3)


def test_a_frame_like_one_of_a_held_block_is_held_and_one_like_a_look_alike_is_not(video):
    member, in_block = at(video, 0), at(video, 10)
    near, next_to_near = at(VideoFactory(), 0), at(VideoFactory(), 0)
    for frame, vector in (
        (member, [0, 0, 0, 1]), (in_block, [1, 0, 0, 0]), (near, [0.96, 0.28, 0, 0]), (next_to_near, [0.8, 0.6, 0, 0]),
    ):  # fmt: skip
        EmbeddingFactory(frame=frame, vector=vector)
    assert reasons(lock(member))[near.pk] == "duplicate"
    assert next_to_near.pk not in held()


def test_every_embedder_counts_and_the_perceptual_hash_too(video):
    member = at(video, 0, phash=-1)
    by_second, by_hash, by_none = (at(VideoFactory(), 0) for _ in range(3))
    Frame.objects.filter(pk=by_hash.pk).update(phash=-1 ^ 0b111111)
    Frame.objects.filter(pk=by_none.pk).update(phash=-1 ^ 0b1111111)
    first, second = EmbedderFactory(name="a"), EmbedderFactory(name="b")
    EmbeddingFactory(embedder=first, frame=member, vector=[1, 0, 0, 0])
    EmbeddingFactory(embedder=second, frame=member, vector=[0, 1, 0, 0])
    EmbeddingFactory(embedder=second, frame=by_second, vector=[0, 1, 0, 0])
    EmbeddingFactory(embedder=first, frame=by_none, vector=[0, 1, 0, 0])
    version = lock(member)
    assert reasons(version) == {member.pk: "member", by_second.pk: "duplicate", by_hash.pk: "duplicate"}
    assert HeldFrame.objects.get(frame=by_hash).similarity is None


def test_a_single_picture_has_only_neighbours_by_the_clock():
    folder = VideoFactory(kind=Video.Kind.PICTURES, fps=0.0, duration_s=0.0, recorded_at=None)
    member, next_to_it = at(folder, 0), at(folder, 0.000001)
    assert set(reasons(lock(member))) == {member.pk}
    assert not HoldoutBlock.objects.exists()
    burst = [at(folder, n, recorded_at=START + timedelta(seconds=s)) for n, s in enumerate((0, 5, 5.1), start=1)]
    version = lock(burst[0])
    assert reasons(version) == {burst[0].pk: "member", burst[1].pk: "block"}
    late = at(folder, 9, recorded_at=START - timedelta(seconds=5))
    assert guard_new([late.pk, at(folder, 10, recorded_at=None).pk]) == 1
    assert next_to_it.pk not in held()


def test_a_sequence_of_pictures_is_taken_whole():
    sequence = VideoFactory(kind=Video.Kind.PICTURES, fps=1.0, duration_s=0.0, recorded_at=None)
    member, far = at(sequence, 0), at(sequence, 5000)
    version = lock(member)
    assert set(reasons(version)) == {member.pk, far.pk}
    assert version.lock["seconds"] == 0
    assert guard_new([at(sequence, 9000).pk]) == 1


def test_what_cannot_be_compared_is_counted_and_may_be_refused(video):
    member, other = at(video, 0), at(VideoFactory(), 0)
    version = version_of(member)
    with pytest.raises(HoldoutError, match="1 of the frames to be held out and 1 others") as caught:
        lock_version(version, user=None, allow_uncompared=False)
    assert caught.value.code == "uncompared"
    Frame.objects.filter(pk=other.pk).update(phash=0)  # flat: there is nothing to tell, so nothing to miss
    Frame.objects.filter(pk=member.pk).update(phash=5)
    assert lock_version(version, user=None, allow_uncompared=False).lock["uncompared"] == 0
    assert held() == {member.pk}


def test_a_copy_is_held_at_the_same_places_frames_to_come_included(video):
    copy = VideoFactory(duration_s=600.2, recorded_at=None)
    held_frames = [at(video, s) for s in (61, 70, 80)]
    copied = [at(copy, s) for s in (61.1, 70.1, 80.1)]
    for index, pair in enumerate(zip(held_frames, copied, strict=True)):
        for frame in pair:
            EmbeddingFactory(frame=frame, vector=[float(index == n) for n in range(4)])
    unlike = at(copy, 100)
    version = lock(held_frames[0])
    assert reasons(version)[unlike.pk] == "block"
    late = at(copy, 90)
    assert guard_new([late.pk]) == 1
    assert guard_new([at(copy, 300).pk]) == 0


def test_a_piece_of_held_footage_is_held_at_the_same_moments(video):
    piece = VideoFactory(duration_s=40.0, recorded_at=None)
    held_frames = [at(video, s) for s in (61, 70, 80)]
    pieces = [at(piece, s) for s in (1, 10, 20)]
    for index, pair in enumerate(zip(held_frames, pieces, strict=True)):
        for frame in pair:
            EmbeddingFactory(frame=frame, vector=[float(index == n) for n in range(4)])
    version = lock(held_frames[0])
    assert (piece.pk, 0, 65_000_000) in set(version.blocks.values_list("video_id", "start_us", "end_us"))
    assert guard_new([at(piece, 30).pk]) == 1


def test_a_video_with_one_moment_alike_is_no_copy(video):
    other = VideoFactory(duration_s=600.0, recorded_at=None)
    held_frames = [at(video, s) for s in (61, 70, 80)]
    others = [at(other, s) for s in (61, 70, 80)]
    for index, frame in enumerate(held_frames):
        EmbeddingFactory(frame=frame, vector=[float(index == n) for n in range(4)])
    EmbeddingFactory(frame=others[0], vector=[1, 0, 0, 0])
    lock(held_frames[0])
    assert held() == {*(f.pk for f in held_frames), others[0].pk}


def test_frames_that_come_later(video):
    member = at(video, 70)
    EmbeddingFactory(frame=member, vector=[1, 0, 0, 0])
    run = RunFactory(video=video)
    version = lock(member)
    IntervalFactory(run=run, start_s=120.0, end_s=150.0)  # a later run finds an event that begins in the block
    in_block, in_event, alike, far = at(video, 80), at(video, 140), at(VideoFactory(), 0), at(video, 151)
    EmbeddingFactory(frame=alike, vector=[1, 0.1, 0, 0])
    EmbeddingFactory(frame=far, vector=[0, 1, 0, 0])
    assert guard_new([in_block.pk, in_event.pk, alike.pk, far.pk]) == 3
    assert reasons(version) == {
        member.pk: "member", in_block.pk: "block", in_event.pk: "block", alike.pk: "duplicate"
    }  # fmt: skip
    assert guard_new([in_block.pk, in_event.pk, alike.pk, far.pk]) == 0


def test_what_looks_like_a_frame_that_is_held_only_now_follows(video):
    member, early = at(video, 0, phash=1), at(VideoFactory(), 0)
    EmbeddingFactory(frame=early, vector=[1, 0, 0, 0])
    version = lock(member)
    late = at(video, 10)
    EmbeddingFactory(frame=late, vector=[1, 0, 0, 0])
    assert guard_new([late.pk]) == 1
    assert early.pk not in held()
    assert guard_others([late.pk, early.pk]) == 1
    assert reasons(version) == {member.pk: "member", late.pk: "block", early.pk: "duplicate"}
    assert guard_others([early.pk]) == 0


def test_frames_that_are_hashed_later_are_compared_with_all_hold_outs(video):
    member, other, far = at(video, 0, phash=99), at(VideoFactory(), 0), at(VideoFactory(), 0, phash=-99)
    version = lock(member)
    Frame.objects.filter(pk=other.pk).update(phash=99)
    assert list(guard_all()) == [2]
    assert reasons(version) == {member.pk: "member", other.pk: "duplicate"}
    assert far.pk not in held()


def test_what_is_remembered_of_a_hold_out_grows_with_it(video):
    member = at(video, 0, phash=99)
    lock(member)
    first, second = at(VideoFactory(), 0, phash=99), at(VideoFactory(), 0, phash=-1)
    assert guard_new([first.pk, second.pk]) == 1
    in_block = at(video, 1, phash=-1)
    assert guard_new([in_block.pk]) == 1
    assert guard_new([second.pk]) == 1


def test_guarding_costs_two_queries_where_nothing_is_locked(video):
    frame = at(video, 0)
    version_of(frame)
    with CaptureQueriesContext(connection) as queries:
        assert guard_new([frame.pk]) == 0
    assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        assert guard_others(Frame.objects.values_list("pk", flat=True)) == 0
    assert len(queries) == 2


def test_a_lock_is_refused_where_a_model_may_have_learnt_from_its_frames(video):
    member, neighbour, tested = at(video, 0), at(video, 10), at(video, 20)
    version_of(member, neighbour, split="train", dataset__name="gate", number=1)
    version_of(neighbour, split="", dataset__name="gate", number=2)
    version_of(tested, split="test", dataset__name="gate", number=3)
    version = version_of(member)
    with pytest.raises(HoldoutError) as caught:
        lock_version(version, user=None)
    assert caught.value.code == "overlap"
    assert "gate@1: 2 frames (2 train); gate@2: 1 frames (1 all)." in str(caught.value)
    assert held() == set()
    assert not HoldoutBlock.objects.exists()
    locked = lock_version(version, user=None, allow_overlap=True)
    assert [o["version"] for o in locked.lock["overlaps"]] == ["gate@1", "gate@2"]
    assert locked.lock["overlaps"][0]["reasons"] == {"member": 1, "block": 1}


def test_foreseeing_a_lock_changes_nothing(video):
    member, neighbour = at(video, 0), at(video, 10)
    foreseen = foresee(version_of(member))
    assert foreseen.counts() == {"member": 1, "block": 1, "duplicate": 0}
    assert held() == set()
    assert neighbour.holds.count() == 0


def test_a_version_is_locked_once_and_never_empty(video):
    version = lock(at(video, 0))
    with pytest.raises(HoldoutError, match="locked already"):
        lock_version(version, user=None)
    with pytest.raises(HoldoutError, match="no frames"):
        lock_version(DatasetVersionFactory(), user=None)


def test_two_hold_outs_may_share_a_block(video):
    first, second = at(video, 0), at(video, 10)
    later = version_of(second)
    one = lock(first)
    two = lock_version(later, user=None, allow_overlap=True)
    assert reasons(one)[second.pk] == "block"
    assert reasons(two) == {first.pk: "block", second.pk: "member"}


def test_frames_that_are_held_are_refused_with_reasons(video):
    member, neighbour, far = at(video, 0), at(video, 10), at(video, 300)
    version = lock(member)
    refuse_held([far.pk], wanted_for="training")
    refuse_held([], wanted_for="training")
    with pytest.raises(HoldoutError) as caught:
        refuse_held([member.pk, neighbour.pk, far.pk], wanted_for="training")
    assert caught.value.code == "held"
    said = str(caught.value)
    assert said.startswith("2 of 3 frames wanted for training are held out: ")
    assert f"1 by {version} (is in the hold-out)" in said
    assert f"Held: frame {member.pk}, {neighbour.pk}. Nothing was done." in said


def test_uses_are_written_into_the_ledger(video):
    version = version_of(at(video, 0))
    with pytest.raises(HoldoutError, match="is not locked"):
        record_use(version, user=None, by_name="ada")
    version = lock_version(version, user=None)
    ada = User.objects.create_user("ada")
    use = record_use(version, user=ada, by_name="ada", model="yolo 7", metric="mAP50", value=0.61)
    assert (use.by, use.by_name, use.purpose, use.value) == (ada, "ada", "evaluation", 0.61)
    assert list(version.uses.all()) == [use]


def test_cameras_do_not_share_moments():
    left, right = (VideoFactory(camera=CameraFactory()) for _ in range(2))
    lock(at(left, 0))
    assert at(right, 0).pk not in held()
