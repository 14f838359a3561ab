"""What is not valid in a YOLO dataset is skipped with a reason; what is none is refused."""

import pytest

from curation.core.formats import FormatError
from curation.core.formats.yolo import Yolo
from tests.curation.core.formats.pictures import box, picture_bytes, put
from tests.curation.core.formats.test_yolo import NAMES, ROW, dataset


@pytest.mark.parametrize(
    "row, why",
    [
        ("2 0.5 0.5 0.2 0.2", "row of a class that is not listed"),
        ("-1 0.5 0.5 0.2 0.2", "row of a class that is not listed"),
        ("0.5 0.5 0.5 0.2 0.2", "row of a class that is not listed"),
        ("person 0.5 0.5 0.2 0.2", "row of a class that is not listed"),
        ("1e400 0.5 0.5 0.2 0.2", "row of a class that is not listed"),
        ("0 nan 0.5 0.2 0.2", "box with a missing corner, or one that is no finite number"),
        ("0 0.5 inf 0.2 0.2", "box with a missing corner, or one that is no finite number"),
        ("0 0.5 x 0.2 0.2", "box with a missing corner, or one that is no finite number"),
        ("0 0.5 1_0 0.2 0.2", "box with a missing corner, or one that is no finite number"),
        ("0 1e308 0.5 1e308 0.2", "box with a missing corner, or one that is no finite number"),
        ("0 0.5 0.5 1e9 0.2", "box with a corner beyond 1,000,000 px"),
        ("0 0.5 0.5 0 0.2", "box without area"),
        ("0 0.5 0.5 -0.1 0.2", "box without area"),
        ("0 1.5 0.5 0.2 0.2", "box outside its picture"),
        ("0 0.5 0.5 0.2", "row that is neither a box nor an outline"),
        ("0", "row that is neither a box nor an outline"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "row that is neither a box nor an outline"),
        ("0 0.1 0.1 0.1 0.1 0.1 0.1", "box without area"),
    ],
)
def test_rows_that_are_not_valid_are_skipped_with_a_reason(tmp_path, row, why):
    found, reading = dataset(tmp_path, f"{row}\n\n{ROW}")
    assert found["a.jpg"].boxes == [box("person", 24, 12, 40, 36)]
    assert dict(reading.skips.counts) == {why: 1}


def test_scores_and_keypoints_are_noted_and_their_boxes_read(tmp_path):
    data = NAMES + "kpt_shape: [2, 3]\n"
    found, reading = dataset(tmp_path, "0 .5 .5 .25 .5 .9\n0 .5 .5 .25 .5 .1 .1 2 .2 .2 2\n", data=data)
    assert found["a.jpg"].boxes == [box("person", 24, 12, 40, 36)] * 2
    assert reading.skips.counts == {
        "sixth number of a row, such as a score; its box was read": 1,
        "keypoints of a row; its box was read": 1,
    }


def test_pictures_and_labels_that_cannot_be_read_are_skipped(tmp_path):
    put(tmp_path, "images/train/b.jpg", "no picture")
    found, reading = dataset(tmp_path, b"\xff\xfe\xff")
    assert found["a.jpg"].boxes is None
    assert reading.skips.counts == {"picture that cannot be read": 1, "file that is not UTF-8 text": 1}


@pytest.mark.parametrize(
    "data",
    [
        "", "[]", "names: 3", "a: names: b", "{names", "x: 1 # names", "names: &a [*a", "names: x\nnc: 0",
        b"names: \xff\xff", "nc: 10000000 # names",
    ],
)  # fmt: skip
def test_a_data_file_that_is_none_is_refused_with_what_was_expected(tmp_path, data):
    put(tmp_path, "images/a.jpg", picture_bytes((64, 48)))
    put(tmp_path, "data.yaml", data)
    with pytest.raises(FormatError, match=r"YOLO has a data.yaml with `names`"):
        Yolo().read(tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        "names: &a [*a, person]", "names: {0: [1, 2], 1: person}", "names: [null, person]", "names: ['', person]",
        'names: ["a\\0b", person]', f"names: [{'x' * 81}, person]", "names: [2026-01-01, person]",
        "names: [0x" + "f" * 9000 + ", person]",
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nnames: [[*e,*e,*e,*e], person]",
    ],
)  # fmt: skip
def test_classes_that_are_not_valid_are_noted_and_the_others_keep_their_numbers(tmp_path, names):
    data = names + "\ntrain: images/train\nval: images/val\n"
    found, reading = dataset(tmp_path, "0 .5 .5 .25 .5\n1 .5 .5 .25 .5\n", data=data)
    assert found["a.jpg"].boxes == [box("person", 24, 12, 40, 36)]
    assert reading.skips.counts["row of a class that is not listed"] == 1
    assert all(len(skipped.what) <= 300 for skipped in reading.skips.first)


def test_a_folder_that_the_data_file_names_and_that_is_not_there_is_noted(tmp_path):
    _, reading = dataset(tmp_path, data=NAMES + "test: images/test\n")
    assert reading.skips.counts == {"folder or list in data.yaml that is not there": 1}
