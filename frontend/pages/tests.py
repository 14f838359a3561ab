"""Test runs: models held against suites, and what went wrong in each scenario."""

from typing import Any

from dash import Input, Output, callback, dcc, html

from frontend import queries
from frontend.components import tests
from frontend.components.panels import HIDDEN, SHOWN
from frontend.page import Page
from frontend.place import words_of

PAGE = Page(name="Tests", path="/tests", title="Tests · Winnow", order=3)
MAX_NAME = 120


def layout(**_: object) -> html.Div:
    """Lay the page out; callbacks fill it."""
    return html.Div(
        className="page",
        children=[
            dcc.Location(id="tests-url", refresh=False),
            html.Div(html.H1("Tests"), className="title"),
            html.Section(id="tests-scenario", className="panel", style=HIDDEN),
            html.Section(id="tests-run", className="panel", style=HIDDEN),
            html.Div(id="tests-list"),
        ],
    )


@callback(
    Output("tests-list", "children"),
    Output("tests-run", "children"),
    Output("tests-run", "style"),
    Output("tests-scenario", "children"),
    Output("tests-scenario", "style"),
    Input("tests-url", "search"),
)
def show(search: object) -> tuple[Any, ...]:
    """List the runs, and show the one, and the scenario, that the address names; the newest if it names none."""
    rows = queries.test_runs()
    if not rows:
        return tests.no_tests(), [], HIDDEN, [], HIDDEN
    named = words_of(search)
    number, name = named.get("run", "") or str(rows[0].id), named.get("scenario", "")[:MAX_NAME]
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else None
    listed = html.Section(
        [html.Div(html.H2("All runs"), className="panel-head"), tests.run_list(rows, chosen=chosen)], className="panel"
    )
    found = queries.test_run(number)
    if found is None:
        return listed, [tests.missing_run(number[:20])], SHOWN, [], HIDDEN
    row, record = found
    head = html.Div(html.H2(f"Run {row.id}: {row.model} against {row.suite}"), className="panel-head")
    if record is None:
        return listed, [head, tests.unfinished(row)], SHOWN, [], HIDDEN
    run = [head, tests.run_detail(record, chosen=name)]
    one = queries.test_scenario(row.id, name) if name else None
    if one is None:
        return listed, run, SHOWN, [], HIDDEN
    pictures = queries.shown_pictures([frame.frame_id for frame in one.frames])
    title = html.Div(html.H2(f"Scenario: {one.name}"), className="panel-head")
    return listed, run, SHOWN, [title, tests.scenario_detail(one, pictures=pictures)], SHOWN
