"""The reports of a trend."""

import json

import pytest

from evaluation.core.reports.trend import TREND_REPORTS
from evaluation.core.reports.trend.table import caution, trend_of
from tests.evaluation.core.reports.test_terminal import WIDTHS, cells
from tests.evaluation.records import a_run, a_scenario, some_runs


def report(kind, records=None, width=100):
    return TREND_REPORTS[kind](some_runs() if records is None else records, width=width, color=False)


def runs(count):
    return [a_run(id=n, model=f"people-v{n}", scenarios=(a_scenario(value=n / count),)) for n in range(count)]


def test_scenarios_are_matched_by_name_in_the_newest_runs_order():
    trend = trend_of(some_runs())
    assert trend.names[:3] == ("Night, every camera", "Far and small", "Rain")
    assert trend.names[-1] == "Fog"  # which only the first run had
    assert [one and one.value for one in trend.cells[0]] == [0.81, 0.88, 0.9312]
    assert [one and one.verdict for one in trend.cells[-1]] == ["pass", None, None]


def test_a_row_has_a_mark_and_a_figure_for_each_model():
    shown = report("terminal", width=120).splitlines()
    assert shown[0].split() == ["scenario", "demo-people@3", "demo-people@4", "demo-people@5"]
    row = next(line for line in shown if line.startswith("Night"))
    assert row.split() == ["Night,", "every", "camera", "*", "✗", "0.810", "?", "0.880", "✓", "0.931"]
    assert "all" in [line.split()[0] for line in shown]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_newest_models_fit_into_any_terminal(width):
    shown = report("terminal", runs(12), width=width)
    assert max(cells(line) for line in shown.splitlines()) <= width
    assert "people-v11" in shown.splitlines()[0]


def test_models_that_do_not_fit_are_told():
    assert "7 earlier runs do not fit in 100 columns." in report("terminal", runs(12))
    assert "do not fit" not in report("terminal", runs(2))


def test_markdown_has_a_row_for_each_scenario():
    rows = [line for line in report("markdown").splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 9 + 1
    assert rows[2] == "| **Night, every camera** (critical) | ✗ 0.810 | ? 0.880 | ✓ 0.931 |"
    assert "<script" not in report("markdown")


def test_json_has_a_cell_for_each_run():
    said = json.loads(report("json"))
    assert [run["model"] for run in said["runs"]] == ["demo-people@3", "demo-people@4", "demo-people@5"]
    assert {len(one["cells"]) for one in said["scenarios"]} == {3}
    assert said["scenarios"][-1]["cells"][0]["value"] == 0.9
    assert said["scenarios"][-1]["cells"][1:] == [None, None]


def test_runs_of_different_frames_are_told():
    other = a_run(dataset="people@4", dataset_sha256="aa" * 32)
    assert caution(trend_of([a_run(), other])).startswith("The runs are of different datasets, so")
    assert "different datasets" in report("terminal", [a_run(), other])
    assert caution(trend_of(some_runs())) == ""
    assert "versions of the suite" in caution(trend_of([a_run(), a_run(suite="people@4")]))


@pytest.mark.parametrize("kind", TREND_REPORTS)
def test_a_trend_of_nothing(kind):
    assert report(kind, [])
