"""docs/ci.md: its examples are what the command and the reports are."""

import json
import re
import shlex

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from django.core.management import load_command_class

from evaluation.core.reports import Extras
from evaluation.core.reports.json import render_json, schema
from tests.conftest import ROOT
from tests.evaluation.records import a_run

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.DOTALL)


def commands():
    """Find every call of manage.py, continued lines joined."""
    joined = re.sub(r"\s*\\\n\s*|\n\s+(?=--)", " ", "\n".join(blocks("sh") + blocks("yaml")))
    calls = re.findall(r"manage\.py ((?:scenarios|models) .*?)(?= \|\| |$)", joined, flags=re.MULTILINE)
    return [call.strip() for call in calls]


@pytest.mark.parametrize("call", sorted(set(commands())))
def test_every_call_of_the_page_is_one_that_the_command_takes(call):
    name, *arguments = shlex.split(call)
    parser = load_command_class("evaluation", name).create_parser("manage.py", name)
    assert parser.parse_args(arguments).verb == arguments[0]


def test_the_page_has_calls_and_jobs():
    assert len(commands()) == 9
    assert all("jobs" in job or "scenarios" in job for job in map(yaml.safe_load, blocks("yaml")))


def test_the_example_has_the_shape_of_a_report():
    example = json.loads(blocks("json")[0])
    report = json.loads(render_json(a_run(), Extras()))
    assert list(example) == list(report)
    assert list(example["readiness"]) == list(report["readiness"])
    assert list(example["scenarios"][0]) == list(report["scenarios"][0])[:11]
    merged = report | {"scenarios": [report["scenarios"][0] | example["scenarios"][0]], "verdict": example["verdict"]}
    jsonschema.validate(merged, schema())


def test_the_page_names_every_key_of_a_scenario():
    keys = schema()["$defs"]["scenario"]["properties"]
    untold = {"name", "critical", "metric", "low", "high", "why", "is_higher_better"}
    assert [key for key in keys if key not in untold and f"`{key}`" not in PAGE] == []
