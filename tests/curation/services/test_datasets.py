"""Dataset versions: chosen, split, frozen, numbered, and never another than they were."""

import gzip
import json

import numpy as np
import pytest
from django.db import Error, connection, transaction

from curation.core.errors import SpecError
from curation.core.query import QueryError
from curation.core.sampling import parse_plan, read_yaml
from curation.core.splits import SplitSpec
from curation.models import Annotation, Dataset, DatasetFrame, DatasetVersion, Frame, Video
from curation.services.datasets import DatasetError, NoSuchVersion, create_version, find_version
from curation.services.holdout import HoldoutError, lock_version
from curation.services.manifests import ManifestError, Member, read_manifest, verify_version, write_manifest
from curation.services.sampling import draw
from curation.services.splitting import group_names
from tests.factories import (
    START,
    AnnotationFactory,
    DatasetFactory,
    DatasetVersionFactory,
    EmbeddingFactory,
    FrameFactory,
    VideoFactory,
    sha256_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
MINUTE_US = 60_000_000


def frames_of(*videos, each=2, step_us=MINUTE_US, **values):
    return [FrameFactory(video=video, pts_us=n * step_us, **values) for video in videos for n in range(each)]


def ids(frames):
    return [frame.pk for frame in frames]


def test_a_version_holds_its_frames_and_is_numbered():
    frames = frames_of(VideoFactory())
    first = create_version(dataset="gate", frame_ids=ids(frames))
    second = create_version(dataset="gate", frame_ids=ids(frames[:1]))
    assert (str(first), str(second), second.parent) == ("gate@1", "gate@2", first)
    assert (first.frame_count, first.annotation_count, first.splits) == (2, 0, {})
    assert set(first.members.values_list("frame_id", "split", "group")) == {(pk, "", "") for pk in ids(frames)}
    assert first.conditions is not None
    assert find_version("gate") == second
    assert find_version("gate@1") == first


def test_the_manifest_is_the_same_bytes_for_the_same_content(media):
    frames = frames_of(VideoFactory(), tags={"weather": "rain", "people": 2}, annotated_at=START)
    AnnotationFactory(frame=frames[0], label="person")
    AnnotationFactory(frame=frames[0], label="car")
    one = create_version(dataset="a", frame_ids=ids(frames))
    packed = (media / one.manifest).read_bytes()
    Annotation.objects.filter(label="person").delete()
    AnnotationFactory(frame=frames[0], label="person")  # the same word, written later
    two = create_version(dataset="b", frame_ids=reversed(ids(frames)))
    assert two.manifest == one.manifest == f"datasets/{one.manifest_sha256}.jsonl.gz"
    assert (media / two.manifest).read_bytes() == packed
    lines = gzip.decompress(packed)
    assert sha256_of(lines.decode()) == one.manifest_sha256
    entry = json.loads(lines.splitlines()[0])
    assert entry["id"] == f"{frames[0].video.sha256}:0"
    assert entry["tags"] == {"weather": "rain", "people": 2}
    assert [box["label"] for box in entry["annotations"]] == ["car", "person"]
    assert entry["annotated"] is True
    assert lines.splitlines()[0] == json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: Frame.objects.filter(pk=frame.pk).update(tags={"weather": "fog"}),
        lambda frame: Frame.objects.filter(pk=frame.pk).update(annotated_at=START),
        lambda frame: AnnotationFactory(frame=frame, label="dog"),
    ],
)
def test_what_is_frozen_does_not_change_with_the_frames(change):
    [frame] = frames_of(VideoFactory(), each=1)
    before = create_version(dataset="gate", frame_ids=[frame.pk])
    entries = list(read_manifest(before))
    change(frame)
    assert list(read_manifest(before)) == entries
    assert verify_version(before).is_sound
    assert create_version(dataset="gate", frame_ids=[frame.pk]).manifest_sha256 != before.manifest_sha256


def test_frames_come_by_identity_whatever_their_ids():
    late, early = VideoFactory(sha256="f" * 64), VideoFactory(sha256="a" * 64)
    folder = VideoFactory(kind=Video.Kind.PICTURES, fps=0.0)
    frames = [
        FrameFactory(video=late, pts_us=0),
        FrameFactory(video=early, pts_us=10_000_000),
        FrameFactory(video=early, pts_us=9_000_000),
        FrameFactory(video=folder, pts_us=0, picture_sha256="b" * 64),
    ]
    version = create_version(dataset="gate", frame_ids=ids(frames))
    assert [entry["id"] for entry in read_manifest(version)] == [
        f"{'a' * 64}:9000000", f"{'a' * 64}:10000000", f"{'f' * 64}:0", f"picture:{'b' * 64}",
    ]  # fmt: skip


def test_a_query_makes_a_version_of_what_is_free():
    held, free, other = (FrameFactory(tags={"weather": weather}) for weather in ("rain", "rain", "fog"))
    lock_version(create_version(dataset="test", frame_ids=[held.pk]), user=None)
    version = create_version(dataset="gate", query="weather:rain")
    assert list(version.members.values_list("frame_id", flat=True)) == [free.pk]
    assert version.report["left_out"] == {"held out": 1}
    assert version.plan == {"query": "weather:rain"}
    with pytest.raises(HoldoutError, match="1 of 1 frames wanted for a dataset are held out"):
        create_version(dataset="gate", query="held_out:true")
    with pytest.raises(DatasetError, match="No frame matches"):
        create_version(dataset="gate", query="weather:snow")
    with pytest.raises(QueryError):
        create_version(dataset="gate", query="weather>rain")
    assert other.memberships.count() == 0


def test_what_is_wrong_is_refused_and_nothing_is_made():
    [frame] = frames_of(VideoFactory(), each=1)
    for wrong, says in (
        ({"dataset": "Gate", "frame_ids": [frame.pk]}, "cannot name a dataset"),
        ({"dataset": "a@1", "frame_ids": [frame.pk]}, "cannot name a dataset"),
        ({"dataset": "gate"}, "give one of the three"),
        ({"dataset": "gate", "frame_ids": [frame.pk], "query": ""}, "give one of the three"),
        ({"dataset": "gate", "frame_ids": []}, "no frame in it"),
        ({"dataset": "gate", "frame_ids": [frame.pk, 999_999]}, "There is no frame 999999. Nothing was made."),
        ({"dataset": "gate", "frame_ids": [frame.pk], "splits": SplitSpec()}, "too few for 3 splits"),
        ({"dataset": "gate", "frame_ids": [frame.pk], "parent": DatasetVersionFactory()}, "another dataset"),
    ):
        with pytest.raises((SpecError, DatasetError), match=says):
            create_version(**wrong)
    assert not Dataset.objects.filter(name="gate").exists()


def test_a_version_is_found_or_it_is_said_what_there_is():
    with pytest.raises(NoSuchVersion, match="There is none yet"):
        find_version("gate")
    DatasetVersionFactory(dataset=DatasetFactory(name="gate"), number=1)
    for reference, says in (
        ("gate@2", "There is no gate@2; its versions go from 1 to 1."),
        ("gat", "There is no dataset 'gat'. There are: gate."),
        ("gate@x", "names no version"),
        ("gate@-1", "names no version"),
        ("gate@99999999999999999999", "names no version"),
    ):
        with pytest.raises(NoSuchVersion, match=says) as caught:
            find_version(reference)
        assert caught.value.code == "not_found"


def test_splits_are_by_video_and_stay_in_the_next_version():
    videos = VideoFactory.create_batch(10)
    frames = frames_of(*videos)
    first = create_version(dataset="gate", frame_ids=ids(frames), splits=SplitSpec(), seed=3)
    assert first.splits == {"test": 2, "train": 16, "val": 2}
    assert (first.split_by, first.seed) == ("video", 3)
    assert first.report["leakage"]["is_clean"]
    before = dict(first.members.values_list("group", "split"))
    assert len(before) == 10
    more = frames + frames_of(*VideoFactory.create_batch(10))
    second = create_version(dataset="gate", frame_ids=ids(more), splits=SplitSpec(), seed=4)
    after = dict(second.members.values_list("group", "split"))
    assert {group: after[group] for group in before} == before
    assert second.splits == {"test": 4, "train": 32, "val": 4}


def test_a_group_keeps_its_split_over_versions_that_lack_it_and_over_another_grouping():
    videos = VideoFactory.create_batch(12)
    frames = frames_of(*videos)
    first = create_version(dataset="gate", frame_ids=ids(frames), splits=SplitSpec(by="frame"), seed=1)
    create_version(dataset="gate", frame_ids=ids(frames[8:]), splits=SplitSpec(by="camera"), seed=2)
    third = create_version(dataset="gate", frame_ids=ids(frames), splits=SplitSpec(), seed=3)
    split_in = {version: dict(version.members.values_list("frame_id", "split")) for version in (first, third)}
    for left, right in zip(frames[:8:2], frames[1:8:2], strict=True):
        had = {split_in[first][left.pk], split_in[first][right.pk]}
        assert split_in[third][left.pk] == split_in[third][right.pk] == min(had, key=["train", "val", "test"].index)


def test_groups_are_named_by_content_and_time():
    video = VideoFactory(sha256="ab" * 32, camera__name="gate")
    folder = VideoFactory(kind=Video.Kind.PICTURES, fps=0.0, sha256="cd" * 32, camera__name="shop", recorded_at=None)
    sequence = VideoFactory(kind=Video.Kind.PICTURES, sha256="ef" * 32, fps=25.0, recorded_at=None)
    frames = [
        FrameFactory(video=video, pts_us=61_000_000),
        FrameFactory(video=folder, pts_us=0, picture_sha256="9" * 64),
        FrameFactory(video=sequence, pts_us=0, picture_sha256="8" * 64),
    ]
    named = {by: list(group_names(ids(frames), by=by).values()) for by in ("video", "camera", "day", "block", "frame")}
    assert named["video"] == ["video abababababababab", "picture 9999999999999999", "video efefefefefefefef"]
    assert named["camera"][:2] == ["camera gate", "camera shop"]
    assert named["day"] == ["day 2026-01-05", "picture 9999999999999999", "video efefefefefefefef"]
    assert named["block"][0] == "video abababababababab from 60 s"
    assert named["frame"][0] == "video abababababababab at 61000000 us"


def test_look_alikes_can_be_kept_on_one_side():
    videos = VideoFactory.create_batch(8)
    frames = frames_of(*videos, each=1)
    for number, frame in enumerate(frames):
        # The first four videos show one scene.
        EmbeddingFactory(frame=frame, vector=[1, 0, 0, 0] if number < 4 else np.eye(4)[number % 4] * -1 + 0.1 * number)
    version = create_version(dataset="gate", frame_ids=ids(frames), splits=SplitSpec(alike=0.99), seed=0)
    sides = dict(version.members.values_list("frame_id", "split"))
    assert len({sides[frame.pk] for frame in frames[:4]}) == 1
    assert "at least 0.99 alike by descriptor" in version.report["split_notes"][0]
    between = version.report["leakage"]["between"]
    assert sum(one["alike"] for one in between) == 0


def test_looking_for_look_alikes_needs_vectors_and_strata_a_factor():
    frames = frames_of(*VideoFactory.create_batch(4))
    with pytest.raises(SpecError, match="no frame has a vector"):
        create_version(dataset="gate", frame_ids=ids(frames), splits=SplitSpec(alike=0.9))
    with pytest.raises(SpecError, match=r"there is no factor 'moon'. Valid ones: .*weather"):
        create_version(dataset="gate", frame_ids=ids(frames), splits=SplitSpec(stratify="moon"))


def test_strata_come_in_like_shares():
    frames = [
        frame
        for weather in ("rain", "clear")
        for frame in frames_of(*VideoFactory.create_batch(20), each=1, tags={"weather": weather})
    ]
    version = create_version(dataset="gate", frame_ids=ids(frames), splits=SplitSpec(stratify="weather"), seed=5)
    sides = dict(version.members.values_list("frame_id", "split"))
    for start in (0, 20):
        assert [sides[f.pk] for f in frames[start : start + 20]].count("test") == 2


def test_a_draw_says_how_it_was_drawn():
    frames = frames_of(*VideoFactory.create_batch(4), tags={"weather": "rain"})
    text = "size: 9\nseed: 7\nquery: weather:rain\nsplits: {train: 0.5, val: 0, test: 0.5}\n"
    drawn = draw(parse_plan(read_yaml(text)))
    version = create_version(dataset="gate", draw=drawn, plan_text=text)
    assert version.frame_count == len(frames)
    assert version.splits == {"test": 4, "train": 4}
    assert (version.seed, version.plan_text) == (7, text)
    assert version.plan["sampler"] == {"kind": "random"}
    assert version.plan["splits"]["by"] == "video"
    assert version.report["is_short"] is True
    # Its own words win over the plan's.
    other = create_version(dataset="other", draw=drawn, splits=SplitSpec(train=1, val=0, test=0), seed=3)
    assert (other.splits, other.seed, other.plan["splits"]["train"]) == ({"train": 8}, 3, 1)


def test_a_draw_that_a_lock_overtook_is_refused():
    [frame] = frames_of(VideoFactory(), each=1)
    drawn = draw(parse_plan({"size": 1}))
    lock_version(create_version(dataset="test", frame_ids=[frame.pk]), user=None)
    with pytest.raises(HoldoutError, match="wanted for a dataset are held out"):
        create_version(dataset="gate", draw=drawn)


def test_verifying_finds_a_changed_file_and_changed_rows(media):
    frames = frames_of(*VideoFactory.create_batch(3))
    version = create_version(dataset="gate", frame_ids=ids(frames), splits=SplitSpec())
    assert verify_version(version).problems == []
    path = media / version.manifest
    whole = path.read_bytes()

    path.write_bytes(gzip.compress(gzip.decompress(whole).replace(b'"train"', b'"test"')))
    said = " ".join(verify_version(version).problems)
    assert "was changed: its SHA-256 is" in said
    assert "another split or group" in said

    path.write_bytes(whole[: len(whole) // 2])
    assert "cannot be read" in " ".join(verify_version(version).problems)
    path.unlink()
    assert "cannot be read" in " ".join(verify_version(version).problems)
    with pytest.raises(ManifestError, match="from a backup"):
        list(read_manifest(version))

    path.write_bytes(whole)
    member = version.members.first()
    version.members.filter(pk=member.pk).delete()  # an unlocked version may lose rows to someone with a shell
    extra = DatasetFrame.objects.create(version=version, frame=FrameFactory())
    said = " ".join(verify_version(version).problems)
    assert "1 frames of the manifest are not among its rows." in said
    assert "1 of its rows are not in the manifest." in said
    assert extra.pk


def test_a_frame_that_goes_meanwhile_stops_it():
    [frame] = frames_of(VideoFactory(), each=1)
    with pytest.raises(ManifestError, match="Nothing was made"):
        write_manifest([Member(frame.pk), Member(999_999)])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE curation_datasetversion SET manifest_sha256 = 'x'",
        "UPDATE curation_datasetversion SET frame_count = 7",
        "UPDATE curation_datasetframe SET split = 'test'",
    ],
)
def test_the_database_keeps_versions_as_they_are(change):
    create_version(dataset="gate", frame_ids=ids(frames_of(VideoFactory())))
    with pytest.raises(Error, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert verify_version(DatasetVersion.objects.get()).is_sound
