"""A test run as JUnit XML."""

import re
from xml.etree import ElementTree

import pytest

from evaluation.core.reports import Extras
from evaluation.core.reports.junit import render_junit
from tests.evaluation.records import HOSTILE, a_ready_run, a_run, an_empty_run

RUNS = {"full": a_run(), "ready": a_ready_run(), "empty": an_empty_run()}
# What junit-10.xsd of Jenkins and pytest's xunit2 family allow.
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"classname", "name", "time"},
    "properties": set(),
    "property": {"name", "value"},
    "failure": {"message", "type"},
    "skipped": {"message", "type"},
    "system-out": set(),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "testcase": {"properties", "failure", "skipped", "system-out"},
    "properties": {"property"},
}


def read(run, **extras):
    return ElementTree.fromstring(render_junit(run, Extras(**extras)).encode())


def cases(root):
    return {case.get("name"): case for case in root.iter("testcase")}


@pytest.mark.parametrize("name", RUNS)
def test_it_has_only_what_ci_systems_know(name):
    for element in read(RUNS[name]).iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())


@pytest.mark.parametrize("name", RUNS)
def test_the_totals_are_those_of_the_cases(name):
    root = read(RUNS[name])
    for element in (root, root[0]):
        assert int(element.get("tests")) == len(list(root.iter("testcase")))
        assert int(element.get("failures")) == len(list(root.iter("failure")))
        assert int(element.get("skipped")) == len(list(root.iter("skipped")))
        assert element.get("errors") == "0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", root[0].get("timestamp"))


def test_failures_fail_and_what_is_undecided_is_skipped_with_the_reason():
    found = cases(read(a_run()))
    failure = found["Far and small"].find("failure")
    assert failure.get("message") == "Even the interval's upper end, 0.478, is below 0.6."
    assert failure.get("type") == "critical"
    assert "AP50, small: 0.412 [0.350, 0.478], needed ≥ 0.600" in failure.text
    assert found["False alarms"].find("failure").get("type") == "not critical"
    skipped = found["Rain"].find("skipped")
    assert skipped.get("message").startswith("Not enough evidence yet. 0.85 lies within the interval")
    assert {child.tag for child in found["Night, every camera"]} == {"properties", "system-out"}


def test_properties_say_how_the_run_came_about():
    root = read(a_run(is_final=True))
    said = {one.get("name"): one.get("value") for one in root[0].find("properties")}
    assert (said["model"], said["verdict"], said["option.seed"]) == ("demo-people@5", "failed", "7")
    assert said["final"] == "Final evaluation on a locked hold-out, never used before."
    of_case = {one.get("name"): one.get("value") for one in cases(root)["Rain"].find("properties")}
    assert (of_case["value"], of_case["groups_needed"]) == ("0.8713", "14")


def test_the_time_is_the_runs_in_seconds():
    assert read(a_run())[0].get("time") == "29.500"
    assert read(a_run(finished_at=""))[0].get("time") == "0.000"


def test_times_of_another_zone_are_written_in_utc():
    root = read(a_run(created_at="2026-01-05T09:14:02+02:00"))
    assert root[0].get("timestamp") == "2026-01-05T07:14:02"


def test_hostile_names_stay_names():
    root = read(a_run(suite=HOSTILE, model=HOSTILE, options={HOSTILE: HOSTILE}, notes=(HOSTILE,)))
    assert any("<script>" in name for name in cases(root))
    assert "�[31m" in root[0].get("name")


def test_a_link_to_the_frames():
    failure = cases(read(a_run(), base_url="https://w.example"))["Far and small"].find("failure")
    assert failure.text.endswith("https://w.example/dashboard/?q=box_area%3A%3C1024+AND+dataset%3Apeople%403")
