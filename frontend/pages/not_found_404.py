"""Says that there is no such page."""

from dash import dcc, html

from frontend.page import Page
from frontend.site import PREFIX

PAGE = Page(name="Not found", path="/404", title="Not found – Winnow", in_header=False)


def layout(**_: object) -> html.Section:
    """Lead back to the first page."""
    return html.Section(
        [html.H1("There is no such page"), html.P(dcc.Link("Go to the overview", href=PREFIX))],
        className="empty",
    )
