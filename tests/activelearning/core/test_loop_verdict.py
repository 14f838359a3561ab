"""When a loop ends, and what it says."""

from dataclasses import replace

import pytest

from activelearning.core.loop_verdict import (
    LoopLimits,
    Standing,
    best_of,
    is_over,
    sentence_of,
    share_of_budget,
    standing_of,
)
from tests.evaluation.records import a_readiness, a_run, a_scenario

LIMITS = LoopLimits(budget=300, rounds=5, patience=2)
FIGURES = {"value": 0.8, "low": 0.72, "high": 0.86, "threshold": 0.8}


def at(far, *, ready=False, run=1, green=0):
    return Standing(run, f"m{run}", ready, far, green, 3)


@pytest.mark.parametrize(
    "fars,spent,expected",
    [
        ([0.1], 0, None),
        ([0.1, 0.05], 60, None),
        ([0.1, 0.05, 0.04], 300, "budget"),
        ([0.1, 0.1], 60, None),
        ([0.1, 0.1, 0.1], 120, "no_progress"),
        ([0.1, 0.12, 0.0999], 120, "no_progress"),  # less than a figure moves by chance
        ([0.1, 0.12, 0.05], 120, None),
        ([0.1, 0.05, 0.06, 0.07], 180, "no_progress"),
        ([0.5, 0.4, 0.3, 0.2, 0.1, 0.05], 290, "rounds"),
    ],
)
def test_a_loop_goes_on_while_it_gets_better_and_may(fars, spent, expected):
    assert is_over([at(far) for far in fars], spent=spent, limits=LIMITS) == expected


def test_what_is_ready_needs_no_round():
    assert is_over([at(0.0, ready=True)], spent=0, limits=LIMITS) == "ready"
    # Ready counts before all else: the last label may have done it.
    assert is_over([at(0.1), at(0.0, ready=True)], spent=300, limits=LIMITS) == "ready"


def test_a_standing_counts_how_far_all_scenarios_are_from_green():
    run = replace(
        a_run(readiness=a_readiness(verdict="failed")),
        scenarios=(
            a_scenario(name="a", verdict="inconclusive", **FIGURES),
            a_scenario(name="b", verdict="pass", **FIGURES),
            a_scenario(name="c", verdict="fail", **(FIGURES | {"low": 0.5})),
        ),
    )
    whole = standing_of(run, targets=["a", "b", "c"], whole_suite=True)
    assert whole.shortfall == pytest.approx(0.08 + 0.3)
    assert (whole.green, whole.targets, whole.is_ready) == (1, 3, False)
    assert standing_of(run, targets=["b"], whole_suite=False).is_ready
    assert not standing_of(run, targets=["b"], whole_suite=True).is_ready


def test_the_best_is_built_upon_and_of_equals_the_first():
    assert best_of([at(0.1, run=1), at(0.05, run=2), at(0.07, run=3), at(0.05, run=4)]).test_run == 2
    assert best_of([at(0.0, run=1), at(0.3, run=2, ready=True)]).test_run == 2


def test_the_budget_is_spread_over_the_rounds_that_are_left():
    limits = LoopLimits(budget=100, rounds=3)
    assert share_of_budget(limits, spent=0, rounds_done=0) == 34
    assert share_of_budget(limits, spent=34, rounds_done=1) == 33
    assert share_of_budget(limits, spent=90, rounds_done=2) == 10
    assert share_of_budget(limits, spent=100, rounds_done=2) == 0


@pytest.mark.parametrize(
    "ended,says",
    [
        ("ready", "Ready after 60 labels in 1 round: 0 of 3 scenarios passed before, 2 of 3 do with m2."),
        ("budget", "The budget of 300 labels is spent (1 round)"),
        ("rounds", "The 5 rounds that were allowed are over"),
        ("no_progress", "The last 2 rounds brought nothing"),
    ],
)
def test_the_end_is_told_with_figures(ended, says):
    assert says in sentence_of(ended, [at(0.1), at(0.05, run=2, green=2)], spent=60, limits=LIMITS)
