"""The query: its field, examples, what is wrong with it, and the facets that build one by clicks."""

import dash_mantine_components as dmc
from dash import html

from frontend import human
from frontend.components.attributes import aria, changes_place
from frontend.components.icons import icon
from frontend.place import Place, terms, toggle
from frontend.records import Facet, Facets, FacetValue, QueryFault

EXAMPLES = (
    "people:>0",
    "lighting:(dark OR dim)",
    "camera:gate* AND time_of_day:night",
    "blurriness:sharp AND people:[2 TO 5]",
    "NOT motion:true",
)
MAX_VALUES = 8


def search_field(query: str) -> html.Div:
    """Show the field for a query."""
    return html.Div(
        className="search",
        role="search",
        children=[
            dmc.TextInput(
                id="overview-query",
                value=query,
                placeholder="people:>0 AND lighting:dark",
                leftSection=icon("search"),
                size="sm",
                spellCheck=False,
                autoComplete="off",
                debounce=True,  # else a late echo takes letters out of what is being typed
                **aria(label="Query in Lucene syntax"),
            ),
            dmc.Button("Search", id="overview-ask", size="sm"),
        ],
    )


def examples() -> html.Div:
    """Show queries to start from."""
    return html.Div(
        [html.Span("Try", className="note"), *map(_chip, EXAMPLES)],
        className="chips examples",
    )


def fault_view(query: str, fault: QueryFault) -> html.Div:
    """Show the query with its fault marked, and what would be right."""
    if fault.column is None:
        return html.Div(html.P([icon("alert"), fault.message]), className="fault", role="alert")
    at = min(max(0, fault.column - 1), len(query))
    end = at + len(fault.near) if fault.near and query.startswith(fault.near, at) else at + 1
    return html.Div(
        className="fault",
        role="alert",
        children=[
            html.Code([query[:at], html.Mark(query[at:end] or "\u00a0"), query[end:]]),
            html.P([icon("alert"), html.Span([html.B(f"Column {fault.column}. "), fault.message])]),
        ],
    )


def facet_column(facets: Facets, *, place: Place) -> html.Div:
    """Show values with their counts; one that is asked for already is marked, and a click takes it out."""
    asked = terms(place.query)
    over = "all kept frames" if facets.all_frames else f"the newest {human.count(facets.frames)} kept frames"
    return html.Div(
        [
            *(_facet(facet, asked, place, facets.frames) for facet in facets.facets),
            html.P(f"Counts over {over}.", className="note"),
        ],
        className="facets",
    )


def _facet(facet: Facet, asked: list[str], place: Place, frames: int) -> html.Div:
    values = [_value(value, asked, place, frames) for value in facet.values[:MAX_VALUES]]
    return html.Div([html.H3(facet.label), html.Ul(values)], className="facet")


def _value(value: FacetValue, asked: list[str], place: Place, frames: int) -> html.Li:
    on = value.term in asked
    return html.Li(
        html.A(
            [
                html.Span(className="facet-bar", style={"width": f"{100 * value.frames / frames:.1f}%"}),
                html.Span(value.label, className="cut", title=value.label),
                html.Span(human.count(value.frames), className="note number"),
            ],
            href=place.asking(toggle(place.query, value.term)).search,
            className="facet-value on" if on else "facet-value",
            **changes_place(current=on),
        )
    )


def _chip(query: str) -> html.A:
    return html.A(query, href=Place(query=query).search, className="chip", **changes_place())
