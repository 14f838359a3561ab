"""The real web application on a port of its own, and a real Chromium that looks at it."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

DESKTOP, PHONE = (1440, 900), (390, 844)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PASSWORD = "correct horse battery"
expect.set_options(timeout=15_000)


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def browser(chromium) -> Iterator[Browser]:
    # Playwright's loop runs in this thread, and Django takes every query beside a loop for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(transactional_db, servers, monkeypatch) -> Iterator[str]:
    """The address of the running site."""
    from config.wsgi import application

    # A connection kept by a server's thread would stand in the way of emptying the tables.
    monkeypatch.setitem(connections.databases["default"], "CONN_MAX_AGE", 0)
    cache.clear()
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def admin(transactional_db) -> User:
    return User.objects.create_superuser("ada", password=PASSWORD)


@dataclass
class Visits:
    """Opens pages, and takes down whatever a page should not do."""

    browser: Browser
    site: str
    user: User
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def page(self, size: tuple[int, int] = DESKTOP, scheme: str = "light", *, logged_in: bool = True) -> Page:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
            base_url=self.site,
        )
        self.contexts.append(context)
        if logged_in:
            client = Client()
            client.force_login(self.user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.site}])
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("request", lambda request: self._asked(request.url))
        page.on("response", lambda answer: self._answered(answer.status, answer.url))
        return page

    def _heard(self, message) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.site, "data:", "blob:")):
            self.faults.append(f"asked another host: {url}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self.faults.append(f"{status} {url}")


@pytest.fixture
def visits(browser, site, admin, media) -> Iterator[Visits]:
    """Pages in a browser; afterwards there must be no error and no request to another host.

    Pictures are there until the pages are closed, however late a page asks for them."""
    found = Visits(browser, site, admin)
    yield found
    for context in found.contexts:
        context.close()
    assert found.faults == []
