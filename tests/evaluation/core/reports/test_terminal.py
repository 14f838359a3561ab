"""A test run in a terminal."""

import re
import unicodedata

import pytest

from evaluation.core.reports.terminal import lines_of
from tests.evaluation.records import LONG, a_ready_run, a_run, a_scenario, an_empty_run

WIDTHS = [40, 60, 76, 80, 100, 116, 140, 200]


def cells(line):
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


def lines(record, width=100):
    return lines_of(record, width=width, color=False).splitlines()


def row(shown, start):
    return next(line.split() for line in shown if line.startswith(start))


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(width):
    assert max(cells(line) for line in lines(a_run(), width)) <= width


@pytest.mark.parametrize("width", [20, *WIDTHS])
def test_every_scenario_has_its_verdict_at_every_width(width):
    words = " ".join(lines(a_run(), width)).replace(" ", "")
    assert words.count("inconclusive") >= 4 or width < 40
    for name in ("Rain", "Farandsmall", "Falsealarms", LONG.replace(" ", "")[:10]):
        assert name in words


@pytest.mark.parametrize("width", [80, 140])
def test_figure_interval_threshold_size_and_verdict_stand_in_a_row(width):
    sizes = ["23"] if width == 80 else ["412", "1,034", "23"]
    metric = [] if width == 80 else ["AP50,", "small"]
    found = row(lines(a_run(), width), "Far and small")
    assert found == ["Far", "and", "small", "*", *metric, "0.412", "[0.350,", "0.478]", "≥", "0.600", *sizes, "FAIL"]


def test_a_narrow_terminal_has_the_interval_below_the_name():
    shown = lines(a_run(), 60)
    at = next(n for n, line in enumerate(shown) if line.startswith("Rain "))
    assert shown[at].split() == ["Rain", "0.871", "≥", "0.850", "inconclusive"]
    assert shown[at + 1] == "[0.790, 0.931], n 9"


def test_failures_come_last_then_the_verdict():
    shown = lines(a_run())
    rows = [n for n, line in enumerate(shown) if re.search(r" (pass|FAIL|inconclusive)$", line)]
    assert [shown[n].split()[-1] for n in rows] == ["pass"] * 2 + ["inconclusive"] * 4 + ["FAIL"] * 2
    assert shown.index("Not enough evidence yet") < shown.index("Failed")
    assert shown[-3:] == [
        "2 failed, 4 inconclusive, 2 passed",
        "Weighted by expected use: 0.821 [0.787, 0.852].",
        "Not ready: 1 of 3 critical scenarios failed (Far and small), 1 is undecided.",
    ]


def test_a_failure_says_why_and_which_frames_it_is_about():
    text = "\n".join(lines(a_run(), 140))
    assert "Far and small (critical): Even the interval's upper end, 0.478, is below 0.6. 4 labels" in text
    assert "frames: box_area:<1024 AND dataset:people@3" in text


def test_what_passes_gives_no_reasons():
    assert lines(a_ready_run())[-1] == "Ready: all critical ones pass."
    assert not any("Failed" in line or "evidence" in line for line in lines(a_ready_run()))


def test_a_run_without_scenarios():
    assert lines(an_empty_run()) == [
        "demo-people@5 against suite people@3, on people@3",
        "",
        "no scenarios",
        "Undecided: the suite has no scenarios.",
    ]


def test_a_final_evaluation_is_told_at_the_top():
    shown = lines(a_run(is_final=True, previous_uses=2))
    assert shown[1] == "Final evaluation on a locked hold-out, used 2 times before."


def test_colours_only_where_asked_for_and_none_from_names():
    assert "\x1b" not in lines_of(a_run(), width=80, color=False)
    coloured = lines_of(a_run(), width=80, color=True)
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [one.rstrip() for one in plain.splitlines()] == lines(a_run(), 80)
    assert "\x1b[31mevil" not in coloured


def test_the_environment_changes_nothing(monkeypatch):
    before = lines_of(a_run(), width=80, color=True)
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb"), ("COLUMNS", "40"), ("FORCE_COLOR", "1")):
        monkeypatch.setenv(name, value)
    assert lines_of(a_run(), width=80, color=True) == before


def test_many_scenarios():
    run = a_run(scenarios=tuple(a_scenario(f"scenario {n}") for n in range(1000)))
    assert sum(line.endswith(" pass") for line in lines(run)) == 1000
