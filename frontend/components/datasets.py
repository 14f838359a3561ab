"""Dataset versions: the list, and one with its plan, its splits and its ledger."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from frontend import human
from frontend.components.coverage import frames_link
from frontend.components.empty import step
from frontend.records import ExportRow, UseRow, VersionDetail, VersionRow
from frontend.site import PREFIX

SPLITS = ("train", "val", "test")
STEPS = (
    ("See what there is", "How the frames are distributed, and what is lacking.", ".venv/bin/python manage.py profile"),
    (
        "Try a plan",
        "Shows what it would give, and why it falls short, before anything is made.",
        ".venv/bin/python manage.py sample --size 200 --uniform lighting time_of_day",
    ),
    (
        "Make a version",
        "Frames, tags, annotations and splits, frozen and hashed.",
        ".venv/bin/python manage.py dataset create first --query 'people:>0' --split-by video",
    ),
)


def no_datasets() -> html.Section:
    """Say how a dataset is made."""
    return html.Section(
        className="empty",
        children=[
            html.H1("No dataset yet"),
            html.P("A dataset version is a choice of frames that never changes, so that a model can be made again."),
            html.Ol([step(*one) for one in STEPS]),
        ],
    )


def version_list(versions: Sequence[VersionRow], *, chosen: str) -> html.Div:
    """List versions, newest first."""
    head = [html.Th(name, scope="col", className=side) for name, side in _COLUMNS]
    rows = [
        html.Tr(
            [
                html.Th(_version_link(one), scope="row"),
                html.Td(human.count(one.frames), className="number"),
                html.Td(human.count(one.annotations), className="number"),
                html.Td(_splits(one.splits)),
                html.Td(human.moment(one.created_at), className="when"),
                html.Td(one.created_by or "–", className="cut"),
            ],
            className="chosen" if one.name == chosen else "",
        )
        for one in versions
    ]
    return html.Div(html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="rows"), className="wide")


def version_detail(found: VersionDetail) -> html.Div:
    """Show one version."""
    row = found.row
    query = f'dataset:"{row.name}"'
    return html.Div(
        className="version",
        children=[
            html.Div(
                [
                    frames_link("Show its frames", query, name="link"),
                    dcc.Link(
                        "Compare with all frames",
                        href=f"{PREFIX}coverage?{urlencode({'against': row.name})}",
                        className="link",
                    ),
                ],
                className="links",
            ),
            html.Dl([_fact(name, value) for name, value in _facts(found)], className="facts"),
            *_strata(found.report),
            *_notes(found.report),
            *_plan(found),
            *_ledger(found),
            *_exports(found.exports),
        ],
    )


def missing(name: str) -> html.Div:
    """Say that there is no such version."""
    return html.Div(f"There is no dataset version {name}.", className="quiet")


_COLUMNS = (("Version", ""), ("Frames", "number"), ("Annotations", "number"), ("Splits", ""), ("Made", ""), ("By", ""))


def _version_link(one: VersionRow) -> list[Any]:
    href = f"?{urlencode({'version': one.name})}"
    badge = [html.Span("hold-out", className="badge gap-critical")] if one.locked_at else []
    return [dcc.Link(one.name, href=href, className="link"), *badge]


def _splits(splits: Mapping[str, int]) -> html.Div | str:
    total = sum(splits.values())
    if not total:
        return "none"
    order = [*(name for name in SPLITS if name in splits), *(name for name in splits if name not in SPLITS)]
    parts = [
        html.Span(className=f"split split-{at}", style={"width": f"{100 * splits[name] / total:.2f}%"})
        for at, name in enumerate(order)
    ]
    words = ", ".join(f"{name} {human.count(splits[name])}" for name in order)
    return html.Div([html.Div(parts, className="bar thin splits"), html.Span(words, className="note")])


def _facts(found: VersionDetail) -> list[tuple[str, str]]:
    row = found.row
    facts = [
        ("Frames", human.count(row.frames)),
        ("Annotations", human.count(row.annotations)),
        ("Made", f"{human.moment(row.created_at)}{f' by {row.created_by}' if row.created_by else ''}"),
        ("After", found.parent or "nothing: it is the first"),
        ("Conditions", found.conditions or "none"),
        ("Split by", found.split_by or "not split"),
        ("Seed", str(found.seed)),
        ("Manifest", f"SHA-256 {found.sha256}"),
    ]
    if row.locked_at:
        facts.append(
            ("Hold-out", f"locked {human.moment(row.locked_at)}; keeps {human.some(found.held_frames, 'frame')} away")
        )
    return facts


def _fact(name: str, value: str) -> html.Div:
    return html.Div([html.Dt(name), html.Dd(value)])


def _strata(report: Mapping[str, Any]) -> list[Any]:
    strata = report.get("strata") or []
    if not strata:
        return []
    rows = [
        html.Tr(
            [
                html.Th(str(one.get("name", "")), scope="row"),
                *(html.Td(human.count(int(one.get(key) or 0)), className="number") for key in _STRATA),
                html.Td(str(one.get("reason") or ""), className="note"),
            ],
            className="short" if int(one.get("given") or 0) < int(one.get("wanted") or 0) else "",
        )
        for one in strata
    ]
    head = html.Tr([html.Th("Part"), *(html.Th(key.capitalize(), className="number") for key in _STRATA), html.Th("")])
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="rows")
    return [html.H3("What the plan gave"), html.Div(table, className="wide")]


_STRATA = ("wanted", "given", "available")


def _notes(report: Mapping[str, Any]) -> list[Any]:
    said = [*report.get("notes", ()), *report.get("split_notes", ())]
    said += [f"{human.some(int(count), 'frame')} left out: {why}." for why, count in report.get("left_out", {}).items()]
    leakage = report.get("leakage", {}).get("summary")
    said += [leakage] if leakage else []
    return [html.H3("Notes"), html.Ul([html.Li(str(one)) for one in said], className="notes")] if said else []


def _plan(found: VersionDetail) -> list[Any]:
    return [html.H3("Plan"), html.Pre(found.plan_text, className="plan")] if found.plan_text.strip() else []


def _ledger(found: VersionDetail) -> list[Any]:
    if not found.row.locked_at:
        return []
    uses = html.Ul([html.Li(_use(use)) for use in found.uses], className="notes") if found.uses else None
    return [html.H3("Ledger"), uses or html.Div("It was never used for an evaluation.", className="note")]


def _use(use: UseRow) -> str:
    figure = f", {use.metric} {use.value:g}" if use.value is not None else ""
    model = f" of {use.model}" if use.model else ""
    note = f": {use.note}" if use.note else ""
    return f"{human.moment(use.at)}, {use.by}: {use.purpose}{model}{figure}{note}"


def _exports(exports: Sequence[ExportRow]) -> list[Any]:
    if not exports:
        return []
    rows = [
        html.Li(
            [
                html.A(f"{one.format} ({human.size(one.size_bytes)})", href=f"/api/v1/exports/{one.id}/download/")
                if one.size_bytes
                else f"{one.format} ({one.state or 'not made'})",
                f", for {one.purpose}, {human.moment(one.created_at)}",
            ]
        )
        for one in exports
    ]
    return [html.H3("Exports"), html.Ul(rows, className="notes")]
