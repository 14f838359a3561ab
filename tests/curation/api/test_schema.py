"""The OpenAPI schema is complete, and the service keeps to it whatever comes in."""

from functools import cache

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from rest_framework.authtoken.models import Token
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from curation.models import Chunk, Run
from curation.services.cascades import save_cascade
from tests.factories import DetectionFactory, FrameFactory, IntervalFactory, KeepFactory, RunFactory

CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
OPEN = {("post", "/api/v1/tokens/")}


@cache
def _schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@cache
def _served():
    """The schema as requests are made from it, before the service itself."""
    schema = schemathesis.openapi.from_dict(_schema())
    schema.app = get_wsgi_application()
    return schema


def _operations():
    return [
        (method, path) for path, methods in _schema()["paths"].items() for method in methods if method != "parameters"
    ]


def test_the_schema_generates_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_every_operation_is_described():
    for path, methods in _schema()["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], f"{method} {path}"
            assert len(operation["tags"]) == 1
            assert {"400", "401", "403"} <= set(operation["responses"])


@pytest.fixture
def rows(db):
    """A row of each kind, so that generated ids meet something."""
    cascade = save_cascade(text="name: night\nstages:\n- kind: motion\n")
    run = RunFactory(cascade=cascade, spec=cascade.spec, status=Run.Status.RUNNING)
    Chunk.objects.create(run=run, stage_index=0, index=0, start_us=0, end_us=1_000_000)
    frame = FrameFactory(video=run.video, tags={"lighting": "dark", "people": 1})
    KeepFactory(run=run, frame=frame)
    DetectionFactory(run=run, frame=frame)
    IntervalFactory(run=run)


@pytest.fixture
def _one_connection():
    """Keep the test's transaction over many requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("role", ["anonymous", "viewer", "admin"])
@pytest.mark.parametrize("method, path", _operations())
def test_generated_requests_meet_the_schema(user_of, rows, role, method, path):
    headers = {}
    if role != "anonymous":
        headers["Authorization"] = f"Token {Token.objects.create(user=user_of(role)).key}"

    @seed(7)
    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_served()[path][method.upper()].as_strategy())
    def meets(case):
        response = case.call(headers=headers)
        if role == "anonymous" and (method, path) not in OPEN:
            assert response.status_code == 401
        case.validate_response(response, checks=list(CHECKS))

    meets()
