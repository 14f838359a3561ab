"""What the API of suites and test runs answers is what its OpenAPI schema says."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from rest_framework.authtoken.models import Token
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from evaluation.core.record_json import to_plain
from evaluation.core.reports import REPORTS
from tests.evaluation.factories import ModelVersionFactory, TestRunFactory, stored_run
from tests.evaluation.records import a_comparison, a_run
from tests.factories import JobFactory

CHECKS = [
    schemathesis.checks.not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip
FOUND = {
    "model": "m", "dataset": "d@1", "labels": [], "score": 0.4, "overall": 0.8, "tested": 12,
    "slices": [
        {
            "name": "dark", "query": "lighting:dark", "conditions": [["lighting", "dark"]], "images": 9, "groups": 5,
            "hits": 3, "of": 9, "rate": 0.33, "rest_rate": 0.9, "p": 0.001, "q": 0.01, "also": [], "recall": 0.3,
            "precision": None, "missed": 6, "false_alarms": 0,
        }
    ],
}  # fmt: skip


@pytest.fixture
def _one_connection():
    """Keep the test's transaction over many requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def call(user_of, _one_connection):
    """Call an operation and check the answer; returns its status."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = get_wsgi_application()
    headers = {"Authorization": f"Token {Token.objects.create(user=user_of('viewer')).key}"}

    def called(path, *, query=None, **ids):
        case = schema[f"/api/v1/{path}"]["GET"].Case(path_parameters=ids, query=query or {})
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)
        return answer.status_code

    return called


def test_answers_with_every_oddity_are_as_the_schema_has_them(call):
    run = stored_run(a_run(), baseline=ModelVersionFactory(), job=JobFactory(kind="test", state="done"))
    begun = TestRunFactory(job=JobFactory(kind="test"), version=None)
    compared = JobFactory(kind="compare", state="done", result=to_plain(a_comparison()))
    found = JobFactory(kind="discover", state="done", result=FOUND)
    for path in ("suites/", "suite-versions/", "test-runs/", "comparisons/", "discoveries/", "metrics/"):
        assert call(path) == 200
    for path, pk in {
        "suites/{id}/": run.suite.suite_id, "suite-versions/{id}/": run.suite_id, "test-runs/{id}/": run.pk,
        "comparisons/{id}/": compared.pk, "discoveries/{id}/": found.pk,
    }.items():  # fmt: skip
        assert call(path, id=pk) == 200
    assert call("test-runs/{id}/", id=begun.pk) == 200
    assert [call("test-runs/{id}/scenarios/{position}/", id=run.pk, position=n) for n in range(9)] == [200] * 8 + [404]
    for kind in REPORTS:
        assert call("test-runs/{id}/report/", query={"kind": kind}, id=run.pk) == 200
    assert call("test-runs/{id}/report/", id=begun.pk) == 409
    for kind in ("markdown", "json", "terminal"):
        assert call("comparisons/{id}/report/", query={"kind": kind}, id=compared.pk) == 200
    assert call("trends/", query={"suite": run.suite.suite.name}) == 200
    assert call("trends/", query={"suite": "none"}) == 404
