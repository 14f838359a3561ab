"""A test run as JUnit XML: the dialect that Jenkins, GitLab, GitHub's actions and pytest share.

A failed scenario is a <failure>, critical or not, and an inconclusive one is <skipped>: what an open question means is
for the exit status to say.
"""

from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from evaluation.core.reports.contract import Extras
from evaluation.core.reports.words import clean, figure, finality, frames_url, interval_of, needed, value_of
from evaluation.core.results import RunRecord, ScenarioRecord


def render_junit(record: RunRecord, extras: Extras) -> str:
    """Write one testsuite with a testcase for each scenario, in the suite's order.

    The suite's time is the whole run's; scenarios are measured together, so each says 0."""
    verdicts = [one.verdict for one in record.scenarios]
    totals = {
        "tests": str(len(verdicts)), "failures": str(verdicts.count("fail")), "errors": "0",
        "skipped": str(verdicts.count("inconclusive")), "time": f"{_took_s(record):.3f}",
    }  # fmt: skip
    root = Element("testsuites", {"name": "winnow", **totals})
    suite = SubElement(root, "testsuite", {"name": clean(record.suite), **totals})
    if moment := _moment(record.created_at):
        suite.set("timestamp", f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")
    _properties(suite, _facts(record))
    for scenario in record.scenarios:
        _case(suite, scenario, record, extras.base_url)
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _case(suite: Element, one: ScenarioRecord, record: RunRecord, base_url: str) -> None:
    case = SubElement(suite, "testcase", {"classname": clean(record.suite), "name": clean(one.name), "time": "0.000"})
    _properties(case, _figures(one))
    lines = _lines(one, frames_url(base_url, one.link_query))
    if one.verdict == "fail":
        what = {"message": clean(one.reason), "type": "critical" if one.critical else "not critical"}
        SubElement(case, "failure", what).text = "\n".join(lines)
        return
    if one.verdict == "inconclusive":
        said = f"Not enough evidence yet. {clean(one.reason)}"
        SubElement(case, "skipped", {"message": said, "type": "inconclusive"})
    SubElement(case, "system-out").text = "\n".join(lines)


def _properties(parent: Element, facts: dict[str, str]) -> None:
    properties = SubElement(parent, "properties")
    for name, value in facts.items():
        SubElement(properties, "property", {"name": name, "value": value})


def _facts(record: RunRecord) -> dict[str, str]:
    ready = record.readiness
    facts = {
        "run": str(record.id), "verdict": record.verdict, "readiness": ready.sentence, "model": record.model,
        "model_sha256": record.model_sha256, "baseline": record.baseline, "dataset": record.dataset,
        "dataset_sha256": record.dataset_sha256, "weighted": "" if ready.value is None else repr(ready.value),
        "final": finality(record) or "", "code_version": record.code_version,
    }  # fmt: skip
    facts |= {f"option.{name}": str(record.options[name]) for name in sorted(record.options)}
    return {clean(name): clean(value) for name, value in facts.items() if value}


def _figures(one: ScenarioRecord) -> dict[str, str]:
    known = {
        "critical": str(one.critical).lower(), "metric": one.metric, "value": one.value, "low": one.low,
        "high": one.high, "threshold": one.threshold, "images": one.images, "instances": one.instances,
        "groups": one.groups, "groups_needed": one.groups_needed,
    }  # fmt: skip
    # A figure of 1 is 1.0 once it was stored, so it is written so before.
    figures = ("value", "low", "high", "threshold")
    known = {name: float(v) if name in figures and v is not None else v for name, v in known.items()}
    return {name: clean(str(value)) for name, value in known.items() if value is not None}


def _lines(one: ScenarioRecord, url: str) -> list[str]:
    beside = f" (baseline {figure(one.baseline_value, one.unit)})" if one.baseline_value is not None else ""
    lines = [
        f"{clean(one.metric)}: {value_of(one)} {interval_of(one)}, needed {needed(one)}{beside}",
        f"{one.images:,} images, {one.instances:,} objects, {one.groups:,} independent groups",
        clean(one.reason),
        f"Why it matters: {clean(one.why)}" if one.why else "",
        f"Frames: {clean(one.link_query)}" if one.link_query else "",
        url,
    ]
    return [line for line in lines if line]


def _took_s(record: RunRecord) -> float:
    begun, ended = _moment(record.created_at), _moment(record.finished_at)
    return max(0.0, (ended - begun).total_seconds()) if begun and ended else 0.0


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
