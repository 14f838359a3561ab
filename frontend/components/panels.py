"""The panels of the overview, before its callbacks fill them."""

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from frontend.components import search_bar
from frontend.components.attributes import aria

HIDDEN: dict[str, Any] = {"display": "none"}
SHOWN: dict[str, Any] = {}


def cascade_panel() -> html.Section:
    """Hold the funnel."""
    return html.Section(
        className="panel",
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("Cascade"),
                    html.Span(id="overview-covers", className="note"),
                    html.Div(className="grow"),
                    dmc.SegmentedControl(
                        id="overview-cascade", data=[], size="xs", style=HIDDEN, **aria(label="Cascade")
                    ),
                ],
            ),
            html.Div(id="overview-funnel"),
        ],
    )


def footage_panel() -> html.Section:
    """Hold the list of videos."""
    return html.Section(
        className="panel",
        children=[
            html.Div([html.H2("Footage"), html.Span(id="overview-running", className="note")], className="panel-head"),
            html.Div(id="overview-videos"),
            dmc.Button("Show more videos", id="overview-more-videos", variant="default", size="xs", style=HIDDEN),
        ],
    )


def frames_panel(query: str) -> html.Section:
    """Hold the query and what it finds."""
    return html.Section(
        className="panel",
        children=[
            html.Div(
                className="panel-head",
                children=[
                    html.H2("Kept frames"),
                    html.Span(id="overview-count", className="note", **aria(live="polite")),
                    dmc.Button("", id="overview-show-new", variant="light", size="compact-xs", style=HIDDEN),
                    html.Div(className="grow"),
                    dmc.Switch(id="overview-boxes", label="Boxes", checked=True, size="xs", persistence=True),
                ],
            ),
            search_bar.search_field(query),
            html.Div(id="overview-fault"),
            html.Div(search_bar.examples(), id="overview-examples"),
            html.Div(
                className="results",
                children=[
                    html.Aside(id="overview-facets", **aria(label="Narrow down")),
                    html.Div(
                        [
                            html.Div(
                                html.Ul(id="overview-grid", className="grid"), id="overview-frames", className="frames"
                            ),
                            dmc.Button(
                                "Show more frames", id="overview-more", variant="default", size="sm", style=HIDDEN
                            ),
                        ]
                    ),
                ],
            ),
            dcc.Store(id="overview-cursor"),
        ],
    )
