"""Who may do what. Anonymous callers may do nothing, on no URL of the API."""

import uuid

import pytest
from django.contrib.auth.models import User
from django.urls import URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from curation.api.roles import Role, role_of
from curation.models import Camera
from tests.factories import CameraFactory

METHODS = ("get", "post", "put", "patch", "delete")
OPEN = {("tokens/", "post")}  # it is how one logs in; throttled
VALUES = {"uploads": str(uuid.UUID(int=1)), "token": "1:1uXyZa:forged"}


def _routes(patterns=None, prefix="^"):
    for pattern in patterns if patterns is not None else get_resolver("curation.api.urls").url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, prefix)
        else:
            yield pattern


def _paths():
    """Every URL of the API, with ids filled in."""
    for route in _routes():
        if route.name is None:
            continue  # the answer where there is nothing
        resource = route.name.split("-")[0]
        key = VALUES["uploads"] if resource == "upload" else "1"
        names = route.pattern.converters
        yield reverse(route.name, kwargs={n: VALUES["token"] if n == "token" else key for n in names})


def test_every_url_is_walked():
    paths = set(_paths())
    assert len(paths) > 25
    assert {"/api/v1/frames/", "/api/v1/uploads/00000000-0000-0000-0000-000000000001/parts/"} <= paths


@pytest.mark.parametrize("method", METHODS)
def test_where_there_is_nothing_json_says_so_to_those_who_may_look(viewer, method):
    for path in ("/api/v1/nothing/", "/api/v1/cameras/-1/", "/api/v1/"):
        assert getattr(APIClient(), method)(path).status_code == 401
        response = getattr(viewer, method)(path)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/json"


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(_paths()))
def test_anonymous_callers_are_refused(path):
    for method in METHODS:
        if (path.removeprefix("/api/v1/"), method) in OPEN:
            continue
        status = getattr(APIClient(), method)(path).status_code
        # A picture's link speaks for itself, so a forged one is forbidden.
        assert status in ((403, 405) if "/media/" in path else (401,)), f"{method} {path}"


@pytest.mark.parametrize("path", sorted(p for p in _paths() if "/media/" not in p and "/tokens/" not in p))
def test_a_user_without_a_role_is_refused(client_of, path):
    client = client_of("")
    for method in METHODS:
        assert getattr(client, method)(path).status_code in (403, 405), f"{method} {path}"


WRITES = [
    ("post", "/api/v1/cameras/"),
    ("patch", "/api/v1/cameras/1/"),
    ("delete", "/api/v1/cameras/1/"),
    ("post", "/api/v1/videos/register/"),
    ("post", "/api/v1/uploads/"),
    ("put", f"/api/v1/uploads/{VALUES['uploads']}/parts/?offset=0"),
    ("post", f"/api/v1/uploads/{VALUES['uploads']}/finish/"),
    ("delete", f"/api/v1/uploads/{VALUES['uploads']}/"),
    ("post", "/api/v1/cascades/"),
    ("post", "/api/v1/runs/"),
    ("post", "/api/v1/runs/1/cancel/"),
    ("post", "/api/v1/runs/1/resume/"),
    ("post", "/api/v1/runs/1/rerun/"),
    ("post", "/api/v1/conditions/"),
    ("post", "/api/v1/conditions/1/calibrate/"),
    ("patch", "/api/v1/frames/1/tags/"),
    ("post", "/api/v1/tag-edits/"),
    ("post", "/api/v1/tag-edits/undo/"),
]


@pytest.mark.parametrize("method, path", WRITES)
def test_a_viewer_cannot_write(viewer, method, path):
    response = getattr(viewer, method)(path)
    assert response.status_code == 403
    assert "curator" in response.data["detail"]


@pytest.mark.parametrize("method, path", WRITES)
def test_a_curator_may_write(curator, method, path):
    assert getattr(curator, method)(path).status_code in (400, 404)


def test_a_viewer_reads_and_searches(viewer):
    CameraFactory()
    assert viewer.get("/api/v1/cameras/").status_code == 200
    assert viewer.post("/api/v1/search/", {"query": ""}, format="json").status_code == 200


@pytest.mark.django_db
def test_roles_follow_groups_and_superusers_are_admins(user_of):
    assert role_of(user_of("viewer")) == Role.VIEWER
    assert role_of(user_of("curator")) == Role.CURATOR
    assert role_of(user_of("admin")) == Role.ADMIN
    assert role_of(user_of("")) == Role.NONE
    assert role_of(User.objects.create_superuser("root")) == Role.ADMIN
    gone = user_of("admin", "gone")
    gone.is_active = False
    assert role_of(gone) == Role.NONE


def test_a_session_works_too_but_only_with_its_csrf_token(user_of):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user_of("curator"))
    assert client.get("/api/v1/me/").data["role"] == "curator"
    assert client.post("/api/v1/cameras/", {"name": "gate"}, format="json").status_code == 403
    assert not Camera.objects.exists()
