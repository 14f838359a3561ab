"""What holds for every report."""

import json
from dataclasses import replace

import pytest

from evaluation.core.record_json import run_from_plain, run_to_plain
from evaluation.core.reports import REPORTS, Extras
from tests.evaluation.core.test_record_json import stored
from tests.evaluation.records import a_ready_run, a_run, a_scenario, an_empty_run

RUNS = {"full": a_run(), "ready": a_ready_run(), "empty": an_empty_run()}
EXTRAS = Extras(pictures={1: b"\xff\xd8"}, base_url="https://w.example/winnow/")


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("run", RUNS)
def test_a_report_of_the_stored_run_is_the_same_byte_for_byte(name, run):
    fresh = REPORTS[name].render(RUNS[run], EXTRAS)
    again = run_from_plain(stored(run_to_plain(RUNS[run])))
    assert REPORTS[name].render(again, EXTRAS).encode() == fresh.encode()


@pytest.mark.parametrize("name", REPORTS)
def test_whole_thresholds_are_written_the_same_before_and_after_they_were_stored(name):
    run = replace(a_run(), scenarios=(a_scenario(threshold=1, value=1, low=0, high=1),))
    again = run_from_plain(json.loads(json.dumps(run_to_plain(run))))
    assert REPORTS[name].render(again, EXTRAS) == REPORTS[name].render(run, EXTRAS)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_text_that_ends_with_one_line_break(name):
    text = REPORTS[name].render(a_run(), EXTRAS)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\r" not in text


def test_only_the_page_asks_for_pictures():
    assert [name for name, report in REPORTS.items() if report.has_pictures] == ["html"]
