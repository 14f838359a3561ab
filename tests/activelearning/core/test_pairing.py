"""Which boxes are the same object."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.pairing import enlarged, one_to_one, overlaps


def box(*rows):
    return np.asarray(rows, np.float64).reshape(-1, 4)


def keys(*values):
    return np.asarray(values, np.int64)


def test_boxes_of_one_key_that_overlap_enough_are_paired_in_any_order_of_keys():
    one, two, iou = overlaps(
        keys(5, 2), box((0, 0, 10, 10), (0, 0, 10, 10)),
        keys(5, 2, 5), box((0, 0, 10, 5), (100, 100, 110, 110), (9, 9, 20, 20)),
        least_iou=0.3,
    )  # fmt: skip
    assert (one.tolist(), two.tolist()) == ([0], [0])
    assert iou == pytest.approx([0.5])


def test_nothing_overlaps_nothing():
    one, two, iou = overlaps(keys(), box(), keys(1), box((0, 0, 1, 1)), least_iou=0.1)
    assert len(one) == len(two) == len(iou) == 0
    assert len(one_to_one((one, two, iou))[0]) == 0


def test_each_box_is_in_one_pair_the_best_first():
    one, two, iou = one_to_one((keys(0, 0, 1, 1), keys(0, 1, 0, 1), np.asarray([0.6, 0.9, 0.5, 0.8])))
    assert list(zip(one.tolist(), two.tolist(), strict=True)) == [(0, 1), (1, 0)]
    assert iou.tolist() == [0.9, 0.5]


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([0.2, 0.4, 0.6])),
        max_size=40,
        unique_by=lambda pair: pair[:2],
    )
)
def test_pairs_are_those_of_a_greedy_walk(pairs):
    walked, used_one, used_two = [], set(), set()
    for one, two, _ in sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])):
        if one not in used_one and two not in used_two:
            walked.append((one, two))
            used_one.add(one)
            used_two.add(two)
    columns = [np.asarray([pair[i] for pair in pairs]) for i in range(3)]
    found = one_to_one((columns[0].astype(np.int64), columns[1].astype(np.int64), columns[2].astype(np.float64)))
    assert list(zip(found[0].tolist(), found[1].tolist(), strict=True)) == walked


def test_boxes_are_widened_by_their_size():
    assert enlarged(box((10, 20, 14, 30)), by=0.5).tolist() == [[8, 15, 16, 35]]
    assert enlarged(box(), by=0.5).shape == (0, 4)
