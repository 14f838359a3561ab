import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from pycocotools.coco import COCO
from supervision import DetectionDataset

from curation.core.formats import FORMATS, detect
from curation.core.formats.coco import Coco, extent
from tests.curation.core.formats.pictures import (
    box,
    by_name,
    datasets,
    full_box,
    full_picture,
    picture,
    put,
    read,
    there_and_back,
    write,
)  # fmt: skip

FIRST = {"coco": {"id": 1}}
COCO_FILE = "coco100/instances_val2014_100.json"


def document(**changes):
    said = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 10, 20]}],
        "categories": [{"id": 7, "name": "person"}],
    }
    return json.dumps(said | changes)


def read_document(tmp_path, text, name="instances.json"):
    put(tmp_path, name, text)
    return read(Coco(), tmp_path)


def test_reads_boxes_as_corners(tmp_path):
    found, reading = read_document(tmp_path, document())
    assert found == {"a.jpg": picture(boxes=[box("person", 1, 2, 11, 22)], extra=FIRST)}
    assert (reading.classes, reading.skips.total) == (["person"], 0)


def test_a_picture_without_annotations_is_labelled_and_empty(tmp_path):
    found, _ = read_document(tmp_path, document(annotations=[]))
    assert found["a.jpg"].boxes == []


@pytest.mark.parametrize("one_file", [False, True])
@settings(max_examples=40, deadline=None)
@given(datasets(box_fields=full_box, picture_fields=full_picture, inside=False))
def test_round_trip_is_exact(one_file, pictures):
    found, losses = there_and_back(Coco(one_file=one_file), pictures, files=False)
    assert found == by_name(pictures)
    assert losses == {}


def test_the_width_written_leads_to_the_same_corner():
    assert extent(61.87, 358.29) == 296.42
    assert extent(0, 5) == 5


def test_a_corner_no_width_leads_to_is_kept_aside():
    far = box(x1=-99999.99999, x2=0.1)
    found, _ = there_and_back(Coco(), [picture(boxes=[far])])
    assert found["a.jpg"].boxes == [far]


def test_real_annotations_come_out_as_they_went_in(shared_data):
    source = shared_data / COCO_FILE
    before = json.loads(source.read_text())
    reading = Coco().read(source)
    pictures = list(reading.pictures)
    assert reading.skips.total == 0
    assert (len(pictures), sum(len(one.boxes) for one in pictures), len(reading.classes)) == (100, 839, 80)
    ((path, content),) = Coco().write(pictures, classes=reading.classes, losses=Counter())
    after = json.loads(content)
    assert path == "annotations/instances_val.json"

    def annotations(said):
        labels = {category["id"]: category["name"] for category in said["categories"]}
        kept = [{**one, "category_id": labels[one["category_id"]], "id": 0} for one in said["annotations"]]
        return {(a["image_id"], a["category_id"], *a["bbox"]): a for a in kept}

    assert annotations(after) == annotations(before)
    assert len(after["annotations"]) == len(annotations(after)) == 839
    assert [{k: v for k, v in image.items() if k != "winnow"} for image in after["images"]] == before["images"]
    assert after["info"] == before["info"]
    used = {image["license"] for image in before["images"]}
    assert after["licenses"] == [one for one in before["licenses"] if one["id"] in used]


def test_pycocotools_reads_what_is_written(tmp_path):
    pictures = [
        picture("cam/a.jpg", [box("dog", 1, 2, 4, 6), box("person", is_crowd=True)], split="train"),
        picture("cam_a.jpg", [], split="train"),
    ]
    write(Coco(), pictures, tmp_path, classes=["person", "dog"])
    coco = COCO(str(tmp_path / "annotations" / "instances_train.json"))
    assert [cat["name"] for cat in coco.loadCats(coco.getCatIds())] == ["person", "dog"]
    images = {image["file_name"]: image["id"] for image in coco.loadImgs(coco.getImgIds())}
    assert set(images) == {"cam__a.jpg", "cam_a.jpg"}
    boxes = coco.loadAnns(coco.getAnnIds(imgIds=[images["cam__a.jpg"]], iscrowd=0))
    assert [(one["bbox"], one["area"]) for one in boxes] == [([1, 2, 3, 4], 12)]
    assert len(coco.getAnnIds(iscrowd=1)) == 1


def test_supervision_reads_what_is_written(tmp_path):
    pictures = [picture("cam/a.jpg", [box("dog", 1, 2, 4, 6)]), picture("b.jpg", [])]
    write(Coco(), pictures, tmp_path)
    dataset = DetectionDataset.from_coco(str(tmp_path / "images"), str(tmp_path / "annotations" / "instances.json"))
    assert dataset.classes == ["dog"]
    found = {path.rsplit("/", 1)[1]: labels.xyxy.tolist() for path, labels in dataset.annotations.items()}
    assert found == {"cam__a.jpg": [[1, 2, 4, 6]], "b.jpg": []}


def test_files_of_each_split_lie_apart_and_come_together_again():
    pictures = [picture(f"in-{split}.jpg", split=split) for split in ("train", "val", "unsplit", "")]
    with_paths = [path for path, _ in Coco().write(pictures, classes=[], losses=Counter())]
    assert with_paths == [
        "annotations/instances.json", "annotations/instances_train.json", "annotations/instances_unsplit.json",
        "annotations/instances_val.json",
    ]  # fmt: skip
    assert there_and_back(Coco(), pictures)[0] == by_name(pictures)


@pytest.mark.parametrize(
    "name, split",
    [("annotations/instances_train2017.json", "train"), ("valid/_annotations.coco.json", "val"), ("x.json", "")],
)
def test_the_split_is_told_from_the_file(tmp_path, name, split):
    assert read_document(tmp_path, document(), name)[0]["a.jpg"].split == split


def test_pictures_of_one_name_in_two_splits_stay_apart(tmp_path):
    for split in ("train", "valid"):
        put(tmp_path, f"{split}/_annotations.coco.json", document())
        put(tmp_path, f"{split}/a.jpg", b"")
    found, reading = read(Coco(), tmp_path)
    assert {name: one.picture_file for name, one in found.items()} == {
        "a.jpg": "train/a.jpg",
        "val/a.jpg": "valid/a.jpg",
    }
    assert reading.skips.total == 0


def test_a_picture_that_could_be_either_of_two_files_is_not_guessed(tmp_path):
    put(tmp_path, "one/a.jpg", b"")
    put(tmp_path, "two/a.jpg", b"")
    found, reading = read_document(tmp_path, document(), "labels/instances.json")
    assert found == {}
    assert reading.skips.counts == {
        "picture that could be one of several files": 1,
        "box of a picture that was skipped": 1,
    }


def test_one_file_in_two_splits_is_taken_once(tmp_path):
    for split in ("train", "val"):
        put(tmp_path, f"annotations/instances_{split}.json", document())
    put(tmp_path, "images/a.jpg", b"")
    found, reading = read(Coco(), tmp_path)
    assert {name: one.split for name, one in found.items()} == {"a.jpg": "train"}
    assert reading.skips.counts == {"picture whose file is another's too": 1}


def test_frames_of_videos_are_known_by_their_number(tmp_path):
    videos = [{"id": 3, "name": "gate.mp4"}]
    images = [{"id": 1, "file_name": "gate/7.jpg", "width": 64, "height": 48, "video_id": 3, "frame_id": 7}]
    put(tmp_path, "videos/gate.mp4", b"")
    found, _ = read_document(tmp_path, document(videos=videos, images=images))
    (one,) = found.values()
    assert (one.sequence, one.frame_index, one.video_file) == ("gate.mp4", 7, "videos/gate.mp4")


def test_fields_that_winnow_does_not_know_are_kept():
    source = box(attributes={"coco:keypoints": [1, 2, 2], "colour": "red"})
    ((_, content),) = Coco().write([picture(boxes=[source])], classes=[], losses=Counter())
    (annotation,) = json.loads(content)["annotations"]
    assert (annotation["keypoints"], annotation["attributes"]) == ([1, 2, 2], {"colour": "red"})


def test_pictures_keep_their_ids_and_others_get_free_ones():
    pictures = [picture("a.jpg"), picture("b.jpg", extra={"coco": {"id": 1}}), picture("c.jpg")]
    ((_, content),) = Coco().write(pictures, classes=[], losses=Counter())
    assert [image["id"] for image in json.loads(content)["images"]] == [2, 1, 3]


def test_a_box_is_made_of_the_outline_where_there_is_none(tmp_path):
    outline = [{"id": 1, "image_id": 1, "category_id": 7, "segmentation": [[5, 6, 15, 6, 15, 16]]}]
    found, _ = read_document(tmp_path, document(annotations=outline))
    (one,) = found["a.jpg"].boxes
    assert (one.x1, one.y1, one.x2, one.y2) == (5, 6, 15, 16)


def test_no_pictures_give_a_valid_empty_file(tmp_path):
    write(Coco(), [], tmp_path, classes=["person"])
    found, reading = read(Coco(), tmp_path)
    assert (found, reading.classes) == ({}, ["person"])


def test_it_is_recognised(tmp_path, shared_data):
    write(Coco(), [picture(boxes=[box()])], tmp_path)
    assert detect(tmp_path) == detect(shared_data / COCO_FILE) == "coco"
    assert FORMATS["coco"] is Coco


def test_labels_beyond_the_classes_come_after_them():
    pictures = [picture(boxes=[box("z"), box("b")]), replace(picture("b.jpg"), boxes=[box("a")])]
    ((_, content),) = Coco().write(pictures, classes=["b"], losses=Counter())
    assert [one["name"] for one in json.loads(content)["categories"]] == ["b", "z", "a"]
