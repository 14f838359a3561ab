"""The dashboard as it is mounted, asked by a client that stands where a browser would."""

import json

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client as WsgiClient

from frontend.app import wsgi_application

ORIGIN = "http://localhost"
CALL = "/dashboard/_dash-update-component"


class Visitor:
    """Somebody with a browser: cookies are kept, and calls are sent as Dash's renderer sends them."""

    def __init__(self):
        self.wsgi = WsgiClient(DispatcherMiddleware(_no_such_page, {"/dashboard": wsgi_application()}))

    def log_in(self, user):
        django_client = Client()
        django_client.force_login(user)
        session = django_client.cookies[settings.SESSION_COOKIE_NAME].value
        self.wsgi.set_cookie(settings.SESSION_COOKIE_NAME, session, domain="localhost")
        return self

    def get(self, path, **options):
        return self.wsgi.get(path, base_url=ORIGIN, **options)

    def call(self, body, *, origin=ORIGIN, token=None, **options):
        """Send a callback's call; the token is taken from the cookie, as the renderer does."""
        cookie = self.wsgi.get_cookie(settings.CSRF_COOKIE_NAME, domain="localhost")
        sent = token if token is not None else (cookie.value if cookie else "")
        headers = {"Origin": origin, "X-CSRFToken": sent, "Content-Type": "application/json", **options}
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.wsgi.post(CALL, base_url=ORIGIN, data=body, headers=headers)


def _no_such_page(environ, start_response):
    start_response("404 Not Found", [])
    return []


@pytest.fixture(autouse=True)
def closings(monkeypatch):
    """Count the guard's clean-ups and leave them out: they would close the connection that holds the test's rows."""
    calls = []
    monkeypatch.setattr("frontend.guard.close_old_connections", lambda: calls.append(1))
    return calls


@pytest.fixture
def viewer(db):
    user = User.objects.create_user("vera", password="x")
    user.groups.add(Group.objects.get_or_create(name="viewer")[0])
    return user


@pytest.fixture
def anonymous(db):
    return Visitor()


@pytest.fixture
def visitor(viewer):
    """A viewer who has loaded the page."""
    visitor = Visitor().log_in(viewer)
    assert visitor.get("/dashboard/").status_code == 200
    return visitor


@pytest.fixture
def good_call():
    """A call that works without any row: opening no frame."""
    return {
        "output": "..overview-frame.title...overview-frame.children..",
        "outputs": [
            {"id": "overview-frame", "property": "title"},
            {"id": "overview-frame", "property": "children"},
        ],
        "inputs": [{"id": "overview-opened", "property": "data", "value": None}],
        "state": [{"id": "overview-asked", "property": "data", "value": ""}],
        "changedPropIds": ["overview-opened.data"],
    }
