"""The test of a slice against the rest, beside a slow version of the same formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluation.core.slice_tests import Counted, cells_tested, false_discovery_rates


def slow(hits, of, group, is_in, likeness):
    """One slice, group by group."""
    rate, rest = hits[is_in].sum() / of[is_in].sum(), hits[~is_in].sum() / of[~is_in].sum()
    overall = hits.sum() / of.sum()
    spread = model_own = model_rest = model_both = 0.0
    own_groups = rest_groups = 0
    for one in np.unique(group):
        inside, outside = (group == one) & is_in, (group == one) & ~is_in
        n, m = of[inside].sum(), of[outside].sum()
        own = (hits[inside].sum() - rate * n) / (of[is_in].sum() - n) if n else 0.0
        spread += (own - (hits[outside].sum() - rest * m) / of[~is_in].sum()) ** 2
        own_groups, rest_groups = own_groups + (n > 0), rest_groups + (m > 0)
        model_own += n + n * (n - 1) * likeness
        model_rest += m + m * (m - 1) * likeness
        model_both += n * m * likeness
    total, others = of[is_in].sum(), of[~is_in].sum()
    model = overall * (1 - overall) * (
        model_own / total**2 + model_rest / others**2 - 2 * model_both / (total * others)
    )  # fmt: skip
    by_groups = stats.t.cdf((rate - rest) / np.sqrt(spread), min(own_groups, rest_groups) - 1)
    return rate, rest, max(by_groups, stats.norm.cdf((rate - rest) / np.sqrt(model)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_it_is_the_slow_version(seed):
    chance = np.random.default_rng(seed)
    group = np.sort(chance.integers(0, 8, 60))
    of = chance.integers(0, 4, 60).astype(float)
    hits = chance.binomial(of.astype(int), chance.random(60)).astype(float)
    cell = chance.integers(-1, 3, 60)
    counted = Counted(hits, of, group)
    tested = cells_tested(counted, cell, cells=3)
    for place in range(3):
        rate, rest, p = slow(hits, of, group, cell == place, counted.likeness)
        assert tested.images[place] == (cell == place).sum()
        assert tested.rate[place] == pytest.approx(rate)
        assert tested.rest_rate[place] == pytest.approx(rest)
        if np.isfinite(p):
            assert tested.p[place] == pytest.approx(p, rel=1e-6, abs=1e-12)


def test_a_side_of_one_group_cannot_be_tested():
    counted = Counted(np.array([0.0, 0, 4, 4]), np.full(4, 4.0), np.array([0, 0, 1, 2]))
    tested = cells_tested(counted, np.array([0, 0, -1, -1]), cells=1)
    assert (tested.groups[0], tested.rate[0], tested.rest_rate[0], tested.p[0]) == (1, 0.0, 1.0, 1.0)
    everything = cells_tested(counted, np.zeros(4, np.int64), cells=2)
    assert everything.p.tolist() == [1.0, 1.0]


def test_likeness_is_none_among_independent_objects_and_whole_among_copies():
    chance = np.random.default_rng(0)
    group = np.repeat(np.arange(400), 5)
    of, single = np.ones(2000), chance.binomial(1, 0.7, 2000).astype(float)
    assert Counted(single, of, group).likeness == pytest.approx(0.0, abs=0.03)
    assert Counted(np.repeat(single[:400], 5), of, group).likeness == pytest.approx(1.0, abs=0.01)
    assert Counted(of, of, group).likeness == 0.0


@given(st.lists(st.floats(0, 1), max_size=40))
def test_false_discovery_rates_are_scipys(p):
    ours = false_discovery_rates(np.array(p))
    assert ours == pytest.approx(stats.false_discovery_control(p) if p else np.empty(0))
