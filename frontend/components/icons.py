"""Icons: files of ours, drawn in the colour of the text around them."""

from dash import html

from frontend.components.attributes import aria


def icon(name: str) -> html.Span:
    """Show `assets/icons/<name>.svg`. It says nothing to a screen reader: what it stands in does."""
    return html.Span(className=f"icon icon-{name}", **aria(hidden="true"))
