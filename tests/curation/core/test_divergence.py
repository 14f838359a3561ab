"""The Jensen-Shannon divergence: by hand, beside scipy, and what always holds of it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from curation.core.divergence import jensen_shannon, parts, shares_of

counts = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)
pairs = st.integers(1, 12).flatmap(
    lambda size: st.tuples(*(st.lists(st.integers(0, 10**9), min_size=size, max_size=size) for _ in range(2)))
)


@pytest.mark.parametrize(
    "left, right, figure",
    [
        ([1, 1], [5, 5], 0.0),  # only shares count
        ([1, 0], [0, 1], 1.0),
        ([3, 0, 0], [0, 2, 2], 1.0),
        ([1], [7], 0.0),
        # ½·(1·log2(1/0.75)) + ½·(½·log2(0.5/0.75) + ½·log2(0.5/0.25))
        ([1, 0], [1, 1], 0.5 * math.log2(4 / 3) + 0.25 * math.log2(2 / 3) + 0.25),
    ],
)
def test_small_tables_by_hand(left, right, figure):
    assert jensen_shannon(left, right) == pytest.approx(figure, abs=1e-12)


@pytest.mark.parametrize("left, right", [([], []), ([0, 0], [1, 2]), ([1, 2], [0, 0]), ([0], [0])])
def test_nothing_to_compare_is_none_and_not_zero(left, right):
    assert jensen_shannon(left, right) is None
    assert parts(left, right) is None


def test_two_lengths_and_odd_counts_are_refused():
    with pytest.raises(ValueError, match="cannot be compared"):
        jensen_shannon([1, 2], [1, 2, 3])
    for odd in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="finite and not negative"):
            shares_of([1, odd])


def test_a_rare_value_that_is_absent_weighs_more_than_a_common_one_a_little_off():
    expected = [0.05, 0.5, 0.45]
    rare, common, _ = parts([0.0, 0.55, 0.45], expected)
    assert rare == pytest.approx(0.025)
    assert rare > 10 * common


@given(pairs)
def test_it_is_the_square_of_scipys_distance(pair):
    left, right = pair
    figure = jensen_shannon(left, right)
    if figure is None:
        assert not (any(left) and any(right))
    else:
        # scipy takes the root of a sum that rounding may leave below 0
        distance = jensenshannon(left, right, base=2)
        assert figure == pytest.approx(0.0 if math.isnan(distance) else distance**2, abs=1e-9)


@given(pairs)
def test_symmetric_within_bounds_and_the_sum_of_its_parts(pair):
    left, right = pair
    figure = jensen_shannon(left, right)
    if figure is None:
        return
    assert 0.0 <= figure <= 1.0
    assert figure == pytest.approx(jensen_shannon(right, left), abs=1e-12)
    assert np.all(parts(left, right) >= 0)
    assert parts(left, right).sum() == pytest.approx(figure, abs=1e-12)


@given(counts, st.integers(1, 1000))
def test_it_does_not_depend_on_how_many_there_are(some, factor):
    if any(some):
        assert jensen_shannon(some, [count * factor for count in some]) == pytest.approx(0.0, abs=1e-12)


@given(st.floats(1e-300, 1e300))
def test_weights_of_any_size(scale):
    assert shares_of([scale, scale]) == pytest.approx([0.5, 0.5])
