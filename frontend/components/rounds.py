"""Rounds: the list, and what a page says before there is one."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from frontend import human
from frontend.components.empty import step
from frontend.round_records import RedRun, RoundRow

STATE_WORDS = {
    "seeds": "looking for what went wrong",
    "candidates": "candidates to look through",
    "labelling": "with the annotators",
    "dataset": "making the dataset version",
    "training": "training",
    "retest": "testing again",
    "closed": "closed",
    "abandoned": "abandoned",
}
WORK_WORDS = {"failed": "failed", "cancelled": "stopped"}
_COLUMNS = ("Round", "Model", "Suite", "About", "Budget", "Strategy", "Began", "State")


def no_rounds(reds: Sequence[RedRun]) -> html.Section:
    """Say how a round is started: from the newest test run with something red, if there is one."""
    if reds:
        red = reds[0]
        first = step(
            f"Start from test run {red.id}",
            f"{red.model} against {red.suite} does not pass in: {_names(red.red)}. A round looks for frames like those "
            "in which it goes wrong.",
            f".venv/bin/python manage.py rounds start --test-run {red.id} --budget 100",
        )
    else:
        first = step(
            "Test a model",
            "A round starts from a test in which something is red. There is none yet.",
            ".venv/bin/python manage.py scenarios run --model people-v1 --suite street --dataset street@1",
        )
    return html.Section(
        className="empty",
        children=[
            html.H1("No round yet"),
            html.P(
                "A round turns a red scenario into the next model: it finds the frames that would mend it, people "
                "label them, a model learns from them, and the same test is run again."
            ),
            html.Ol(
                [
                    first,
                    step(
                        "See the whole loop work",
                        "Runs rounds on the demo world, with the renderer's truth in place of the annotators.",
                        "make demo",
                    ),
                ]
            ),
        ],
    )


def round_list(rows: Sequence[RoundRow], *, chosen: int | None) -> html.Div:
    """List rounds, newest first."""
    lines = [
        html.Tr(
            [
                html.Th(_round_link(row), scope="row"),
                html.Td(row.model, className="cut", title=row.model),
                html.Td(row.suite, className="cut", title=row.suite),
                html.Td(_names(row.scenarios), className="cut", title=", ".join(row.scenarios)),
                html.Td(human.count(row.budget), className="number"),
                html.Td(row.strategy or "–", className="cut", title=row.strategy),
                html.Td(human.moment(row.created_at), className="when"),
                html.Td(badge(row)),
            ],
            className="chosen" if row.id == chosen else "",
        )
        for row in rows
    ]
    head = html.Tr([html.Th(name, scope="col", className="number" if name == "Budget" else "") for name in _COLUMNS])
    table = html.Table([html.Thead(head), html.Tbody(lines)], className="rows tests rounds")
    return html.Div(table, className="wide")


def badge(row: RoundRow) -> html.Span:
    """Say where a round stands, in a word or two."""
    if row.state not in ("closed", "abandoned") and row.work in WORK_WORDS:
        return html.Span(f"{row.state}: {WORK_WORDS[row.work]}", className="verdict verdict-fail")
    kind = {"closed": "", "abandoned": "", "candidates": "verdict-inconclusive"}.get(row.state, "verdict-now")
    return html.Span(STATE_WORDS.get(row.state, row.state), className=f"verdict {kind}".strip())


def missing_round(number: str) -> html.Div:
    return html.Div(f"There is no round {number}.", className="quiet")


def address(round: int, **words: str) -> str:
    """Make the address of a round on this page."""
    return f"?{urlencode({'round': round, **words})}"


def _round_link(row: RoundRow) -> list[Any]:
    loop = [html.Span(f"loop {row.loop}", className="badge")] if row.loop else []
    return [dcc.Link(f"{row.id}", href=address(row.id), className="link"), *loop]


def _names(names: Sequence[str]) -> str:
    few = ", ".join(names[:3])
    return f"{few} and {len(names) - 3} more" if len(names) > 3 else few or "–"
