"""What the frames cover, beside what is expected, and what is lacking most."""

from typing import Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import Input, Output, State, callback, dcc, html, no_update

from frontend import human, queries
from frontend.components import coverage, search_bar
from frontend.components.attributes import aria
from frontend.components.icons import icon
from frontend.components.panels import HIDDEN, SHOWN
from frontend.page import Page
from frontend.place import place_of, words_of
from frontend.records import QueryFault

PAGE = Page(name="Coverage", path="/coverage", title="Coverage · Winnow", order=1)
MAX_NAME = 100
PAIR = ("first", "second")
OUTPUTS = ("count", "fault", "gaps", "critical", "differences", "factors", "matrix", "footage", "time")


def layout(q: object = "", against: object = "", first: object = "", second: object = "", **_: object) -> html.Div:
    """Lay the page out; callbacks fill it."""
    names = queries.factor_names()
    chosen = [name if name in names else default for name, default in zip((first, second), _pair(names), strict=True)]
    return html.Div(
        className="page",
        children=[
            dcc.Location(id="coverage-url", refresh=False),
            html.Div([html.H1("Coverage"), html.Span(id="coverage-count", className="note")], className="title"),
            _asking(place_of(query=q).query, against),
            html.Div(id="coverage-fault"),
            html.Div(
                id="coverage-content",
                children=[
                    html.Div([_panel("Worst gaps first", html.Div(id="coverage-gaps")), _beside()], className="panels"),
                    html.Div(id="coverage-differences"),
                    _panel("Factors", html.Div(id="coverage-factors", className="factors")),
                    _combinations(names, chosen),
                    html.Div(id="coverage-time"),
                ],
            ),
        ],
    )


def _asking(query: str, against: object) -> html.Div:
    versions = queries.version_names()
    return html.Div(
        className="search",
        role="search",
        children=[
            dmc.TextInput(
                id="coverage-query",
                value=query,
                placeholder="all frames, or camera:gate*",
                leftSection=icon("search"),
                size="sm",
                spellCheck=False,
                autoComplete="off",
                debounce=True,
                **aria(label="Query in Lucene syntax"),
            ),
            dmc.Select(
                id="coverage-against",
                data=versions,
                value=against if against in versions else None,
                placeholder="beside a dataset" if versions else "no dataset yet",
                clearable=True,
                searchable=True,
                size="sm",
                disabled=not versions,
                **aria(label="Compare with a dataset version"),
            ),
            dmc.Button("Show", id="coverage-ask", size="sm"),
        ],
    )


def _beside() -> html.Div:
    critical = html.Ul(id="coverage-critical", className="critical")
    footage = html.Div(id="coverage-footage")
    return html.Div([_panel("Critical combinations", critical), _panel("Of all footage", footage)], className="stack")


def _combinations(names: list[str], chosen: list[str]) -> html.Section:
    options = [{"value": name, "label": name.replace("_", " ")} for name in names]
    selects = [
        dmc.Select(
            id=f"coverage-{which}", data=options, value=value, size="xs", allowDeselect=False,
            **aria(label=f"The {which} factor"),
        )
        for which, value in zip(PAIR, chosen, strict=True)
    ]  # fmt: skip
    head = html.Div([html.H2("Combinations"), *selects], className="panel-head")
    return html.Section([head, html.Div(id="coverage-matrix")], className="panel")


@callback(
    Output("coverage-content", "style"),
    *(Output(f"coverage-{name}", "children") for name in OUTPUTS),
    Input("coverage-url", "search"),
)
def show(search: object) -> tuple[Any, ...]:
    """Profile what the address asks for."""
    asked = _asked(search)
    names = queries.factor_names()
    pair = tuple(asked[name] if asked[name] in names else other for name, other in zip(PAIR, _pair(names), strict=True))
    chosen = (pair[0], pair[1]) if len(set(pair)) == 2 else None
    found = queries.coverage(asked["q"], against=asked["against"], pair=chosen)
    if isinstance(found, QueryFault):
        return HIDDEN, "", search_bar.fault_view(asked["q"], found), *[no_update] * (len(OUTPUTS) - 2)
    words = f"{human.some(found.frames, 'frame')} by the conditions {found.conditions}"
    held = f", {human.count(found.held_out)} of them held out" if found.held_out else ""
    return (
        SHOWN,
        words + held,
        [],
        coverage.gap_list(found.gaps, has_expected=found.has_expected),
        coverage.critical_list(found.critical)
        or html.Li("None are named in the operating conditions.", className="quiet"),
        _panel(f"Beside {found.against}", coverage.difference_list(found.differences, found.against))
        if found.against
        else [],
        [coverage.factor_card(factor) for factor in (*found.factors, found.cameras)],
        coverage.matrix(found.pairs[0]) if found.pairs else html.Div("Choose two factors.", className="quiet"),
        coverage.footage_list(queries.footage()),
        _panel("Over time", coverage.factor_card(found.time)) if found.time and found.time.known else [],
    )


@callback(
    Output("coverage-url", "search"),
    Input("coverage-query", "n_submit"),
    Input("coverage-ask", "n_clicks"),
    Input("coverage-against", "value"),
    Input("coverage-first", "value"),
    Input("coverage-second", "value"),
    State("coverage-query", "value"),
    prevent_initial_call=True,
)
def ask(_submit: object, _click: object, against: object, first: object, second: object, query: object) -> str:
    """Write what is asked into the address, so that a view can be shared."""
    said = {"q": place_of(query=query).query, "against": against, "first": first, "second": second}
    return f"?{urlencode({name: value for name, value in said.items() if isinstance(value, str) and value})}"


def _asked(search: object) -> dict[str, str]:
    named = words_of(search)
    said = {name: named.get(name, "")[:MAX_NAME] for name in ("against", *PAIR)}
    return {"q": place_of(query=named.get("q", "")).query, **said}


def _pair(names: list[str]) -> tuple[str, str]:
    """Choose the two factors to begin with."""
    begin = [name for name in ("lighting", "time_of_day") if name in names] + names
    unlike = list(dict.fromkeys(begin))
    return (unlike[0], unlike[1]) if len(unlike) > 1 else ("", "")


def _panel(title: str, content: Any) -> html.Section:
    return html.Section([html.Div(html.H2(title), className="panel-head"), content], className="panel")
