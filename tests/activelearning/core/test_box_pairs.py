"""Boxes of two lists that are the same objects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.box_pairs import iou_table, pair_up
from evaluation.core.explaining import overlap_of
from tests.activelearning.core.answers import box, boxes

lists = st.lists(boxes, max_size=5)


def test_worked_values():
    assert iou_table([(0, 0, 10, 10)], [(0, 0, 10, 10), (5, 0, 15, 10), (20, 0, 30, 10)]).tolist() == [
        [1.0, pytest.approx(1 / 3), 0.0]
    ]
    assert iou_table([], [(0, 0, 1, 1)]).shape == (0, 1)


def test_the_sum_counts_not_the_best_pair():
    # The best pair is (0, 0), which would leave a bad one.
    assert [(a, b) for a, b, _ in pair_up([box(0), box(4)], [box(1), box(-4)])] == [(0, 1), (1, 0)]


def test_labels_part_boxes_unless_they_may_differ():
    assert pair_up([box(label="car")], [box()]) == []
    assert pair_up([box(label="car")], [box()], same_label=False) == [(0, 0, 1.0)]
    assert pair_up([box(label="car"), box()], [box()], same_label=False) == [(1, 0, 1.0)]
    assert pair_up([box()], [box(5)], least_iou=0.5) == pair_up([], [box()]) == pair_up([box()], [box(10)]) == []


@given(lists, lists)
def test_each_box_is_paired_once_and_the_overlap_is_that_of_the_metrics(one, two):
    pairs = pair_up(one, two)
    assert len({a for a, *_ in pairs}) == len({b for _, b, _ in pairs}) == len(pairs) <= min(len(one), len(two))
    for a, b, iou in pairs:
        assert one[a].label == two[b].label
        x, y = (np.array([*c[:2], c[2] - c[0], c[3] - c[1]]) for c in (one[a].box, two[b].box))
        assert iou == pytest.approx(overlap_of(x, y, False))
