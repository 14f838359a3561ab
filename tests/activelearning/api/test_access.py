"""Who may do what in active learning's API: nobody without a role reads, and no viewer writes."""

import pytest
from django.urls import URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

METHODS = ("get", "post", "put", "patch", "delete")
OPEN = {"/api/v1/label-pictures/1", "/api/v1/webhooks/label-studio/1"}
"""Signed links and webhooks: no log-in, but a signature or a secret, which their own tests are about."""


def _routes(patterns=None):
    for pattern in patterns if patterns is not None else get_resolver("activelearning.api.urls").url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            yield pattern


ALL = {reverse(route.name, kwargs=dict.fromkeys(route.pattern.converters, "1")) for route in _routes()}
PATHS = sorted(ALL - OPEN)


def test_every_url_is_walked_and_none_is_hidden_by_another_apps():
    assert {"/api/v1/rounds/1/candidates/", "/api/v1/strategies/", "/api/v1/connections/1/check/"} <= set(PATHS)
    assert ALL >= OPEN
    assert len(PATHS) >= 20
    for path in PATHS:
        assert get_resolver().resolve(path).func.cls.__module__.startswith("activelearning.api."), path


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_anonymous_callers_are_refused(path):
    for method in METHODS:
        assert getattr(APIClient(), method)(path).status_code == 401, f"{method} {path}"


@pytest.mark.parametrize("path", PATHS)
def test_a_user_without_a_role_is_refused(client_of, path):
    client = client_of("")
    for method in METHODS:
        assert getattr(client, method)(path).status_code in (403, 405), f"{method} {path}"


@pytest.mark.parametrize("path", PATHS)
def test_a_viewer_writes_nothing(viewer, path):
    for method in METHODS[1:]:
        assert getattr(viewer, method)(path, {}, format="json").status_code in (403, 405), f"{method} {path}"
