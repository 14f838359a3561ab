"""Draws of groups, and intervals: by hand, beside the obvious way, and what always holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluation.core.bootstrap import draw_groups, interval_of, whole


def recall_draws(hits, of, *, replicates=2000, seed=0):
    hits, of = np.asarray(hits, float), np.asarray(of, float)
    weights = draw_groups(np.arange(len(of)), group_count=len(of), replicates=replicates, seed=seed)
    with np.errstate(invalid="ignore"):
        return (weights @ hits) / (weights @ of), hits.sum() / of.sum()


def test_each_draw_takes_as_many_groups_as_there_are_and_no_others():
    weights = draw_groups(np.array([1, 4, 6]), group_count=8, replicates=50, seed=3)
    assert weights.shape == (50, 8)
    assert weights.dtype == np.int32
    assert (weights.sum(axis=1) == 3).all()
    assert weights[:, [0, 2, 3, 5, 7]].sum() == 0


def test_the_same_seed_draws_the_same_and_another_seed_others():
    first, again, other = (draw_groups(np.arange(9), group_count=9, replicates=20, seed=seed) for seed in (5, 5, 6))
    assert (first == again).all()
    assert (first != other).any()


def test_groups_are_drawn_evenly_and_independently():
    weights = draw_groups(np.arange(20), group_count=20, replicates=20_000, seed=1)
    assert weights.mean(axis=0) == pytest.approx(np.ones(20), abs=0.03)
    assert weights.var(axis=0) == pytest.approx(np.full(20, 0.95), abs=0.05)  # binomial: 20 x 1/20 x 19/20


def test_draws_do_not_depend_on_the_size_of_blocks(monkeypatch):
    at_once = draw_groups(np.arange(7), group_count=7, replicates=30, seed=2)
    monkeypatch.setattr("evaluation.core.bootstrap._BLOCK_CELLS", 21)
    assert (draw_groups(np.arange(7), group_count=7, replicates=30, seed=2) == at_once).all()


@pytest.mark.parametrize("groups", [np.array([0, 3]), np.array([-1, 0])])
def test_a_group_that_is_not_there_is_refused(groups):
    with pytest.raises(ValueError, match="group_count is 3"):
        draw_groups(groups, group_count=3, replicates=2, seed=0)


def test_no_groups_no_replicates_and_one_group():
    assert draw_groups(np.array([], int), group_count=2, replicates=3, seed=0).tolist() == [[0, 0]] * 3
    assert draw_groups(np.arange(2), group_count=2, replicates=0, seed=0).shape == (0, 2)
    assert draw_groups(np.array([1]), group_count=2, replicates=2, seed=-1).tolist() == [[0, 1]] * 2
    assert whole(3).tolist() == [[1, 1, 1]]


@pytest.mark.parametrize("groups, low", [(1, 0.05), (3, 0.05 ** (1 / 3)), (59, 0.9505)])
def test_three_of_three_is_not_certain(groups, low):
    figures = np.ones(100)
    assert interval_of(figures, value=1.0, groups=groups) == pytest.approx((low, 1.0), abs=1e-4)
    assert interval_of(1 - figures, value=0.0, groups=groups) == pytest.approx((0.0, 1 - low), abs=1e-4)


def test_many_independent_groups_come_near_the_exact_binomial_interval():
    figures, value = recall_draws([1] * 240 + [0] * 60, [1] * 300)
    exact = stats.binomtest(240, 300).proportion_ci(0.95)
    assert interval_of(figures, value=value, groups=300) == pytest.approx((exact.low, exact.high), abs=0.01)


def test_groups_count_and_not_the_objects_in_them():
    few, value = recall_draws([100, 100, 0, 100, 0, 100], [100] * 6)
    many, _ = recall_draws([1, 1, 0, 1, 0, 1] * 100, [1] * 600)
    low, high = interval_of(few, value=value, groups=6)
    tight_low, tight_high = interval_of(many, value=value, groups=600)
    assert high - low > 0.6
    assert tight_high - tight_low < 0.1


def test_draws_with_nothing_to_measure_are_left_out_and_too_few_say_nothing():
    figures, value = recall_draws([3, 0, 2, 0, 1, 2], [4, 0, 2, 0, 2, 3])
    with_gaps = np.concatenate([figures, np.full(500, np.nan)])
    assert interval_of(with_gaps, value=value, groups=6) == interval_of(figures, value=value, groups=6)
    assert interval_of(np.full(100, np.nan), value=0.5, groups=6) is None
    assert interval_of(np.array([]), value=0.5, groups=6) is None
    assert interval_of(figures, value=float("nan"), groups=6) is None
    assert interval_of(figures, value=0.5, groups=0) is None


def test_a_mean_without_limits_has_students_interval():
    values = np.array([2.0, 4.0, 4.0, 5.0, 9.0, 12.0])
    weights = draw_groups(np.arange(6), group_count=6, replicates=200_000, seed=0)
    interval = interval_of(weights @ values / 6, value=values.mean(), groups=6, limits=(None, None))
    exact = stats.t.interval(0.95, 5, loc=values.mean(), scale=stats.sem(values))
    assert interval == pytest.approx(exact, rel=0.01)


def test_rates_have_no_upper_limit_and_none_in_any_group_needs_to_know_what_one_would_be():
    zero = np.zeros(100)
    assert interval_of(zero, value=0.0, groups=10, limits=(0.0, None)) is None
    low, high = interval_of(zero, value=0.0, groups=10, limits=(0.0, None), step=2.0)
    assert low == 0.0
    assert high == pytest.approx(2.0 * (1 - 0.05**0.1))
    flat = {"value": 1.0, "groups": 9, "limits": (0.0, None)}
    assert interval_of(zero + 1, **flat) is None
    low, high = interval_of(zero + 1, **flat, step=1.0)
    assert low < 0.5
    assert high > 2.0
    figures, value = recall_draws([3, 0, 1, 4, 2, 2, 5, 1], [1] * 8)
    low, high = interval_of(figures, value=value, groups=8, limits=(0.0, None))
    assert 0 < low < value < high
    assert high - value > value - low


def test_confidence_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match=r"confidence is 95"):
        interval_of(np.ones(50), value=1.0, groups=3, confidence=95)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30),
    st.sampled_from([0.8, 0.9, 0.95]),
)
def test_an_interval_of_shares_holds_its_figure_and_grows_with_confidence(pairs, confidence):
    hits, of = np.array([min(pair) for pair in pairs]), np.array([max(pair) for pair in pairs])
    if not of.sum():
        return
    figures, value = recall_draws(hits, of, replicates=200)
    inner = interval_of(figures, value=value, groups=len(of), confidence=confidence)
    outer = interval_of(figures, value=value, groups=len(of), confidence=0.99)
    assert 0.0 <= outer[0] <= inner[0] <= value <= inner[1] <= outer[1] <= 1.0
    assert outer[1] > outer[0]


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.integers(1, 20))
def test_finding_all_is_never_less_sure_than_missing_one(groups, size):
    of = np.full(groups, size)
    hits = of.copy()
    hits[0] -= 1
    missed, value = recall_draws(hits, of, replicates=500)
    assert interval_of(missed, value=value, groups=groups)[0] <= 0.05 ** (1 / groups) + 1e-9
