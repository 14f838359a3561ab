"""Sharing picks out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.handing_over import evenly_mixed, hand_out


def hand(count, shares, stocks):
    left = list(stocks)

    def take(place, wanted):
        got = min(wanted, left[place])
        left[place] -= got
        return got

    return hand_out(count, shares, take)


@pytest.mark.parametrize(
    "count, shares, stocks, given",
    [
        (10, [1, 1], [99, 99], [5, 5]),
        (10, [3, 1, 1], [99, 99, 99], [6, 2, 2]),
        (10, [3, 1, 1], [1, 99, 99], [1, 5, 4]),  # the five left over go to the two others
        (10, [3, 1, 1], [99, 0, 0], [10, 0, 0]),
        (10, [1, 1], [2, 3], [2, 3]),
        (1, [1, 1], [9, 9], [1, 0]),
        (1, [1, 1], [0, 9], [0, 1]),
        (0, [1], [9], [0]),
        (5, [], [], []),
    ],
)
def test_what_one_cannot_give_the_others_do(count, shares, stocks, given):
    assert hand(count, shares, stocks) == given


@given(
    st.integers(0, 60),
    st.lists(st.tuples(st.floats(0.01, 100), st.integers(0, 30)), max_size=6),
)
def test_as_many_come_as_there_are_and_never_more_than_asked(count, sides):
    shares, stocks = [share for share, _ in sides], [stock for _, stock in sides]
    given_each = hand(count, shares, stocks)
    assert sum(given_each) == min(count, sum(stocks))
    assert all(got <= stock for got, stock in zip(given_each, stocks, strict=True))


def test_lists_are_mixed_so_that_all_come_as_far():
    assert evenly_mixed(["abcd", "xy"]) == ["a", "x", "b", "c", "y", "d"]
    assert evenly_mixed([[], "ab", []]) == ["a", "b"]
    assert evenly_mixed([]) == []
    mixed = evenly_mixed([[("a", i) for i in range(30)], [("b", i) for i in range(10)]])
    assert [name for name, _ in mixed[:20]].count("b") == 5
