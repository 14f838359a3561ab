"""A test run as JSON for programs. Its shape is told by schema.json, and later versions only add to it."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from evaluation.core.record_json import run_to_plain
from evaluation.core.reports.contract import Extras
from evaluation.core.reports.words import counts, frames_url
from evaluation.core.results import RunRecord

SCHEMA_VERSION: Final = 1
FIRST = ("name", "critical", "metric", "value", "low", "high", "threshold", "images", "instances", "groups", "verdict")


@cache
def schema() -> dict[str, Any]:
    """Read the JSON Schema (2020-12) of the report."""
    read: dict[str, Any] = json.loads((Path(__file__).parent / "schema.json").read_text(encoding="utf-8"))
    return read


def render_json(record: RunRecord, extras: Extras) -> str:
    """Write the verdict, the readiness, each scenario, and how the run came about.

    Raises ValueError where the base URL is no web address, and RecordError where a figure is NaN."""
    report = report_of(record, base_url=extras.base_url)
    # A line for each scenario: a thousand of them with boxes and curves would be a million lines else.
    lines = ",\n".join(f"    {_text(one)}" for one in report["scenarios"])
    parts = {key: f"[\n{lines}\n  ]" if key == "scenarios" and lines else _text(of) for key, of in report.items()}
    return "{\n" + ",\n".join(f'  "{key}": {text}' for key, text in parts.items()) + "\n}\n"


def report_of(record: RunRecord, *, base_url: str = "") -> dict[str, Any]:
    """Make the report as JSON values, scenarios in the suite's order."""
    plain = run_to_plain(record)
    scenarios, readiness = plain.pop("scenarios"), plain.pop("readiness")
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": record.verdict,
        "readiness": readiness,
        "counts": {"failed": 0, "inconclusive": 0, "passed": 0} | counts(record.scenarios),
        "scenarios": [_scenario(one, base_url) for one in scenarios],
        "run": plain,
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _scenario(plain: dict[str, Any], base_url: str) -> dict[str, Any]:
    ordered = {name: plain[name] for name in FIRST} | plain
    return ordered | {"frames_url": frames_url(base_url, plain["link_query"]) or None}
