from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from supervision import DetectionDataset

from curation.core.formats import detect
from curation.core.formats.yolo import Yolo
from tests.curation.core.formats.pictures import (
    box,
    by_name,
    datasets,
    full_box,
    full_picture,
    near,
    picture,
    picture_bytes,
    put,
    read,
    there_and_back,
    write,
)  # fmt: skip

NAMES = "names: [person, car]\ntrain: images/train\nval: images/val\n"
ROW = "0 0.5 0.5 0.25 0.5\n"


def dataset(root, rows=ROW, *, data=NAMES, folder="train"):
    put(root, "data.yaml", data)
    put(root, f"images/{folder}/a.jpg", picture_bytes((64, 48)))
    if rows is not None:
        put(root, f"labels/{folder}/a.txt", rows)
    put(root, "images/val/v.jpg", picture_bytes((64, 48)))
    return read(Yolo(), root)


def test_rows_are_shares_of_the_picture(tmp_path):
    found, reading = dataset(tmp_path)
    assert found == {
        "a.jpg": picture(boxes=[box("person", 24, 12, 40, 36)], split="train"),
        "v.jpg": picture("v.jpg", None, split="val"),
    }
    assert (reading.classes, reading.skips.total) == (["person", "car"], 0)
    assert found["a.jpg"].picture_file == "images/train/a.jpg"


def test_an_empty_label_file_says_nothing_is_there_and_a_missing_one_that_nobody_looked(tmp_path):
    assert dataset(tmp_path, "")[0]["a.jpg"].boxes == []
    assert dataset(tmp_path / "other", None)[0]["a.jpg"].boxes is None


sayable = {"split": full_picture["split"]}


@settings(max_examples=40, deadline=None)
@given(datasets(picture_fields=sayable))
def test_round_trip_lies_within_a_thousandth_of_a_pixel(pictures):
    found, losses = there_and_back(Yolo(), pictures)
    assert losses == {}
    expected = by_name(pictures)
    assert {n: replace(one, boxes=None) for n, one in found.items()} == {
        n: replace(one, boxes=None) for n, one in expected.items()
    }
    for name, one in expected.items():
        if one.boxes is None:
            assert found[name].boxes is None
            continue
        for left, right in zip(one.boxes, found[name].boxes, strict=True):
            assert left.label == right.label
            assert near(left, right, within=1e-3)


@settings(max_examples=30, deadline=None)
@given(datasets(box_fields=full_box, picture_fields=full_picture, inside=False))
def test_whatever_cannot_be_said_is_counted(pictures):
    _, losses = there_and_back(Yolo(), pictures)
    said = [one for found in pictures for one in found.boxes or ()]
    assert losses["crowd box (left out: as a box of one object it would mislead)"] == sum(one.is_crowd for one in said)
    assert losses["tags of a picture"] == sum(bool(one.tags) for one in pictures)
    assert losses["track of a box"] == sum(one.track_id is not None for one in said)
    assert losses["outline of an object"] == sum(one.segmentation is not None for one in said)
    assert losses["attributes of a box"] == sum(bool(one.attributes) for one in said)


def test_corners_of_up_to_four_decimals_come_back_exactly():
    pictures = [picture(boxes=[box(x1=0.1, y1=1.2345, x2=33.3333, y2=47.9999)], size=(7680, 4320))]
    found, _ = there_and_back(Yolo(), pictures)
    assert found == by_name(pictures)


def test_corners_outside_are_cut_off_at_the_edge_and_counted():
    found, losses = there_and_back(Yolo(), [picture(boxes=[box("person", -10, 12, 80, 36)])])
    assert found["a.jpg"].boxes == [box("person", 0, 12, 64, 36)]
    assert losses == {"corner of a box outside its picture (cut off at the edge)": 1}


def test_outlines_are_read_as_boxes_and_written_where_asked(tmp_path):
    found, _ = dataset(tmp_path, "1 0.25 0.25 0.75 0.25 0.75 0.5\n")
    (one,) = found["a.jpg"].boxes
    assert one == box("car", 16, 12, 48, 24, segmentation=[[16, 12, 48, 12, 48, 24]])
    pictures = [picture(boxes=[one, box("person", 0, 0, 32, 24), replace(one, segmentation={"size": [1, 1]})])]
    again, losses = there_and_back(Yolo(outlines=True), pictures)
    assert again["a.jpg"].boxes[0] == one
    assert again["a.jpg"].boxes[1].segmentation == [[0, 0, 32, 0, 32, 24, 0, 24]]
    assert losses == {"outline of an object that is no single polygon (its box was written)": 1}


@pytest.mark.slow  # the library takes its time to load
def test_ultralytics_reads_what_is_written(tmp_path):
    from ultralytics.data.utils import check_det_dataset, img2label_paths, verify_image_label

    pictures = [
        picture("cam/a.jpg", [box("dog", 6.4, 4.8, 12.8, 9.6), box("person", 0, 0, 64, 48)], split="train"),
        picture("cam/a.png", [box("person", 32, 0, 64, 24)], split="train"),
        picture("b.jpg", [], split="val"),
        picture("c.jpg", None, split="val"),
    ]
    write(Yolo(), pictures, tmp_path, classes=["person", "dog"])
    data = check_det_dataset(str(tmp_path / "data.yaml"), autodownload=False)
    assert data["names"] == {0: "person", 1: "dog"}
    assert data["train"] == str((tmp_path / "images/train").resolve())
    seen = {}
    for one in pictures:
        file = str(tmp_path / Yolo().picture_path(one))
        (labels,) = img2label_paths([file])
        said = verify_image_label((file, labels, "", False, 2, 0, 0, False))
        rows, shape = said[1], said[2]
        missing, found, empty, corrupt, message = said[5:]
        assert (shape, corrupt, message) == ((48, 64), 0, "")
        seen[one.name] = (sorted(np.round(rows.astype(float), 6).tolist()), missing, found, empty)
    assert seen == {
        "cam/a.jpg": ([[0, 0.5, 0.5, 1, 1], [1, 0.15, 0.15, 0.1, 0.1]], 0, 1, 0),
        "cam/a.png": ([[0, 0.75, 0.25, 0.5, 0.5]], 0, 1, 0),
        "b.jpg": ([], 0, 1, 1),
        "c.jpg": ([], 1, 0, 0),
    }


@pytest.mark.parametrize("splits", [["train"], ["val"], [""], ["test"], ["train", "val", "test", "", "other"], []])
def test_ultralytics_finds_a_folder_whatever_the_splits(tmp_path, splits):
    from ultralytics.data.utils import check_det_dataset

    pictures = [picture(f"x{number}.jpg", [box()], split=split) for number, split in enumerate(splits)]
    write(Yolo(), pictures, tmp_path)
    if splits:
        data = check_det_dataset(str(tmp_path / "data.yaml"), autodownload=False)
        assert data["names"] == {0: "person"}
    assert read(Yolo(), tmp_path)[0] == by_name(pictures)


def test_supervision_reads_what_is_written(tmp_path):
    pictures = [picture("cam/a.jpg", [box("dog", 8, 12, 16, 24)], split="train"), picture("b.jpg", [], split="train")]
    write(Yolo(), pictures, tmp_path)
    folders = [str(tmp_path / folder / "train") for folder in ("images", "labels")]
    found = DetectionDataset.from_yolo(*folders, data_yaml_path=str(tmp_path / "data.yaml"))
    assert found.classes == ["dog"]
    boxes = {path.rsplit("/", 1)[1]: labels.xyxy.tolist() for path, labels in found.annotations.items()}
    assert boxes == {"cam__a.jpg": [[8, 12, 16, 24]], "b.jpg": []}


@pytest.mark.parametrize(
    "data",
    [
        "names: {0: person, 1: car}\npath: .\ntrain: images/train\nval: images/val\n",
        "names: {'0': person, '1': car}\npath: ../datasets/x\ntrain: images/train\nval: images/val\n",
        "names:\n- person\n- car\nnc: 2\ntrain: ../images/train\nval: ./images/val/\n",
        "names: [person, car]\ntrain: /content/drive/x/images/train\nval: C:\\data\\images\\val\n",
        "names: [person, car]\ntrain: [images/train]\nvalidation: images/val\n",
        "\ufeffnames: [person, car]\ntrain: train.txt\nval: images/val\n",
    ],
)
def test_variants_of_the_data_file_say_the_same(tmp_path, data):
    put(tmp_path, "train.txt", "./images/train/a.jpg\n\n")
    found, reading = dataset(tmp_path, data=data)
    assert {name: one.split for name, one in found.items() if one.boxes} == {found and next(iter(found)): "train"}
    assert sorted(one.split for one in found.values()) == ["train", "val"]
    assert (reading.classes, reading.skips.total) == (["person", "car"], 0)


def test_lists_of_pictures_that_are_not_there_are_counted(tmp_path):
    put(tmp_path, "train.txt", "images/train/a.jpg\nimages/train/none.jpg\n../../etc/passwd\n/etc/passwd\n")
    _, reading = dataset(tmp_path, data=NAMES.replace("images/train", "train.txt"))
    assert reading.skips.counts == {"picture in a list that is not there": 3}


def test_labels_lie_beside_the_pictures_where_there_is_no_folder_of_images(tmp_path):
    put(tmp_path, "classes.txt", "person\ncar\n")
    put(tmp_path, "a.jpg", picture_bytes((64, 48)))
    put(tmp_path, "a.txt", "1 0.5 0.5 1 1")
    found, reading = read(Yolo(), tmp_path)
    assert found == {"a.jpg": picture(boxes=[box("car", 0, 0, 64, 48)])}
    assert reading.skips.total == 0


def test_folders_with_the_split_outside_are_understood(tmp_path):
    put(tmp_path, "data.yaml", "names: [person]\ntrain: ../train/images\nval: ../valid/images\n")
    for split in ("train", "valid"):
        put(tmp_path, f"{split}/images/a.jpg", picture_bytes((64, 48)))
        put(tmp_path, f"{split}/labels/a.txt", ROW)
    found, reading = read(Yolo(), tmp_path)
    assert {name: (one.split, len(one.boxes)) for name, one in found.items()} == {
        "a.jpg": ("train", 1),
        "valid/images/a.jpg": ("val", 1),
    }
    assert reading.skips.total == 0


def test_one_folder_for_all_splits_is_no_split(tmp_path):
    found, _ = dataset(tmp_path, data="names: [person]\ntrain: images/all\nval: images/all\n", folder="all")
    assert found["a.jpg"].split == ""


def test_pictures_and_labels_that_belong_to_nothing_are_counted(tmp_path):
    put(tmp_path, "images/extra/x.jpg", picture_bytes((64, 48)))
    put(tmp_path, "labels/train/y.txt", ROW)
    _, reading = dataset(tmp_path)
    assert reading.skips.counts == {"picture that no split names": 1, "label file without a picture": 1}


def test_names_may_be_missing_where_their_number_is_given(tmp_path):
    found, reading = dataset(tmp_path, data="nc: 2 # no names\ntrain: images/train\nval: images/val\n")
    assert (reading.classes, found["a.jpg"].boxes[0].label) == (["class_0", "class_1"], "class_0")


def test_classes_keep_their_order_and_new_ones_come_after_them():
    members = dict(Yolo().write([picture(boxes=[box("z"), box("b")])], classes=["b"], losses=Counter()))
    assert yaml.safe_load(members["data.yaml"])["names"] == {0: "b", 1: "z"}


def test_it_is_recognised(tmp_path):
    write(Yolo(), [picture(boxes=[box()])], tmp_path)
    assert detect(tmp_path) == "yolo"
