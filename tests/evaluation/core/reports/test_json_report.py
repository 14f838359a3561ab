"""A test run as JSON, and its schema."""

import json

import jsonschema  # type: ignore[import-untyped]
import pytest

from evaluation.core.reports import Extras
from evaluation.core.reports.json import render_json, schema
from tests.evaluation.records import a_ready_run, a_run, an_empty_run

RUNS = {"full": a_run(), "ready": a_ready_run(), "empty": an_empty_run()}
KEYS = ["name", "critical", "metric", "value", "low", "high", "threshold", "images", "instances", "groups", "verdict"]


def report(run, **extras):
    return json.loads(render_json(run, Extras(**extras)))


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", RUNS)
def test_every_report_is_as_the_schema_says(name):
    jsonschema.validate(report(RUNS[name], base_url="https://w.example"), schema())


def walk(shape, value, where="$"):
    """Yield the keys that a value has and its schema does not name."""
    while "$ref" in shape:
        shape = schema()["$defs"][shape["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for one in value:
            yield from walk(shape.get("items", {}), one, f"{where}[]")
    elif isinstance(value, dict) and "properties" in shape:
        for key, one in value.items():
            if key not in shape["properties"]:
                yield f"{where}.{key}"
            else:
                yield from walk(shape["properties"][key], one, f"{where}.{key}")


def test_the_schema_names_every_key():
    assert list(walk(schema(), report(a_run()))) == []


@pytest.mark.parametrize("key", ["verdict", "readiness", "scenarios"])
def test_the_schema_asks_for_what_programs_rely_on(key):
    wrong = report(a_run())
    del wrong[key]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema())


def test_the_shape_that_programs_rely_on():
    said = report(a_run())
    assert (said["verdict"], said["readiness"]["verdict"], said["readiness"]["value"]) == ("failed", "failed", 0.8211)
    assert [list(one)[: len(KEYS)] for one in said["scenarios"]] == [KEYS] * 8
    assert {key: said["scenarios"][1][key] for key in KEYS} == {
        "name": "Far and small", "critical": True, "metric": "AP50, small", "value": 0.412, "low": 0.35, "high": 0.478,
        "threshold": 0.6, "images": 412, "instances": 1034, "groups": 23, "verdict": "fail",
    }  # fmt: skip
    assert said["counts"] == {"failed": 2, "inconclusive": 4, "passed": 2}
    assert said["run"]["options"]["seed"] == 7


def test_scenarios_stay_in_the_suites_order():
    assert [one["name"] for one in report(a_run())["scenarios"]] == [one.name for one in a_run().scenarios]


def test_links_only_where_there_is_a_base_url():
    assert report(a_run())["scenarios"][0]["frames_url"] is None
    url = report(a_run(), base_url="https://w.example")["scenarios"][1]["frames_url"]
    assert url == "https://w.example/dashboard/?q=box_area%3A%3C1024+AND+dataset%3Apeople%403"
