"""Reports of rounds: before and after, what it cost, what the control says."""

import json
from dataclasses import replace

import pytest

from activelearning.core.round_report import Arm, Figure, RoundReport, Spent, report_of, shortfall
from activelearning.core.round_reports import ROUND_REPORTS
from activelearning.core.round_reports.words import control_sentence
from evaluation.core.comparison_record import ComparisonRecord, ScenarioComparison
from evaluation.core.record_json import from_plain, to_plain
from tests.evaluation.records import a_run, a_scenario

RED = {"verdict": "fail", "value": 0.73, "low": 0.67, "high": 0.78, "threshold": 0.8}
GREEN = {"verdict": "pass", "value": 0.88, "low": 0.83, "high": 0.91, "threshold": 0.8}
OPEN = {"verdict": "inconclusive", "value": 0.8, "low": 0.7, "high": 0.88, "threshold": 0.8}


def runs(**turns):
    """Make two runs of one suite; each scenario is told before and after."""
    before = [a_scenario(name=name, **old) for name, (old, _) in turns.items()]
    after = [a_scenario(name=name, **new) for name, (_, new) in turns.items()]
    first = replace(a_run(), id=1, model="v1", scenarios=tuple(before))
    return first, replace(a_run(), id=2, model="v2", scenarios=tuple(after))


def made(targets=("pillar",), **more):
    before, after = runs(pillar=(RED, GREEN), day=(GREEN, GREEN), rain=(GREEN, RED), fog=(RED, OPEN))
    return report_of(
        round_id=7, before=before, after=after, targets=list(targets), spent=Spent(120, 310),
        training_version="street@2", **more,
    )  # fmt: skip


def test_each_scenario_is_told_before_and_after():
    report = made()
    assert [(one.name, one.turn, one.is_target) for one in report.scenarios] == [
        ("pillar", "turned green", True), ("day", "still green", False), ("rain", "turned red", False),
        ("fog", "undecided", False),
    ]  # fmt: skip
    assert (report.model_before, report.model_after, report.test_run, report.retest) == ("v1", "v2", 1, 2)


def test_the_sentence_names_what_became_red():
    assert made().sentence == (
        "With 120 labelled frames 1 of 1 scenarios that it was about pass. Red now, and green before: rain."
    )


def test_what_the_comparison_says_of_a_scenario_stands_beside_it():
    one = ScenarioComparison(
        name="fog", critical=True, metric="recall", unit="", is_higher_better=True, a=0.7, b=0.8, difference=0.1,
        low=0.02, high=0.18, verdict="better", reason="", images=9, instances=9, groups=9, fixed_count=5,
        broken_count=1,
    )  # fmt: skip
    comparison = ComparisonRecord("s@1", "street@1", "", "v1", "", "v2", "", 0.01, {}, "1", "", (one,))
    report = made(targets=("pillar", "fog"), comparison=comparison)
    fog = report.scenarios[3]
    assert (fog.change, fog.difference, fog.fixed, fog.broken) == ("better", 0.1, 5, 1)
    assert "Better, but not there yet: fog." in report.sentence


@pytest.mark.parametrize(
    "figure,higher,expected",
    [
        (Figure(0.73, 0.67, 0.78, "fail"), True, 0.13),
        (Figure(0.83, 0.78, 0.9, "inconclusive"), True, 0.02),
        (Figure(0.9, 0.85, 0.95, "pass"), True, 0.0),
        (Figure(1.0, 0.5, 1.5, "fail"), False, 0.7),
        (Figure(0.7, None, None, "inconclusive"), True, 0.1),
        (Figure(None, None, None, "inconclusive"), True, float("inf")),
    ],
)
def test_a_shortfall_is_measured_at_the_near_end_of_the_interval(figure, higher, expected):
    assert shortfall(figure, threshold=0.8, is_higher_better=higher) == pytest.approx(expected)


def arms(strategy, control):
    return [
        Arm("strategy", 50, "a", "d.strategy@1", 3, {"pillar": Figure(strategy, None, None, "fail")}),
        Arm("control", 50, "b", "d.control@1", 4, {"pillar": Figure(control, None, None, "fail")}),
    ]


def test_the_control_says_whether_the_labels_were_worth_it():
    assert "in 1 of 1 scenarios" in control_sentence(made(arms=arms(0.8, 0.7)))
    assert "in 0 of 1 scenarios" in control_sentence(made(arms=arms(0.7, 0.8)))
    assert control_sentence(made()) == ""


def test_a_report_goes_into_json_and_comes_back():
    report = made(arms=arms(0.8, 0.7), shares={"achieved": []})
    assert from_plain(RoundReport, json.loads(json.dumps(to_plain(report)))) == report


@pytest.mark.parametrize("kind", ROUND_REPORTS)
@pytest.mark.parametrize("width", [60, 100, 160])
def test_every_kind_tells_names_and_verdicts(kind, width):
    text = ROUND_REPORTS[kind](made(arms=arms(0.8, 0.7)), width=width, color=False)
    assert "pillar" in text
    assert "turned green" in text
    assert "turned red" in text
    assert "50" in text
    if kind == "terminal":
        assert max(map(len, text.splitlines())) <= width


def test_a_terminal_ends_with_what_it_brought():
    last = ROUND_REPORTS["terminal"](made(), width=160, color=False).splitlines()[-1]
    assert last.endswith("Red now, and green before: rain.")


def test_shares_that_were_raised_are_told_with_what_that_took_from_others():
    achieved = [
        {"query": "lighting:dark", "asked": 0.3, "before": 0.1, "after": 0.29},
        {"query": "weather:rain", "asked": None, "before": 0.2, "after": 0.16},
        {"query": "weather:snow", "asked": None, "before": 0.0, "after": 0.0},
        {"query": "*:*", "asked": None, "before": 1.0, "after": 1.0},
    ]
    text = ROUND_REPORTS["terminal"](made(shares={"achieved": achieved}), width=160, color=False)
    assert "lighting:dark: 10.0% → 29.0% (asked for 30.0%)" in text
    assert "weather:rain: 20.0% → 16.0%" in text
    assert "snow" not in text
    assert "*:*" not in text
