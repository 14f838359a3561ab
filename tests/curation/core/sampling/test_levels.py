"""Filling evenly, in numbers worked out by hand and against a search for the fairest."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.sampling.contract import Cut, Supply
from curation.core.sampling.levels import fill_evenly


def fill(available, size, cuts=()):
    return fill_evenly(Supply(np.asarray(available, np.int64), tuple(cuts)), size=size).tolist()


@pytest.mark.parametrize(
    "available, size, expected",
    [
        ([3, 50, 9], 20, [3, 9, 8]),
        ([10, 10, 10], 9, [3, 3, 3]),
        ([10, 10, 10], 10, [4, 3, 3]),
        ([10, 10, 12], 10, [3, 3, 4]),  # one more comes from the richest
        ([0, 5, 0], 4, [0, 4, 0]),
        ([1, 2, 3], 100, [1, 2, 3]),
        ([5, 5], 0, [0, 0]),
        ([5, 5], 1, [1, 0]),
        ([7], 3, [3]),
        ([], 3, []),
    ],
)
def test_cells_are_filled_to_one_level(available, size, expected):
    assert fill(available, size) == expected


def test_cells_that_share_a_cut_share_what_it_lets_through():
    cut = Cut(np.asarray([True, True, False]), 6, "max_per_video")
    assert fill([10, 10, 10], 18, [cut]) == [3, 3, 10]
    assert fill([1, 10, 10], 18, [cut]) == [1, 5, 10]


@given(
    available=st.lists(st.integers(0, 5), min_size=1, max_size=4),
    size=st.integers(0, 12),
    most=st.integers(0, 8),
    inside=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_no_filling_is_fairer(available, size, most, inside):
    cut = Cut(np.asarray(inside[: len(available)]), most, "")
    found = fill(available, size, [cut])
    choices = [
        counts
        for counts in product(*(range(n + 1) for n in available))
        if sum(counts) <= size and sum(n for n, of in zip(counts, cut.members, strict=True) if of) <= most
    ]
    assert tuple(found) in choices
    total = max(map(sum, choices))
    # The fairest: of all that give the most frames, the one whose lowest cell is highest, then the next lowest.
    assert sorted(found) == max(sorted(counts) for counts in choices if sum(counts) == total)
