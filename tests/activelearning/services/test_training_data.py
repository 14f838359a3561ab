"""What a training reads: the same files each time, and whatever is left out is counted."""

import hashlib

import numpy as np
import pytest

from activelearning.services.training_data import prepare_data
from activelearning.services.training_errors import TrainingError
from curation.backends import storage
from curation.core.splits import SplitSpec
from curation.models import Annotation, Frame
from tests.activelearning.lessons import asked, labelled, version_of
from tests.factories import FrameFactory

pytestmark = pytest.mark.django_db


def prepared(version, folder, name="m", **more):
    """Write the data of a training; returns what was read."""
    folder.mkdir()
    work = prepare_data(asked(version, name, **more), folder)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def contents(folder):
    """Every file of a folder with its SHA-256, by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_and_data_give_the_same_files_in_the_same_order(school):
    version = version_of(labelled(16, videos=8))
    found = [contents_of(version, school / name, name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    assert found[0] == found[1]
    assert found[0] != found[2]


def contents_of(version, folder, name, **more):
    prepared(version, folder, name, **more)
    return contents(folder)


def test_pictures_labels_and_lists_are_as_ultralytics_reads_them(school):
    frames = labelled(4, videos=2, seed=5)
    found = prepared(version_of(frames, splits=SplitSpec(by="video", train=0.5, val=0.5, test=0)), school / "a")
    data = found.yaml.parent
    listed = (data / "train.txt").read_text().split()
    assert listed == ["./images/train/0000000.jpg", "./images/train/0000001.jpg"]
    boxes = {
        hashlib.sha256(storage.read_bytes(frame.image)).hexdigest(): frame.annotations.get() for frame in frames
    }  # fmt: skip
    for place in listed:
        box = boxes[hashlib.sha256((data / place).read_bytes()).hexdigest()]
        row = (data / place.replace("images", "labels")).with_suffix(".txt").read_text().split()
        assert row[0] == "0"
        assert np.allclose([float(n) * 64 for n in row[1:]], [box.x1 + 11, box.y1 + 11, 22, 22], atol=1e-4)


def test_a_video_is_never_on_both_sides(school):
    frames = labelled(16, videos=4)
    found = prepared(version_of(frames), school / "a", val_share=0.25)
    assert found.facts["pictures"] == {"train": 12, "val": 4}
    assert found.facts["notes"] == ["There is no split `val`, so 4 of 16 frames were put aside for it, by video."]


def test_one_video_is_divided_more_finely_and_one_frame_not_at_all(school):
    found = prepared(version_of(labelled(6, videos=1)), school / "a")
    assert "by frame" in found.facts["notes"][0]
    found = prepared(version_of(labelled(1, videos=1), name="one"), school / "b", "b")
    assert found.facts["pictures"] == {"train": 1, "val": 1}
    assert "one frame only" in found.facts["notes"][0]


def test_what_is_left_out_is_counted(school):
    frames = labelled(8)
    Annotation.objects.filter(frame=frames[0]).update(is_crowd=True)
    Annotation.objects.filter(frame=frames[1]).update(attributes={"ignore": True})
    Annotation.objects.filter(frame=frames[2]).delete()  # a picture without objects teaches too
    Frame.objects.filter(pk=frames[3].pk).update(annotated_at=None)
    found = prepared(version_of([*frames, FrameFactory()]), school / "a")
    assert found.facts["left_out"] == {
        "frames that are not labelled": 2,
        "boxes: crowd": 1,
        "boxes: marked to be ignored": 1,
    }
    assert sum(found.facts["pictures"].values()) == 7
    assert sum(found.facts["without_objects"].values()) == 3
    assert sum(found.facts["boxes"].values()) == 4


def test_the_test_split_is_never_learnt_from(school):
    version = version_of(labelled(12, videos=6), splits=SplitSpec(by="video", train=0.5, val=0.25, test=0.25))
    found = prepared(version, school / "a")
    assert found.facts["left_out"] == {"frames of the split test": version.splits["test"]}
    assert found.facts["pictures"] == {side: version.splits[side] for side in ("train", "val")}


def test_a_share_is_raised_by_repeats_and_the_effect_on_others_is_told(school):
    frames = [*labelled(2, videos=2, lighting="dark"), *labelled(8, videos=4, lighting="bright", seed=9)]
    version = version_of(frames)
    asked_for = {"lighting:dark": 0.5, "lighting:bright": None}
    found = prepared(version, school / "a", shares=asked_for, val_share=0.2, seed=3)
    by_query = {one["query"]: one for one in found.shares}
    listed = (found.yaml.parent / "train.txt").read_text().split()
    assert len(listed) == found.facts["list_length"] > found.facts["pictures"]["train"]
    assert by_query["lighting:dark"]["after"] == pytest.approx(0.5, abs=0.06)
    assert by_query["lighting:bright"]["after"] < by_query["lighting:bright"]["before"]


def test_a_picture_that_is_cut_short_is_copied_since_ultralytics_mends_such_in_place(school):
    frames = labelled(2, videos=2)
    storage.put_bytes(frames[0].image, storage.read_bytes(frames[0].image)[:-2])
    found = prepared(version_of(frames, splits=None), school / "a")
    links = [path.stat().st_nlink for path in sorted(found.yaml.parent.rglob("*.jpg"))]
    assert sorted(links) == [1, 2]


def test_nothing_labelled_and_nothing_shown_say_what_to_do(school):
    version = version_of([FrameFactory()], name="bare")
    with pytest.raises(TrainingError, match="Label its frames") as caught:
        prepared(version, school / "a")
    assert caught.value.code == "no_pictures"
    frames = labelled(4)
    Annotation.objects.all().delete()
    with pytest.raises(TrainingError, match="shows a labelled object") as caught:
        prepared(version_of(frames), school / "b", "b")
    assert caught.value.code == "no_boxes"
