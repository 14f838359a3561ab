"""Readiness by hand."""

from dataclasses import dataclass

import numpy as np
import pytest

from evaluation.core.readiness import readiness_of


@dataclass(frozen=True)
class Judged:
    name: str
    verdict: str = "pass"
    critical: bool = True
    value: float | None = 0.9
    share: float | None = None
    unit: str = ""
    is_higher_better: bool = True
    is_relative: bool = False
    model_value: float | None = None


def test_ready_only_if_every_critical_scenario_passes():
    ready = readiness_of([Judged("day"), Judged("fog", "fail", critical=False)])
    assert (ready.verdict, ready.critical, ready.critical_passed, ready.critical_failed) == ("ready", 1, 1, 0)
    assert ready.sentence == "Ready: the critical scenario passes."
    assert readiness_of([Judged("day"), Judged("rain")]).sentence == "Ready: all 2 critical scenarios pass."


def test_one_critical_failure_is_enough_whatever_is_open():
    failed = readiness_of([Judged("day"), Judged("night", "fail"), Judged("rain", "inconclusive")])
    assert failed.verdict == "failed"
    assert failed.sentence == "Not ready: 1 of 3 critical scenarios failed: night."


def test_open_critical_scenarios_are_undecided():
    undecided = readiness_of([Judged("day"), Judged("rain", "inconclusive")])
    assert undecided.verdict == "undecided"
    assert undecided.sentence == "Undecided: 1 of 2 critical scenarios lack evidence: rain."


@pytest.mark.parametrize("scenarios", [[], [Judged("day", critical=False)]])
def test_nothing_critical_is_never_ready(scenarios):
    undecided = readiness_of(scenarios)
    assert undecided.verdict == "undecided"
    assert "no scenario is critical" in undecided.sentence


def test_the_weighted_figure_counts_shares_of_use():
    readiness = readiness_of(
        [
            Judged("day", value=0.9, share=0.6),
            Judged("night", value=0.5, share=0.2),
            Judged("no share", value=0.1),
            Judged("seconds", value=3.0, share=0.1, unit="s"),
            Judged("lower is better", value=0.1, share=0.1, is_higher_better=False),
            Judged("not measured", value=None, share=0.1),
        ]
    )
    assert readiness.value == pytest.approx((0.6 * 0.9 + 0.2 * 0.5) / 0.8)
    assert readiness.covered_share == pytest.approx(0.8)
    assert (readiness.low, readiness.high) == (None, None)
    assert readiness_of([Judged("day")]).value is None


def test_a_scenario_relative_to_a_baseline_gives_the_models_own_figure():
    relative = Judged("night", value=-0.02, is_relative=True, model_value=0.7, share=0.5)
    assert readiness_of([relative]).value == pytest.approx(0.7)
    assert readiness_of([Judged("x", value=-0.02, is_relative=True, share=0.5)]).value is None


def test_the_weighted_figures_interval_comes_from_joint_draws():
    chance = np.random.default_rng(0)
    # Two scenarios that fall and rise together are less sure than two that do not.
    swing = chance.normal(0, 0.05, 2000)
    together = np.stack([0.8 + swing, 0.8 + swing])
    apart = np.stack([0.8 + swing, 0.8 + chance.normal(0, 0.05, 2000)])
    pair = [Judged("a", value=0.8, share=0.5), Judged("b", value=0.8, share=0.5)]
    wide, narrow = (readiness_of(pair, replicates=drawn, groups=40) for drawn in (together, apart))
    assert wide.low < narrow.low < 0.8 < narrow.high < wide.high


def test_draws_that_lack_a_scenario_count_the_others():
    drawn = np.array([[0.5, np.nan, 0.5] * 20, [0.9, 0.9, np.nan] * 20])
    pair = [Judged("a", value=0.5, share=0.5), Judged("b", value=0.9, share=0.5)]
    readiness = readiness_of(pair, replicates=drawn, groups=10)
    assert readiness.value == pytest.approx(0.7)
    assert readiness.low < 0.7 < readiness.high
    assert readiness_of(pair, replicates=np.full((2, 60), np.nan), groups=10).low is None
