"""Two models on the same frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.core.bootstrap import draw_groups
from evaluation.core.paired import compare


def compared(hits_a, hits_b, of, **more):
    hits_a, hits_b, of = (np.asarray(row, float) for row in (hits_a, hits_b, of))
    weights = draw_groups(np.arange(len(of)), group_count=len(of), replicates=2000, seed=0)
    drawn = weights @ of
    more.setdefault("is_higher_better", True)
    return compare(
        weights @ hits_a / drawn,
        weights @ hits_b / drawn,
        value_a=hits_a.sum() / of.sum(),
        value_b=hits_b.sum() / of.sum(),
        groups=len(of),
        **more,
    )


CHANCE = np.random.default_rng(3)
HARD = CHANCE.integers(0, 10, 60)
"""How many of 10 objects of each group any model finds: groups differ much, models on the same group little."""


def test_pairing_sees_a_small_difference_that_two_intervals_hide():
    better = np.minimum(HARD + (np.arange(60) % 3 > 0), 10)
    outcome = compared(better, HARD, [10] * 60)
    assert outcome.verdict == "better"
    assert 0 < outcome.low < outcome.difference < outcome.high < 0.15
    assert compared(HARD, better, [10] * 60).verdict == "worse"
    assert compared(better, HARD, [10] * 60, is_higher_better=False).verdict == "worse"


def test_same_is_said_only_of_an_interval_within_the_margin():
    swapped = HARD + np.where(np.arange(60) % 2, 1, -1)
    assert compared(swapped, HARD, [10] * 60).verdict == "unknown"
    assert compared(swapped, HARD, [10] * 60, margin=0.1).verdict == "same"


def test_a_sure_but_tiny_difference_is_the_same():
    many = np.tile(HARD, 20)
    tiny = many + (np.arange(1200) % 20 == 0)
    outcome = compared(tiny, many, [10] * 1200)
    assert outcome.low > 0
    assert outcome.verdict == "same"


def test_few_groups_or_nothing_measured_are_unknown():
    assert compared([9] * 4, [1] * 4, [10] * 4).verdict == "unknown"
    nothing = compare(np.ones(50), np.ones(50), value_a=float("nan"), value_b=0.5, is_higher_better=True, groups=9)
    assert (nothing.difference, nothing.low, nothing.verdict) == (None, None, "unknown")


def test_the_very_same_boxes_are_the_same():
    outcome = compared(HARD, HARD, [10] * 60, is_identical=True)
    assert (outcome.low, outcome.high, outcome.verdict) == (0.0, 0.0, "same")


def test_two_that_find_all_are_not_known_to_be_equal():
    outcome = compared([10] * 10, [10] * 10, [10] * 10)
    assert outcome.low < 0 < outcome.high
    assert outcome.verdict == "unknown"


def test_rates_that_never_differ_need_to_know_what_one_event_would_be():
    none = np.zeros(100)
    same = {"value_a": 0.0, "value_b": 0.0, "is_higher_better": False, "groups": 20, "limits": (None, None)}
    assert compare(none, none, **same).low is None
    assert compare(none, none, **same).verdict == "unknown"
    outcome = compare(none, none, **same, step=0.1)
    assert -0.01 < outcome.low < 0 < outcome.high < 0.01
    assert outcome.verdict == "same"


def test_odd_input_is_refused():
    with pytest.raises(ValueError, match="2 figures of one model and 3"):
        compare(np.ones(2), np.ones(3), value_a=1, value_b=1, is_higher_better=True, groups=5)
    with pytest.raises(ValueError, match="margin is -1"):
        compared(HARD, HARD, [10] * 60, margin=-1)


@given(st.integers(0, 2**32 - 1), st.integers(5, 30))
def test_turning_two_models_round_turns_the_verdict_round(seed, groups):
    chance = np.random.default_rng(seed)
    a, b = chance.integers(0, 11, (2, groups))
    forth, back = compared(a, b, [10] * groups), compared(b, a, [10] * groups)
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))
    assert {forth.verdict, back.verdict} in [{"better", "worse"}, {"same"}, {"unknown"}]
