"""Figures, verdicts and names in words."""

import pytest

from evaluation.core.reports.words import (
    clean,
    counts,
    failures_first,
    failures_last,
    figure,
    finality,
    frames_url,
    interval,
    interval_of,
    needed,
    tally,
    value_of,
    weighted,
)
from tests.evaluation.records import HOSTILE, a_readiness, a_run, a_scenario, an_empty_run


@pytest.mark.parametrize(
    "value, unit, shown",
    [
        (0.93124, "", "0.931"),
        (1, "", "1.000"),
        (0, "", "0.000"),
        (-0.00001, "", "0.000"),
        (1.84, "s", "1.84 s"),
        (4.166, "1/h", "4.17/h"),
        (0.4, "objects", "0.40"),
        (3, "m", "3.00 m"),
        (None, "s", "–"),
    ],
)
def test_a_figure_with_its_unit(value, unit, shown):
    assert figure(value, unit) == shown


def test_a_difference_has_its_sign():
    assert [figure(value, "", signed=True) for value in (0.0131, -0.0131, 0.0)] == ["+0.013", "-0.013", "+0.000"]


@pytest.mark.parametrize(
    "value, shown", [(0.9, "0.900"), (0.9004, "0.9004"), (0.89996, "0.89996"), (0.90000001, "0.900000")]
)
def test_a_figure_never_looks_like_a_threshold_that_it_misses(value, shown):
    assert figure(value, "", apart_from=0.9) == shown


def test_an_interval_with_its_unit():
    assert interval(0.9, 0.9549, "") == "[0.900, 0.955]"
    assert interval(1.2, 2.4, "s") == "[1.20, 2.40] s"
    assert interval(0.8, None, "") == "–"


@pytest.mark.parametrize(
    "scenario, shown",
    [
        (a_scenario(threshold=0.8), "≥ 0.800"),
        (a_scenario(threshold=0.8125), "≥ 0.8125"),
        (a_scenario(threshold=2.5, unit="s", is_higher_better=False), "≤ 2.50 s"),
        (a_scenario(threshold=-0.02, is_relative=True), "≥ -0.020"),
        (a_scenario(threshold=0.02, is_relative=True, is_higher_better=False), "≤ +0.020"),
    ],
)
def test_what_is_needed(scenario, shown):
    assert needed(scenario) == shown


def test_a_relative_scenario_shows_the_difference():
    relative = a_run().scenarios[3]
    assert (value_of(relative), interval_of(relative)) == ("-0.013", "[-0.031, 0.005]")


def test_failures_stand_last_or_first_and_critical_ones_at_the_very_end():
    order = [(one.verdict, one.critical) for one in failures_last(a_run())]
    assert order == [
        ("pass", True),
        ("pass", False),
        ("inconclusive", False),
        ("inconclusive", False),
        ("inconclusive", False),
        ("inconclusive", True),
        ("fail", False),
        ("fail", True),
    ]
    assert [one.name for one in failures_first(a_run())][:2] == ["Far and small", "False alarms"]


def test_scenarios_of_one_verdict_stay_in_the_suites_order():
    run = a_run(scenarios=tuple(a_scenario(name) for name in "bca"))
    assert [one.name for one in failures_last(run)] == [one.name for one in failures_first(run)] == ["b", "c", "a"]


def test_verdicts_are_summed_up():
    assert counts(a_run().scenarios) == {"failed": 2, "inconclusive": 4, "passed": 2}
    assert tally(a_run().scenarios) == "2 failed, 4 inconclusive, 2 passed"
    assert tally(()) == "no scenarios"


def test_the_weighted_figure_is_told_where_there_is_one():
    assert weighted(a_run()) == "Weighted by expected use: 0.821 [0.787, 0.852]."
    less = a_run(readiness=a_readiness(covered_share=0.7, low=None, high=None))
    assert weighted(less) == "Weighted by expected use, 70% of which is tested: 0.821."
    assert weighted(an_empty_run()) is None


def test_a_final_evaluation_says_how_often_its_hold_out_was_used():
    said = [finality(a_run(is_final=True, previous_uses=uses)) for uses in (0, 1, 3)]
    assert [one.rpartition(", ")[2] for one in said] == [
        "never used before.", "used once before.", "used 3 times before."
    ]  # fmt: skip
    assert finality(a_run()) is None


def test_texts_from_outside_are_one_line_without_control_characters():
    shown = clean(HOSTILE + "\x00\x7f\x85\u2066\ud800")
    assert shown.isprintable()
    assert "\x1b" not in shown
    assert "夜" in shown
    assert clean("a\r\nb\tc") == "a  b c"


def test_a_link_to_frames_holds_the_query():
    assert frames_url("https://w.example/dashboard/", "a") == "https://w.example/dashboard/?q=a"
    assert frames_url("https://w.example", "") == ""
    assert frames_url("https://w.example/", 'a:"b c" & d') == "https://w.example/dashboard/?q=a%3A%22b+c%22+%26+d"
    assert frames_url("", "a:b") == ""


@pytest.mark.parametrize("base", ["javascript:alert(1)", "w.example", "//w.example", "file:///etc", "https://"])
def test_a_link_leads_to_a_web_address_only(base):
    with pytest.raises(ValueError, match="must be a web address"):
        frames_url(base, "a:b")
