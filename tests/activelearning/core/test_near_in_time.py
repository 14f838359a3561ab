"""Which frames were taken close to some known ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.near_in_time import near_in_time


def near(place, time_us, known, gap_us):
    asked = (np.array(place, np.int64), np.array(time_us, np.int64), np.array(known, bool))
    return near_in_time(*asked, gap_us=gap_us).tolist()


@pytest.mark.parametrize(
    "place, time_us, known, gap_us, expected",
    [
        ([], [], [], 5, []),
        ([1], [0], [False], 5, [False]),
        ([1, 1, 1, 2], [0, 5, 11, 0], [1, 0, 0, 0], 5, [True, True, False, False]),
        ([1, 1, 1], [20, 0, 9], [0, 1, 0], 9, [False, True, True]),
        ([1, 1, 2, 2], [0, 3, 3, 4], [1, 0, 0, 1], 5, [True, True, True, True]),
        ([1, 1], [7, 7], [1, 0], 0, [True, True]),
    ],
)
def test_frames_within_the_gap_of_a_known_one_are_near(place, time_us, known, gap_us, expected):
    assert near(place, time_us, known, gap_us) == expected


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.booleans()), max_size=25), st.integers(0, 8))
def test_as_comparing_each_with_each_says(rows, gap_us):
    slow = [
        any(other and q == p and abs(t - u) <= gap_us for q, u, other in rows) for p, t, _ in rows
    ]  # fmt: skip
    assert near([p for p, _, _ in rows], [t for _, t, _ in rows], [k for *_, k in rows], gap_us) == slow
