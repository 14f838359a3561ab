"""Who may do what in evaluation's API: nobody without a role reads, and no viewer writes."""

import pytest
from django.urls import URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

METHODS = ("get", "post", "put", "patch", "delete")


def _routes(patterns=None):
    for pattern in patterns if patterns is not None else get_resolver("evaluation.api.urls").url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            yield pattern


PATHS = sorted({reverse(route.name, kwargs=dict.fromkeys(route.pattern.converters, "1")) for route in _routes()})


def test_every_url_is_walked_and_none_is_hidden_by_another_apps():
    assert {"/api/v1/test-runs/1/report/", "/api/v1/metrics/", "/api/v1/test-runs/1/scenarios/1/"} <= set(PATHS)
    assert len(PATHS) >= 18
    for path in PATHS:
        assert get_resolver().resolve(path).func.cls.__module__.startswith("evaluation.api."), path


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
