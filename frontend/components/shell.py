"""The frame around every page: the name, the pages, and what belongs to the user."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from frontend.components.attributes import aria
from frontend.components.icons import icon
from frontend.site import Site, Visitor

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace"
ACCENT = [
    "#effcf9", "#cdf5ec", "#9ce9d9", "#63d6c3", "#34bcaa", "#17a090", "#0d8175", "#0f6b62", "#10564f", "#114741",
]  # fmt: skip
DARK = [
    "#d8dde3", "#b3bcc5", "#8f99a3", "#5d6771", "#3a434b", "#2c3238", "#21262b", "#1a1f23", "#14181b", "#0f1214",
]  # fmt: skip
THEME = {
    "colors": {"winnow": ACCENT, "dark": DARK},
    "primaryColor": "winnow",
    "primaryShade": {"light": 7, "dark": 6},
    "fontFamily": FONT,
    "fontFamilyMonospace": MONO,
    "defaultRadius": "sm",
    "cursorType": "pointer",
    "focusRing": "auto",
}


def shell(visitor: Visitor, *, site: Site, pages: Sequence[tuple[str, str]], content: Any) -> dmc.MantineProvider:
    """Put a page's content into the frame. `pages` are (name, href)."""
    return dmc.MantineProvider(
        theme=THEME,
        defaultColorScheme="auto",
        children=[
            html.A("Skip to content", href="#content", className="skip"),
            dmc.NotificationContainer(id="notices", position="bottom-right"),
            dmc.AppShell(
                header={"height": 52},
                padding=0,
                children=[
                    dmc.AppShellHeader(_header(visitor, site=site, pages=pages)),
                    dmc.AppShellMain(html.Div(content, id="content", tabIndex=-1)),
                ],
            ),
        ],
    )


def _header(visitor: Visitor, *, site: Site, pages: Sequence[tuple[str, str]]) -> html.Div:
    home = pages[0][1] if pages else "/"
    return html.Div(
        className="header",
        children=[
            dcc.Link(
                [html.Span(className="brand-mark", **aria(hidden="true")), "Winnow"], href=home, className="brand"
            ),
            html.Nav(
                [dcc.Link(name, href=href, className="nav-link") for name, href in pages],
                id="pages",
                **aria(label="Pages"),
            ),
            html.Div(className="grow"),
            dmc.ColorSchemeToggle(
                lightIcon=icon("sun"),
                darkIcon=icon("moon"),
                variant="subtle",
                color="gray",
                size="lg",
                id="scheme",
                **aria(label="Switch between light and dark"),
            ),
            _user_menu(visitor, site=site),
        ],
    )


def _user_menu(visitor: Visitor, *, site: Site) -> html.Div:
    staff = [dmc.MenuItem("Administration", href=site.admin)] if visitor.is_staff else []
    return html.Div(
        [
            dmc.Menu(
                position="bottom-end",
                width=220,
                children=[
                    dmc.MenuTarget(
                        dmc.Button(
                            html.Span(visitor.name, className="cut user-name"),
                            leftSection=icon("user"),
                            variant="subtle",
                            color="gray",
                            id="user",
                            **aria(label=f"Menu of {visitor.name}"),
                        )
                    ),
                    dmc.MenuDropdown(
                        [
                            *staff,
                            dmc.MenuItem("API documentation", href=site.docs),
                            dmc.MenuDivider(),
                            dmc.MenuItem("Log out", id="log-out"),
                        ]
                    ),
                ],
            ),
            # Django takes a log-out only as a POST, so that no picture on another site can log anybody out.
            html.Form(
                id="log-out-form",
                action=site.log_out,
                method="post",
                children=dcc.Input(type="hidden", name="csrfmiddlewaretoken", value=visitor.csrf_token),
            ),
        ]
    )
