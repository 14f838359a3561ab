"""What the API of rounds and loops answers is what its OpenAPI schema says."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from rest_framework.authtoken.models import Token

from evaluation.core.record_json import to_plain
from tests.activelearning.closed_round import a_report
from tests.activelearning.factories import (
    CandidateFactory,
    LabelBatchFactory,
    LabelTaskFactory,
    LoopFactory,
    SeedFactory,
    TrainingFactory,
    a_round,
)
from tests.evaluation.api.test_schema import CHECKS
from tests.evaluation.factories import stored_run
from tests.evaluation.records import a_run
from tests.factories import DatasetVersionFactory, JobFactory


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
    run = stored_run(a_run(), version=DatasetVersionFactory())
    loop = LoopFactory(first_run=run, job=JobFactory(kind="loop"), ended="no_progress", reason="It brought nothing.")
    bare = a_round(run, loop=loop)
    full = a_round(
        run, loop=loop, number=2, state="closed", report=to_plain(a_report()), retest=run, version=run.version,
        base_version=run.version, training=TrainingFactory(version=run.version, epochs=[{"epoch": 1}]),
        job=JobFactory(kind="round"), notes=["Mining: few."], raise_shares={"night": 0.3},
        history=[{"state": "seeds", "at": "2026-03-01T09:00:00+00:00", "note": "started", "by": ""}],
    )  # fmt: skip
    LabelTaskFactory(batch=LabelBatchFactory(round=full))
    SeedFactory(round=full, x1=None)
    SeedFactory(round=full, kind="false_alarm", score=0.5)
    CandidateFactory(round=full)
    CandidateFactory(round=full, reasons=[{"sampler": "random", "text": "At random."}], arm="control", is_dropped=True)
    for path in ("rounds/", "loops/", "strategies/"):
        assert call(path) == 200
    for pk in (bare.pk, full.pk):
        for part in ("", "candidates/", "seeds/"):
            assert call(f"rounds/{{id}}/{part}", id=pk) == 200
    assert call("loops/{id}/", id=loop.pk) == 200
    for kind in ("markdown", "json", "terminal"):
        assert call("rounds/{id}/report/", query={"kind": kind}, id=full.pk) == 200
    assert call("rounds/{id}/report/", id=bare.pk) == 409
    assert call("rounds/{id}/candidates/", id=10**9) == 404
