"""Bars and lines, drawn with characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.management.bars import bar, sparkline


@pytest.mark.parametrize(
    "share, expected, drawn",
    [
        (0, None, ""),
        (1, None, "████"),
        (0.5, None, "██"),
        (0.55, None, "██▎"),
        (0.5, 1, "██ ┃"),
        (0.5, 0.25, "┃█"),
        (0, 0, "┃"),
        (1, 0.5, "█┃██"),
        (0, 0.01, "┃"),
    ],
)
def test_a_share_is_a_bar_with_a_mark_at_the_expected_one(share, expected, drawn):
    assert bar(share, expected=expected, columns=4) == drawn


@pytest.mark.parametrize(
    "counts, drawn", [([], ""), ([0, 0], "▁▁"), ([5], "█"), ([1, 8, 4, 0], "▁█▄▁"), ([1] * 4 + [0] * 4, "█▁")]
)
def test_counts_are_a_line_at_most_so_long(counts, drawn):
    assert sparkline(counts, columns=len(drawn) or 9) == drawn


@given(st.floats(0, 1), st.none() | st.floats(0, 1))
def test_a_bar_is_never_longer_than_it_may_be(share, expected):
    assert len(bar(share, expected=expected, columns=10)) <= 10


@given(st.lists(st.integers(0, 10**9), max_size=300), st.integers(1, 90))
def test_a_line_is_never_longer_than_it_may_be_and_shows_every_peak(counts, columns):
    line = sparkline(counts, columns=columns)
    assert len(line) <= columns
    assert ("█" in line) == any(counts)
