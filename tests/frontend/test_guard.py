"""Who and what the dashboard lets in."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from frontend.guard import MAX_CALL_BYTES


def test_an_anonymous_visitor_is_led_to_the_log_in_and_back(anonymous):
    found = anonymous.get("/dashboard/?q=people:%3E0")
    assert found.status_code == 302
    assert found.headers["Location"] == "/login/?next=/dashboard/%3Fq%3Dpeople%3A%253E0"


@pytest.mark.parametrize(
    "path", ["_dash-layout", "_dash-dependencies", "_dash-component-suites/dash/x.js", "assets/winnow.css"]
)
def test_an_anonymous_script_is_told_401(anonymous, path):
    assert anonymous.get(f"/dashboard/{path}").status_code == 401


def test_an_anonymous_call_is_told_401_before_anything_else(anonymous, good_call):
    assert anonymous.call(good_call).status_code == 401
    assert anonymous.call(b"nonsense").status_code == 401


def test_a_session_that_ended_is_anonymous(visitor, viewer, good_call):
    viewer.is_active = False
    viewer.save()
    assert visitor.get("/dashboard/").status_code == 302
    assert visitor.call(good_call).status_code == 401


def test_a_user_without_a_role_sees_nothing(anonymous):
    anonymous.log_in(User.objects.create_user("nobody"))
    found = anonymous.get("/dashboard/")
    assert found.status_code == 403
    assert "no role" in found.text


def test_a_viewer_sees_the_page_and_its_parts(visitor):
    assert visitor.get("/dashboard/_dash-layout").status_code == 200
    assert visitor.get("/dashboard/_dash-dependencies").status_code == 200
    assert visitor.get("/dashboard/assets/winnow.css").status_code == 200


def test_the_page_asks_no_other_host_and_runs_no_foreign_script(visitor):
    page = visitor.get("/dashboard/")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_says_who_is_logged_in_to_nobody_else(visitor):
    answer = visitor.get("/dashboard/_dash-layout")
    assert "vera" in answer.text
    assert "Cookie" in answer.headers["Vary"]


def test_a_good_call_is_answered(visitor, good_call):
    answer = visitor.call(good_call)
    assert answer.status_code == 200
    assert answer.json["response"]["overview-frame"]["children"] == []


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:9", "null"])
def test_a_call_from_another_site_is_refused(visitor, good_call, origin):
    assert visitor.call(good_call, origin=origin).status_code == 403


@pytest.mark.parametrize("token", ["", "x" * 64, "wrong"])
def test_a_call_without_the_token_is_refused(visitor, good_call, token):
    assert visitor.call(good_call, token=token).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_call_as_a_form_sends_it_is_refused(visitor, good_call, kind):
    assert visitor.call(good_call, **{"Content-Type": kind}).status_code == 415


def test_a_call_for_an_unknown_host_is_refused(visitor, good_call):
    assert visitor.call(good_call, Host="evil.example").status_code == 400


def test_a_call_may_not_be_huge(visitor):
    assert visitor.call(b" " * (MAX_CALL_BYTES + 1)).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b"[" * 100_000,
        b'{"output": NaN}',
        b'{"output": {}}',
    ],
)
def test_a_body_that_is_no_call_is_refused(visitor, body):
    answer = visitor.call(body)
    assert answer.status_code == 400
    assert answer.json["detail"]


@pytest.mark.parametrize(
    "changed",
    [
        {"output": "nothing.children"},
        {"output": ["overview-frame.title"]},
        {"output": "__proto__"},
        {"inputs": None},
        {"inputs": []},
        {"inputs": [{}]},
        {"inputs": [None]},
        {"inputs": "overview-opened"},
        {"inputs": [{"id": "overview-asked", "property": "data"}]},
        {"inputs": [{"id": {"a": 1}, "property": "data"}]},
        {"inputs": [{"id": "overview-opened", "property": 1}]},
        {"inputs": [{"id": "overview-opened", "property": "data"}] * 2},
        {"state": [{"id": "overview-opened", "property": "data"}]},
        {"state": {}},
        {"outputs": None},
        {"outputs": {}},
        {"outputs": []},
        {"outputs": [1, 2]},
        {"outputs": [{"id": "overview-frame", "property": "title"}]},
        {"changedPropIds": None},
        {"changedPropIds": "overview-opened.data"},
        {"changedPropIds": [1]},
        {"changedPropIds": ["nodot"]},
    ],
)
def test_a_call_that_fits_no_callback_is_refused(visitor, good_call, changed):
    assert visitor.call({**good_call, **changed}).status_code == 400


@pytest.mark.parametrize("key", ["output", "outputs", "inputs", "state"])
def test_a_call_that_lacks_a_part_is_refused(visitor, good_call, key):
    del good_call[key]
    assert visitor.call(good_call).status_code == 400


@pytest.mark.parametrize("value", [-1, 2**70, 1.5, True, "x", "\0", [], {}, {"a": [1]}, ["1"]])
def test_a_value_that_makes_no_sense_is_taken_as_not_said(visitor, good_call, value):
    good_call["inputs"][0]["value"] = value
    good_call["state"][0]["value"] = value
    assert visitor.call(good_call).status_code in (200, 204)


def test_a_call_without_a_value_is_answered(visitor, good_call):
    del good_call["inputs"][0]["value"]
    assert visitor.call(good_call).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "_dash-component-suites/nothing/x.js",
        "_dash-component-suites/dash/../../secret",
        "_dash-component-suites/os/x.js",
        "assets/nothing.css",
        "assets/../app.py",
    ],
)
def test_a_file_that_is_not_for_browsers_is_not_found(visitor, path):
    assert visitor.get(f"/dashboard/{path}").status_code == 404


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(visitor, method):
    answer = getattr(visitor.wsgi, method)("/dashboard/_dash-update-component", base_url="http://localhost")
    assert 400 <= answer.status_code < 500


def test_the_mount_without_its_slash_leads_to_the_page(visitor):
    found = visitor.get("/dashboard")
    assert found.status_code in (200, 301, 302, 307, 308)
    assert found.status_code == 200 or found.headers["Location"].endswith("/dashboard/")


def test_the_token_comes_with_the_first_page(viewer, visitor):
    cookie = visitor.wsgi.get_cookie(settings.CSRF_COOKIE_NAME, domain="localhost")
    assert cookie.value
    assert not cookie.http_only  # the renderer reads it


def test_connections_are_looked_after_before_and_after_each_request(visitor, anonymous, closings):
    for who, path in ((visitor, "/dashboard/"), (anonymous, "/dashboard/"), (visitor, "/dashboard/assets/winnow.css")):
        closings.clear()
        who.get(path).close()
        assert len(closings) == 2
