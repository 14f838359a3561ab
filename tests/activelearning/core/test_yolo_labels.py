"""Rows of label files: cut at the edges, and what cannot be learnt from is counted."""

from collections import Counter

from activelearning.core.yolo_labels import label_rows

SIZE = (100, 50)


def rows(*boxes):
    left_out = Counter()
    return label_rows(boxes, numbers={"person": 0, "car": 1}, size_px=SIZE, left_out=left_out), dict(left_out)


def test_a_box_is_written_in_shares_of_the_picture():
    found, left_out = rows(("car", (10, 10, 30, 20), False, False))
    assert found == ["1 0.20000000 0.30000000 0.20000000 0.20000000"]
    assert left_out == {}


def test_a_box_is_cut_off_at_the_edges():
    found, _ = rows(("person", (-10, -5, 50, 200), False, False))
    assert found == ["0 0.25000000 0.50000000 0.50000000 1.00000000"]


def test_what_cannot_be_learnt_from_is_counted():
    found, left_out = rows(
        ("person", (0, 0, 9, 9), True, False),
        ("person", (0, 0, 9, 9), False, True),
        ("person", (200, 0, 300, 9), False, False),
        ("person", (0, 0, float("nan"), 9), False, False),
    )
    assert found == []
    assert left_out == {"crowd": 1, "marked to be ignored": 1, "smaller than a pixel within its picture": 2}
