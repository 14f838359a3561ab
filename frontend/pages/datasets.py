"""The datasets: versions that never change, hold-outs and their ledger."""

from typing import Any

from dash import Input, Output, callback, dcc, html

from frontend import queries
from frontend.components import datasets
from frontend.components.panels import HIDDEN, SHOWN
from frontend.page import Page
from frontend.place import words_of

PAGE = Page(name="Datasets", path="/datasets", title="Datasets · Winnow", order=2)
MAX_NAME = 100


def layout(**_: object) -> html.Div:
    """Lay the page out; callbacks fill it."""
    return html.Div(
        className="page",
        children=[
            dcc.Location(id="datasets-url", refresh=False),
            html.Div(html.H1("Datasets"), className="title"),
            html.Div(id="datasets-list"),
            html.Section(id="datasets-version", className="panel", style=HIDDEN),
        ],
    )


@callback(
    Output("datasets-list", "children"),
    Output("datasets-version", "children"),
    Output("datasets-version", "style"),
    Input("datasets-url", "search"),
)
def show(search: object) -> tuple[Any, ...]:
    """List the versions, and show the one that the address names."""
    versions = queries.dataset_versions()
    if not versions:
        return datasets.no_datasets(), [], HIDDEN
    name = words_of(search).get("version", "")[:MAX_NAME]
    listed = html.Section(datasets.version_list(versions, chosen=name), className="panel")
    if not name:
        return listed, [], HIDDEN
    found = queries.dataset_version(name)
    head = html.Div(html.H2(name), className="panel-head")
    return listed, [head, datasets.version_detail(found) if found else datasets.missing(name)], SHOWN
