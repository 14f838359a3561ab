"""The Dash application: one shell, and a page for each file of `pages/`."""

import logging
import pkgutil
from dataclasses import asdict
from functools import cache
from importlib import import_module
from typing import Any

import dash
from dash import ClientsideFunction, Dash, Input, clientside_callback, set_props
from dash.exceptions import DependencyException
from django.conf import settings

import frontend.pages
from frontend import calls, guard, site
from frontend.components.shell import shell

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="/dashboard/assets/favicon.svg" type="image/svg+xml">
<script src="/dashboard/assets/scheme.js"></script>
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""
logger = logging.getLogger(__name__)


@cache
def wsgi_application() -> guard.WsgiApp:
    """Make the dashboard, to be mounted at /dashboard. There is one in a process: Dash keeps its pages in globals."""
    app = Dash(
        __name__,
        use_pages=True,
        pages_folder="",
        requests_pathname_prefix=site.PREFIX,
        routes_pathname_prefix="/",
        # Dash turns async on where asgiref can be imported, and Django's ORM then refuses to work.
        use_async=False,
        serve_locally=True,
        suppress_callback_exceptions=True,
        title="Winnow",
        update_title="",
        index_string=INDEX,
        assets_ignore=r"scheme\.js",
        csrf_token_name=settings.CSRF_COOKIE_NAME,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        on_error=_tell,
        add_log_handler=False,
    )
    for found in pkgutil.iter_modules(frontend.pages.__path__, "frontend.pages."):
        _add(found.name)
    app.layout = _layout
    clientside_callback(ClientsideFunction("winnow", "logOut"), Input("log-out", "n_clicks"))
    clientside_callback(ClientsideFunction("winnow", "at"), Input("_pages_location", "pathname"))
    app.server.register_error_handler(DependencyException, lambda error: (str(error), 404))
    # Dash sets itself up at its first request. The guard must know all callbacks before that.
    app.server.testing = True
    app.server.test_client().get("/_dash-dependencies")
    app.server.testing = False
    hashes = " ".join(app.csp_hashes())
    return guard.guard(
        app.server,
        fault_of=lambda call: calls.fault_of(call, app.callback_map),
        policy=f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    )


def _add(module: str) -> None:
    """Add a page by hand, not by Dash's pages_folder: that would import it a second time under another name."""
    page = import_module(module)
    register: Any = dash.register_page
    register(module, layout=page.layout, **asdict(page.PAGE))


def _layout() -> Any:
    pages = [(page["name"], page["relative_path"]) for page in dash.page_registry.values() if page["in_header"]]
    return shell(site.visitor(), site=site.here(), pages=pages, content=dash.page_container)


def _tell(error: Exception) -> None:
    """Say that a call failed, rather than leave a page that does nothing."""
    logger.error("a callback of the dashboard failed", exc_info=error)
    set_props(
        "notices",
        {
            "sendNotifications": [
                {
                    "id": "failed",
                    "action": "show",
                    "color": "red",
                    "title": "That did not work",
                    "message": "The server ran into an error; its log says which. Try again, or load the page again.",
                }
            ]
        },
    )
