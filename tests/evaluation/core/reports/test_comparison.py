"""The reports of a comparison."""

import json
from dataclasses import replace

import pytest

from evaluation.core.comparison_record import ComparisonRecord
from evaluation.core.record_json import from_plain
from evaluation.core.reports.comparison import COMPARISON_REPORTS
from evaluation.core.reports.comparison.words import sentence, tally, worse_last
from tests.evaluation.core.reports.test_terminal import WIDTHS, cells
from tests.evaluation.records import a_comparison, a_scenario_comparison, an_object


def report(kind, record=None, width=100):
    return COMPARISON_REPORTS[kind](record or a_comparison(), width=width, color=False)


def comparison(*verdicts, critical=True):
    rows = tuple(a_scenario_comparison(f"s{n}", verdict=word, critical=critical) for n, word in enumerate(verdicts))
    return a_comparison(scenarios=rows)


@pytest.mark.parametrize(
    "verdicts, said",
    [
        (["worse", "better"], "demo-people@5 is worse than demo-people@3 in 1 scenario, a critical one."),
        (["worse", "worse"], "demo-people@5 is worse than demo-people@3 in 2 scenarios, 2 of them critical."),
        (["unknown", "better"], "demo-people@5 is worse in none for sure, but 1 scenario cannot be told."),
        (["same", "better"], "demo-people@5 is worse than demo-people@3 in none, and better in 1 scenario."),
        (["same"], "demo-people@5 is worse than demo-people@3 in none."),
        ([], "There are no scenarios to compare."),
    ],
)
def test_one_sentence_says_it(verdicts, said):
    assert sentence(comparison(*verdicts)) == said
    assert report("terminal", comparison(*verdicts), width=200).splitlines()[-1] == said
    assert said in report("markdown", comparison(*verdicts)).splitlines()[0].replace("\\", "")


def test_what_became_worse_stands_last_in_a_terminal_and_first_in_markdown():
    order = [one.verdict for one in worse_last(a_comparison())]
    assert order == ["same", "better", "unknown", "unknown", "worse"]
    assert tally(a_comparison()) == "1 worse, 2 unknown, 1 better, 1 same"
    rows = [line for line in report("markdown").splitlines() if line.startswith("| ")]
    assert rows[2].startswith("| ▼ | **Far** (critical)")


def test_a_row_has_both_figures_their_difference_and_its_interval():
    row = next(line for line in report("terminal", width=140).splitlines() if line.startswith("Night"))
    assert row.split()[4:] == ["0.901", "0.931", "+0.030", "[0.012,", "0.049]", "+40", "-1", "▲", "better"]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(width):
    assert max(cells(line) for line in report("terminal", width=width).splitlines()) <= width


def test_broken_objects_are_listed_and_the_rest_counted():
    broken = tuple(an_object(n, score_a=0.0, score_b=None) for n in range(9))
    record = a_comparison(scenarios=(a_scenario_comparison(broken=broken, broken_count=30),))
    said = report("terminal", record, width=200)
    assert (
        "Night, every camera: 30 broken\n  person in frame 0 of gate at 62.40 s, box 1, 2, 30, 40, found with 0.00"
        in said
    )
    assert "  and 25 more" in said
    folded = report("markdown", record)
    assert "- person in frame 8 of gate at 62.40 s, box 1, 2, 30, 40; 0.00 before\n- and 21 more" in folded
    assert folded.count("<details>") == folded.count("</details>") == 2


def test_json_holds_the_whole_record():
    said = json.loads(report("json"))
    assert said["counts"] == {"worse": 1, "unknown": 2, "better": 1, "same": 1}
    assert from_plain(ComparisonRecord, said) == a_comparison()


@pytest.mark.parametrize("kind", COMPARISON_REPORTS)
def test_hostile_names_do_no_harm(kind):
    said = report(kind)
    assert "\x1b[31m" not in said
    if kind == "markdown":
        assert "<script" not in said
        assert "@everyone" not in said


@pytest.mark.parametrize("kind", COMPARISON_REPORTS)
def test_the_same_record_gives_the_same_text(kind):
    read = from_plain(ComparisonRecord, json.loads(report("json")))
    assert report(kind, read) == report(kind)


def test_markdown_fits_into_a_comment():
    many = tuple(an_object(n) for n in range(20))
    rows = tuple(a_scenario_comparison(f"s{n}", fixed=many) for n in range(120))
    said = report("markdown", replace(a_comparison(), scenarios=rows))
    assert len(said) < 65_536
    assert "the JSON report has them" in said
