"""Detections are read from COCO results and CSV; each row that is none is counted with its reason."""

import json

import pytest

from evaluation.core.coco_index import CocoIndex, CocoIndexError, Listed, read_coco_index
from evaluation.core.detection_files import DetectionFileError, ReadBox, Reading

INDEX = CocoIndex({1: Listed("a.jpg", 64, 48), "two": Listed("b.jpg", 0, 0)}, {7: "person"})
GOOD = {"image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4], "score": 0.5}


def coco(folder, rows, index=INDEX):
    path = folder / "results.json"
    path.write_text(json.dumps(rows))
    reading = Reading(path)
    return list(reading.coco(index)), reading


def table(folder, text):
    path = folder / "results.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    reading = Reading(path)
    return list(reading.csv()), reading


def test_coco_results_are_explained_by_their_truth(tmp_path):
    boxes, reading = coco(tmp_path, [GOOD, {**GOOD, "image_id": "two", "score": 1, "area": 12}])
    assert boxes == [ReadBox("a.jpg", "person", 0.5, 1, 2, 4, 6, 64, 48), ReadBox("b.jpg", "person", 1, 1, 2, 4, 6)]
    assert (reading.rows, reading.skips.total) == (2, 0)


def test_rows_can_name_picture_and_label_themselves(tmp_path):
    rows = [
        {"file_name": "a.jpg", "label": "person", "bbox": [0, 0, 1, 1], "score": 0.1},
        {"identity": "ab:1", "category": "dog", "bbox": [0, 0, 1, 1], "score": 0.1},
        {"frame": 12, "label": "dog", "bbox": [0, 0, 1, 1], "score": 0.1},
        {"image_id": "a.jpg", "label": "dog", "bbox": [0, 0, 1, 1], "score": 0.1},
    ]
    boxes, _ = coco(tmp_path, rows, index=None)
    assert [(box.image, box.label) for box in boxes] == [
        ("a.jpg", "person"), ("ab:1", "dog"), (12, "dog"), ("a.jpg", "dog")
    ]  # fmt: skip


@pytest.mark.parametrize("change, why", [
    ({"image_id": 9}, "the truth does not list"), ({"image_id": [1]}, "the truth does not list"),
    ({"category_id": 8}, "nothing names"), ({"bbox": None}, "four numbers"), ({"bbox": [1, 2, 3]}, "four numbers"),
    ({"bbox": [1, 2, 0, 4]}, "without an area"), ({"bbox": [1, 2, -3, 4]}, "without an area"),
    ({"bbox": [1, 2, "x", 4]}, "no numbers"), ({"bbox": [1, 2, float("nan"), 4]}, "no numbers"),
    ({"score": 1.5}, "from 0 to 1"), ({"score": None}, "from 0 to 1"), ({"score": float("nan")}, "from 0 to 1"),
    ({"score": True}, "from 0 to 1"), ({"label": ""}, "without a label"), ({"label": "a\0"}, "without a label"),
    ({"label": "x" * 81}, "without a label"), ({"bbox": [1e999, 2, 3, 4]}, "no numbers"),
])  # fmt: skip
def test_a_row_that_is_no_detection_is_counted_with_its_reason(tmp_path, change, why):
    boxes, reading = coco(tmp_path, [GOOD, {**GOOD, **change}])
    assert len(boxes) == 1
    ((said, count),) = reading.skips.counts.items()
    assert why in said
    assert count == 1


def test_ids_without_a_truth_are_not_guessed(tmp_path):
    boxes, reading = coco(tmp_path, [GOOD], index=None)
    assert boxes == []
    assert "name the truth file" in next(iter(reading.skips.counts))


def test_what_is_no_list_of_results_is_told(tmp_path):
    for content in ({"images": []}, [1], "x"):
        with pytest.raises(DetectionFileError, match="as COCO results"):
            coco(tmp_path, content)
    assert coco(tmp_path, [])[0] == []


def test_tables_are_read_with_corners_or_sides(tmp_path):
    boxes, _ = table(tmp_path, "\ufefffile_name,label,score,x1,y1,x2,y2,more\na.jpg, person ,0.5,1,2,4,6,?\n")
    assert boxes == [ReadBox("a.jpg", "person", 0.5, 1, 2, 4, 6)]
    boxes, _ = table(tmp_path, "identity;label;score;x;y;width;height\nab:1;dog;1e-1;1;2;3;4\r\n")
    assert boxes == [ReadBox("ab:1", "dog", 0.1, 1, 2, 4, 6)]
    assert table(tmp_path, "frame\tlabel\tscore\tx1\ty1\tx2\ty2\n3\tdog\t1\t0\t0\t1\t1\n")[0][0].image == 3
    assert table(tmp_path, "frame,label,score,x1,y1,x2,y2\n")[0] == []


def test_broken_rows_of_a_table_are_counted(tmp_path):
    text = "frame,label,score,x1,y1,x2,y2\n1,dog,0.5,0,0,1,1\n,dog,0.5,0,0,1,1\n-1,dog,1,0,0,1,1\n1,dog,0.5,0,0\n1\n"
    boxes, reading = table(tmp_path, text)
    assert len(boxes) == 1
    assert (reading.rows, reading.skips.total) == (5, 4)


def test_a_table_without_its_columns_says_which(tmp_path):
    with pytest.raises(DetectionFileError, match=r"lacks the columns score, x1.*it has: frame, label"):
        table(tmp_path, "frame,label\n")
    with pytest.raises(DetectionFileError, match="identity"):
        table(tmp_path, "label,score,x1,y1,x2,y2\n")
    for content in ("", b"\xff\xfe\0", "frame"):
        with pytest.raises(DetectionFileError):
            table(tmp_path, content)
    with pytest.raises(DetectionFileError, match="cannot be read"):
        list(Reading(tmp_path / "none.csv").csv())


def test_truth_lists_images_and_labels(tmp_path):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({
        "images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}, {"id": 2, "file_name": "f__b.jpg",
                    "winnow": {"name": "f/b.jpg"}}, {"id": None, "file_name": "c"}, 7],
        "categories": [{"id": 7, "name": "person"}, {"id": 8}],
    }))  # fmt: skip
    index = read_coco_index(path)
    assert index == CocoIndex({1: Listed("a.jpg", 64, 48), 2: Listed("f/b.jpg", 0, 0)}, {7: "person"})
    for text in ("[]", "{}", "{"):
        path.write_text(text)
        with pytest.raises(CocoIndexError):
            read_coco_index(path)
