"""Verdicts by hand, and what always holds of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.core.verdict import Least, judge


def verdict_of(value, low, high, threshold=0.9, *, better="higher", groups=20, images=100, instances=200, **more):
    more.setdefault("least", Least())
    return judge(
        value=value,
        low=low,
        high=high,
        threshold=threshold,
        is_higher_better=better == "higher",
        groups=groups,
        images=images,
        instances=instances,
        **more,
    )


@pytest.mark.parametrize(
    "value, low, high, better, verdict",
    [
        (0.95, 0.91, 0.98, "higher", "pass"),
        (0.95, 0.90, 0.98, "higher", "pass"),  # reaching is enough
        (0.95, 0.89, 0.98, "higher", "inconclusive"),
        (0.85, 0.80, 0.90, "higher", "inconclusive"),  # fails only below
        (0.85, 0.80, 0.89, "higher", "fail"),
        (0.85, 0.80, 0.89, "lower", "pass"),
        (0.85, 0.80, 0.90, "lower", "pass"),
        (0.95, 0.90, 0.98, "lower", "inconclusive"),
        (0.95, 0.91, 0.98, "lower", "fail"),
    ],
)
def test_the_interval_decides_and_not_the_figure(value, low, high, better, verdict):
    judged = verdict_of(value, low, high, better=better)
    assert judged.verdict == verdict
    if verdict != "inconclusive":
        assert judged.groups_needed is None


def test_reasons_are_sentences_with_figures():
    assert verdict_of(0.95, 0.91, 0.98).reason == "Even the low end of the interval, 0.910, reaches 0.900."
    assert verdict_of(0.8, 0.7, 0.88).reason == "Even the high end of the interval, 0.880, misses 0.900."
    assert verdict_of(2.0, 1.5, 2.5, 1.0, better="lower", unit="1/h").reason == (
        "Even the low end of the interval, 1.500 1/h, misses 1.000 1/h."
    )
    assert verdict_of(0.92, 0.85, 0.97).reason.startswith("0.900 lies within the interval from 0.850 to 0.970; about ")


def test_two_figures_that_look_alike_are_written_so_that_they_differ():
    assert "0.9003, reaches 0.9000" in verdict_of(0.95, 0.9003, 0.98).reason


def test_too_little_to_judge_by_says_what_lacks():
    judged = verdict_of(1.0, 0.37, 1.0, groups=3, images=12, instances=30, least=Least(5, 50, 20))
    assert judged.verdict == "inconclusive"
    assert (
        judged.reason
        == "Too little to judge by: 3 groups of the 5 that it takes and 12 images of the 50 that it takes."
    )
    assert judged.groups_needed == 26  # 0.05 ** (1 / 29) is the first that reaches 0.9
    assert verdict_of(0.1, 0.0, 0.3, groups=3).groups_needed == 2
    assert "1 group of" in verdict_of(0.1, 0.0, 0.3, groups=1).reason


def test_nothing_to_measure_is_inconclusive():
    assert verdict_of(None, None, None, groups=0, images=0, instances=0).reason == (
        "There is nothing to measure: no image matches."
    )
    judged = verdict_of(math.nan, None, None, instances=0)
    assert (judged.verdict, judged.groups_needed) == ("inconclusive", None)
    assert judged.reason == "There is nothing to measure in 100 images with 0 objects."
    assert "cannot be said" in verdict_of(0.0, None, None, better="lower").reason


def test_how_many_further_groups_it_takes():
    # 4 x as many halve the interval; the t of 100 groups is 1.2% above that of 400.
    judged = verdict_of(0.95, 0.85, 0.99, 0.90, groups=100)
    assert judged.groups_needed == pytest.approx(300, abs=12)
    assert "about" in judged.reason
    # Of few groups t is large, so it takes fewer than 4 x.
    assert 20 < verdict_of(0.95, 0.85, 0.99, 0.90, groups=10).groups_needed < 30
    # All found: 0.05 ** (1 / n) >= 0.9 from 29 on.
    assert verdict_of(1.0, 0.05 ** (1 / 10), 1.0, 0.9, groups=10).groups_needed == 19
    assert verdict_of(0.0, 0.0, 1 - 0.05 ** (1 / 10), 0.1, better="lower", groups=10).groups_needed == 19


def test_no_number_of_groups_decides_what_is_at_the_threshold():
    judged = verdict_of(0.9, 0.85, 0.95)
    assert judged.groups_needed is None
    assert "too close" in judged.reason
    assert verdict_of(0.9000001, 0.85, 0.95).groups_needed is None


def test_the_simple_mode_asks_the_figure_alone():
    assert verdict_of(0.9, 0.5, 1.0, mode="simple", groups=1).verdict == "pass"
    judged = verdict_of(0.89, 0.5, 1.0, mode="simple", groups=1)
    assert judged.verdict == "fail"
    assert judged.reason == "0.890 misses 0.900; only the figure was asked for, from 1 group."
    assert verdict_of(0.95, 0.5, 1.0, mode="simple", images=3, least=Least(5, 10, 0)).verdict == "inconclusive"
    assert verdict_of(0.95, None, None, mode="simple").verdict == "pass"


def test_a_threshold_that_is_no_number_and_a_negative_least_are_refused():
    with pytest.raises(ValueError, match="threshold is nan"):
        verdict_of(0.9, 0.8, 1.0, math.nan)
    with pytest.raises(ValueError, match="images is -1"):
        Least(images=-1)


shares = st.floats(0, 1)


@given(st.tuples(shares, shares, shares), shares, st.booleans(), st.integers(1, 300))
def test_never_pass_and_fail_by_turns(ends, threshold, is_higher_better, groups):
    low, value, high = sorted(ends)
    better = "higher" if is_higher_better else "lower"
    judged = verdict_of(value, low, high, threshold, better=better, groups=groups)
    if judged.verdict == "pass":
        assert (value >= threshold - 1e-9) if is_higher_better else (value <= threshold + 1e-9)
        assert groups >= 5
    if judged.verdict == "fail":
        assert (value < threshold) if is_higher_better else (value > threshold)
    assert judged.reason.endswith(".")
    assert judged.groups_needed is None or judged.groups_needed >= 1
