"""Test runs: the list, a run with its scenarios, and a scenario with what went wrong in it."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from evaluation.core.reports.words import (
    RUN_VERDICTS,
    failures_first,
    figure,
    finality,
    interval_of,
    needed,
    tally,
    value_of,
    weighted,
)
from evaluation.core.results import RunRecord, ScenarioRecord, ShownFrame
from frontend import human
from frontend.components.coverage import frames_link
from frontend.components.empty import step
from frontend.figures import data_uri
from frontend.records import TestRunRow
from frontend.result_figures import BOX_COLOURS, calibration_svg, interval_svg, precision_svg, result_boxes_svg

STEPS = (
    ("Register a model", "By its weights, or by name alone if its predictions are imported.",
     ".venv/bin/python manage.py models add people-v1 --detector yolox_onnx:FILE.onnx"),
    ("Write a suite", "Which situations matter, and what is asked in each: docs/scenarios.md shows how.",
     ".venv/bin/python manage.py scenarios save suite.yaml"),
    ("Run it", "Each scenario passes, fails, or needs more evidence.",
     ".venv/bin/python manage.py scenarios run --model people-v1 --suite street --dataset street@1"),
)  # fmt: skip
VERDICT_WORDS = {"pass": "pass", "fail": "fail", "inconclusive": "not enough evidence"}
SHORT_WORDS = {"pass": "pass", "fail": "fail", "inconclusive": "unsure"}
LEGEND = (
    ("found", "found"), ("truth", "its truth"), ("missed", "missed"), ("false", "false alarm"), ("ignored", "left out"),
)  # fmt: skip
_COLUMNS = ("Run", "Model", "Suite", "Dataset", "When", "Verdict")


def no_tests() -> html.Section:
    """Say how a model is tested."""
    return html.Section(
        className="empty",
        children=[
            html.H1("No model was tested yet"),
            html.P("A suite is a list of situations that matter, each a unit test for a model."),
            html.Ol([step(*one) for one in STEPS]),
        ],
    )


def run_list(rows: Sequence[TestRunRow], *, chosen: int | None) -> html.Div:
    """List runs, newest first."""
    lines = [
        html.Tr(
            [
                html.Th(_run_link(row), scope="row"),
                html.Td(row.model, className="cut"),
                html.Td(row.suite, className="cut"),
                html.Td(row.dataset or "–", className="cut"),
                html.Td(human.moment(row.created_at), className="when"),
                html.Td(_badge(row)),
            ],
            className="chosen" if row.id == chosen else "",
        )
        for row in rows
    ]
    head = html.Tr([html.Th(name, scope="col") for name in _COLUMNS])
    return html.Div(html.Table([html.Thead(head), html.Tbody(lines)], className="rows tests"), className="wide")


def unfinished(row: TestRunRow) -> html.Div:
    """Say how far a run is, or why it ended without a verdict."""
    if row.state in ("failed", "cancelled", "gone"):
        said = row.error or "It was stopped before it came to a verdict."
        return html.Div(
            [html.P(said, className="error"), html.P("Nothing of it was kept; run it again.", className="note")]
        )
    far = f"{row.done:,} of {row.total:,}" if row.total else ""
    words = ", ".join(part for part in (row.state, row.doing, far) if part)
    return html.Div(f"This run is not done: {words}.", className="quiet")


def run_detail(record: RunRecord, *, chosen: str) -> html.Div:
    """Show a run: what it says of the model, and each scenario, failures first."""
    said = record.readiness.sentence
    lines = [weighted(record), finality(record), *record.notes]
    return html.Div(
        className="version",
        children=[
            html.P([_verdict(record.verdict, RUN_VERDICTS[record.verdict]), said], className="verdict-line"),
            html.P(f"{tally(record.scenarios)}.", className="note"),
            *(html.P(line, className="note") for line in lines if line),
            html.Div(
                [
                    *(html.A(name, href=_report(record.id, kind), className="link") for name, kind in _REPORTS),
                    *_round(record),
                ],
                className="links",
            ),
            html.Div(
                html.Table(
                    [
                        _scenario_head(),
                        html.Tbody([_scenario_row(record, one, chosen) for one in failures_first(record)]),
                    ],
                    className="rows scenarios",
                ),
                className="wide",
            ),
        ],
    )


def scenario_detail(one: ScenarioRecord, *, pictures: Mapping[int, str]) -> html.Div:
    """Show a scenario: why this verdict, its errors and curves, and the frames where most goes wrong."""
    return html.Div(
        className="version",
        children=[
            html.P([_verdict(one.verdict, VERDICT_WORDS[one.verdict]), one.reason], className="verdict-line"),
            html.P(one.why) if one.why else None,
            html.Div([frames_link("Show its frames", one.link_query, name="link")] if one.link_query else []),
            html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in _facts(one)], className="facts"),
            html.Div([html.Div(_errors(one)), html.Div(_curves(one))], className="analysis"),
            *_frames(one.frames, pictures),
        ],
    )


def missing_run(number: str) -> html.Div:
    return html.Div(f"There is no test run {number}.", className="quiet")


_REPORTS = (("HTML report", "html"), ("JUnit", "junit"), ("Markdown", "markdown"), ("JSON", "json"))


def _report(run: int, kind: str) -> str:
    return f"/api/v1/test-runs/{run}/report/?{urlencode({'kind': kind})}"


def _round(record: RunRecord) -> list[dcc.Link]:
    if record.is_final or all(one.verdict == "pass" for one in record.scenarios):
        return []
    href = f"/dashboard/rounds?{urlencode({'from': record.id})}"
    return [dcc.Link("Start a round from it", href=href, className="link")]


def _run_link(row: TestRunRow) -> list[Any]:
    badge = [html.Span("final", className="badge gap-critical")] if row.is_final else []
    return [dcc.Link(f"{row.id}", href=f"?{urlencode({'run': row.id})}", className="link"), *badge]


def _badge(row: TestRunRow) -> html.Span:
    if row.verdict:
        return _verdict(row.verdict, RUN_VERDICTS[row.verdict])
    return html.Span(row.state, className="note")


def _verdict(verdict: str, words: str) -> html.Span:
    return html.Span(words, className=f"verdict verdict-{verdict}")


def _scenario_head() -> html.Thead:
    # The verdict stands first: on a phone what follows is out of sight.
    names = ("Scenario", "Verdict", "Figure", "Interval", "Needed", "", "Images", "Objects", "Groups")
    numbers = {"Figure", "Interval", "Needed", "Images", "Objects", "Groups"}
    cells = [html.Th(name, scope="col", className="number" if name in numbers else "") for name in names]
    return html.Thead(html.Tr(cells))


def _scenario_row(record: RunRecord, one: ScenarioRecord, chosen: str) -> html.Tr:
    link = dcc.Link(one.name, href=f"?{urlencode({'run': record.id, 'scenario': one.name})}", className="link")
    critical = [html.Span("critical", className="badge")] if one.critical else []
    said = f"{value_of(one)}, interval {interval_of(one)}, needed {needed(one)}"
    return html.Tr(
        [
            html.Th([link, *critical, html.Div(one.metric, className="note")], scope="row"),
            html.Td(_verdict(one.verdict, SHORT_WORDS[one.verdict])),
            html.Td(value_of(one), className="number"),
            html.Td(interval_of(one), className="number"),
            html.Td(needed(one), className="number"),
            html.Td(html.Img(src=data_uri(interval_svg(one)), alt=said, className="interval")),
            *(html.Td(human.count(count), className="number") for count in (one.images, one.instances, one.groups)),
        ],
        className="chosen" if one.name == chosen else "",
    )


def _facts(one: ScenarioRecord) -> list[tuple[str, str]]:
    facts = [
        ("Metric", one.metric),
        ("Query", one.query if one.link_query else "a set of events"),
        ("Figure", f"{value_of(one)}, interval {interval_of(one)}, needed {needed(one)}"),
        ("Stands on", f"{one.images:,} images, {one.instances:,} objects, {one.groups:,} independent groups"),
    ]
    if one.baseline_value is not None:
        facts.append(("Baseline", f"{figure(one.baseline_value, one.unit)}; model {figure(one.model_value, one.unit)}"))
    if one.groups_needed is not None:
        facts.append(("To decide", f"about {one.groups_needed:,} further groups"))
    if one.under_review:
        facts.append(("Left out", f"{one.under_review:,} labels under review"))
    return facts


def _errors(one: ScenarioRecord) -> list[Any]:
    if not one.errors.kinds:
        return []
    most = max(one.errors.kinds.values()) or 1
    bars = [
        html.Tr(
            [
                html.Th(kind, scope="row"),
                html.Td(human.count(count), className="number"),
                html.Td(
                    html.Div(
                        html.Div(className="bar-fill", style={"width": f"{100 * count / most:.1f}%"}),
                        className="bar thin",
                    )
                ),
            ]
        )
        for kind, count in one.errors.kinds.items()
    ]
    parts: list[Any] = [html.H3("Errors by kind"), html.Table(html.Tbody(bars), className="rows errors")]
    if len(one.errors.labels) > 1:
        parts += [html.H3("Confusion"), html.Div(_confusion(one), className="wide")]
    return parts


def _confusion(one: ScenarioRecord) -> html.Table:
    names = [*one.errors.labels, "nothing"] if len(one.errors.confusion) > len(one.errors.labels) else one.errors.labels
    head = html.Tr([html.Th("truth \\ seen"), *(html.Th(name, scope="col", className="number") for name in names)])
    rows = [
        html.Tr(
            [html.Th(name, scope="row"), *(html.Td(human.count(count), className="number") for count in counts)]
        )
        for name, counts in zip(names, one.errors.confusion, strict=False)
    ]  # fmt: skip
    return html.Table([html.Thead(head), html.Tbody(rows)], className="rows")


def _curves(one: ScenarioRecord) -> list[Any]:
    drawn = []
    if one.curves.precision:
        svg = precision_svg(one.curves.precision, one.curves.operating_point)
        drawn.append(("Precision over recall", svg))
    if one.curves.calibration:
        drawn.append(("Calibration: how often a score is right", calibration_svg(one.curves.calibration)))
    figures = [
        html.Figure([html.Img(src=data_uri(svg), alt=name), html.Figcaption(name, className="note")])
        for name, svg in drawn
    ]
    return [html.H3("Curves"), html.Div(figures, className="curves")] if figures else []


def _frames(frames: Sequence[ShownFrame], pictures: Mapping[int, str]) -> list[Any]:
    if not frames:
        return []
    key = html.Div(
        [html.Span([html.I(style={"background": BOX_COLOURS[what]}), words]) for what, words in LEGEND],
        className="key note",
    )
    cards = [_frame(one, pictures.get(one.frame_id)) for one in frames]
    return [html.H3("Where most goes wrong"), key, html.Ul(cards, className="grid")]


def _frame(one: ShownFrame, picture: str | None) -> html.Li:
    svg = result_boxes_svg(one.boxes, width_px=one.width_px, height_px=one.height_px)
    said = f"{one.misses} missed, {one.false_alarms} false"
    shown: list[Any] = [html.Img(src=data_uri(svg), alt="", className="boxes")]
    if picture:
        shown.insert(0, html.Img(src=picture, alt=f"{one.camera}, {one.video}: {said}"))
    return html.Li(
        className="frame",
        children=[
            dcc.Link(html.Div(shown, className="picture"), href=f"/dashboard/?{urlencode({'frame': one.frame_id})}"),
            html.Div(
                [
                    html.Span(one.camera, className="cut", title=f"{one.camera}, {one.video}"),
                    html.Span(human.clock(one.pts_us / 1e6), className="number"),
                    html.Span(said, className="note"),
                ],
                className="frame-line",
            ),
        ],
    )
