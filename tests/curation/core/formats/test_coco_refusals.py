"""What is not valid in a COCO file is skipped with a reason; what is no COCO file is refused."""

import pytest

from curation.core.formats import FormatError
from curation.core.formats.coco import Coco
from tests.curation.core.formats.pictures import box, picture, put, read
from tests.curation.core.formats.test_coco import FIRST, document, read_document


def annotated(**changes):
    return document(annotations=[{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 10, 20]} | changes])


def imaged(**changes):
    return document(images=[{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48} | changes], annotations=[])


NOT_A_NUMBER = "box with a missing corner, or one that is no finite number"


@pytest.mark.parametrize(
    "text, why",
    [
        (annotated(bbox=[1, 2, 0, 20]), "box without area"),
        (annotated(bbox=[1, 2, -5, 20]), "box without area"),
        (annotated(bbox=[100, 2, 10, 20]), "box outside its picture"),
        (annotated(bbox=[-20, 2, 10, 20]), "box outside its picture"),
        (annotated(bbox=[1, 2, 1e300, 20]), "box with a corner beyond 1,000,000 px"),
        (annotated(bbox=[1, 2, float("nan"), 20]), NOT_A_NUMBER),
        (annotated(bbox=[1, 2, float("inf"), 20]), NOT_A_NUMBER),
        (annotated(bbox=[1, 2, 10**400, 20]), NOT_A_NUMBER),
        (annotated(bbox=[1, 2, "10", 20]), NOT_A_NUMBER),
        (annotated(bbox=[1, 2, True, 20]), NOT_A_NUMBER),
        (annotated(bbox=[1, 2, 10]), NOT_A_NUMBER),
        (annotated(bbox=None), NOT_A_NUMBER),
        (annotated(bbox={"x": 1}), NOT_A_NUMBER),
        (annotated(category_id=8), "box of a category that is not listed"),
        (annotated(category_id=[7]), "box of a category that is not listed"),
        (annotated(image_id=2), "box of a picture that is not there"),
        (annotated(image_id=None), "box without a picture's id"),
        (document(annotations=["x"]), "box without a picture's id"),
        (imaged(file_name="../../etc/passwd"), "picture whose name is missing or not safe"),
        (imaged(file_name="/etc/passwd"), "picture whose name is missing or not safe"),
        (imaged(file_name="C:\\a.jpg"), "picture whose name is missing or not safe"),
        (imaged(file_name="a\0.jpg"), "picture whose name is missing or not safe"),
        (imaged(file_name="a\ud800.jpg"), "picture whose name is missing or not safe"),
        (imaged(file_name="http://host/a.jpg"), "picture whose name is missing or not safe"),
        (imaged(file_name="a" * 500), "picture whose name is missing or not safe"),
        (imaged(file_name=7), "picture whose name is missing or not safe"),
        (imaged(width=0), "picture without a usable width and height"),
        (imaged(width=-3), "picture without a usable width and height"),
        (imaged(width=1e9), "picture without a usable width and height"),
        (imaged(width=None), "picture without a usable width and height"),
        (imaged(id=None), "picture without a usable id"),
        (imaged(id=[1]), "picture without a usable id"),
        (document(images=[None], annotations=[]), "picture without a usable id"),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_skipped_with_a_reason(tmp_path, text, why):
    found, reading = read_document(tmp_path, text)
    assert dict(reading.skips.counts) == {why: 1}
    assert [skipped.why for skipped in reading.skips.first] == [why]
    assert sum(len(one.boxes) for one in found.values()) == 0


@pytest.mark.parametrize(
    "text, why",
    [
        (annotated(segmentation="x"), "segmentation that is neither polygons nor RLE; its box was read"),
        (
            annotated(segmentation=[[1, float("nan")]]),
            "segmentation that is neither polygons nor RLE; its box was read",
        ),
        (annotated(keypoints=[float("inf")]), "attribute of a box that is not plain JSON; its box was read"),
        (annotated(attributes={"a\0": 1}), "attribute of a box that is not plain JSON; its box was read"),
    ],
)
def test_a_box_outlives_what_is_not_valid_about_it(tmp_path, text, why):
    found, reading = read_document(tmp_path, text)
    assert found["a.jpg"].boxes == [box("person", 1, 2, 11, 22)]
    assert dict(reading.skips.counts) == {why: 1}


def test_ids_and_names_given_twice_are_the_first_ones(tmp_path):
    image = {"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}
    images = [image, {**image, "file_name": "b.jpg"}, {**image, "id": 2}]
    categories = [{"id": 7, "name": "person"}, {"id": 7, "name": "dog"}, {"id": 8, "name": " "}, 9]
    found, reading = read_document(tmp_path, document(images=images, categories=categories))
    assert found == {"a.jpg": picture(boxes=[box("person", 1, 2, 11, 22)], extra=FIRST)}
    assert reading.skips.counts == {
        "picture whose id is another's too": 1,
        "picture whose name is another's too": 1,
        "category whose id is another's too": 1,
        "category without a usable id and name": 2,
    }


@pytest.mark.parametrize(
    "said",
    [
        {"split": 3}, {"camera": "\0"}, {"recorded_at": "soon"}, {"time_s": float("nan")}, {"frame_index": -1},
        {"name": "../a"}, {"tags": {"a": None}}, {"tags": {"a": float("inf")}}, {"evidence": {"a": 1}}, {"extra": 3},
    ],
)  # fmt: skip
def test_own_fields_that_are_not_valid_are_noted_and_left_out(tmp_path, said):
    found, reading = read_document(tmp_path, imaged(winnow=said))
    assert found == {"a.jpg": picture(extra={})}
    assert reading.skips.total == 1


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", document().encode()[:-20], b"[" * 100_000, document().encode("utf-16-le"), b'{"images": "\xff"}',
        b"null", b"[]", b"{}", b'{"images": []}', b'[{"image_id": 1, "score": 0.5, "bbox": [1, 2, 3, 4]}]',
        b'{"images": {}, "annotations": [], "categories": []}', b"9" * 5000,
    ],
)  # fmt: skip
def test_a_file_that_is_no_coco_is_refused_with_what_was_expected(tmp_path, content):
    file = put(tmp_path, "instances.json", content)
    with pytest.raises(FormatError, match="COCO is a JSON object with the lists"):
        Coco().read(file)
    with pytest.raises(FormatError, match="COCO is a JSON object with the lists"):
        Coco().read(tmp_path)


def test_a_folder_without_json_and_a_path_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(FormatError, match="no JSON file"):
        Coco().read(tmp_path)
    with pytest.raises(FormatError, match="There is no file or folder"):
        Coco().read(tmp_path / "x")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(tmp_path, encoding):
    put(tmp_path, "instances.json", document().encode(encoding))
    assert len(read(Coco(), tmp_path)[0]) == 1


def test_one_broken_file_does_not_keep_the_others_out(tmp_path):
    put(tmp_path, "instances_train.json", document())
    put(tmp_path, "instances_val.json", "{")
    put(tmp_path, "captions.json", "{")
    found, reading = read(Coco(), tmp_path)
    assert len(found) == 1
    assert reading.skips.counts == {"file that is not whole JSON": 1, "JSON file beside the files of instances": 1}
