"""The admin pages of models and predictions open with rows, for each kind of user, at a fixed cost."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.bootstrap import _make_roles
from evaluation.models import ModelVersion, PredictedFrame, Prediction, PredictionRun
from tests.evaluation.factories import (
    ModelVersionFactory,
    PredictedFrameFactory,
    PredictionFactory,
    PredictionRunFactory,
)
from tests.factories import DatasetVersionFactory, FrameFactory, JobFactory

MODELS = (ModelVersion, PredictedFrame, Prediction, PredictionRun)


@pytest.fixture
def root(client, db):
    client.force_login(User.objects.create_superuser("root"))
    return client


def make_rows(index):
    parent = ModelVersionFactory(detector="yolox_onnx:<b>0</b>.onnx", notes="<b>0</b>")
    model = ModelVersionFactory(
        parent=parent, trained_on=DatasetVersionFactory(), label_map={"<b>0</b>": None}, labels=["<b>0</b>"]
    )
    job = JobFactory(kind="predict", state="running", done=3, total=9)
    PredictionRunFactory(
        model=model, finished_at=None, job=job, version=None, query="<b>0</b>", report={"a": "<b>0</b>"}
    )
    run, frame = PredictionRunFactory(model=model), FrameFactory()
    PredictedFrameFactory(run=run, frame=frame)
    PredictionFactory(run=run, frame=frame, label="<b>0</b>")


@pytest.fixture
def rows(db):
    for index in range(3):
        make_rows(index)


def url(model, page, *args):
    return reverse(f"admin:evaluation_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_and_searches_at_a_fixed_cost(root, rows, model):
    for query in ("", "?q=1", "?q=gate", "?q=%00", "?q=" + "9" * 30):
        assert root.get(url(model, "changelist") + query).status_code in (200, 302), query
    assert "<b>0</b>" not in root.get(url(model, "changelist")).content.decode()

    def queries():
        with CaptureQueriesContext(connection) as seen:
            root.get(url(model, "changelist"))
        return [query["sql"] for query in seen]

    before = queries()
    make_rows(3)
    assert len(queries()) == len(before)
    assert not any(re.search(r'SELECT COUNT\(\*\) AS "__count" FROM "', sql) for sql in before)


@pytest.mark.parametrize("model", MODELS)
def test_every_row_opens_and_is_not_changed_by_hand(root, rows, model):
    for row in model.objects.order_by("pk")[:4]:
        page = root.get(url(model, "change", row.pk)).content.decode()
        assert "<b>0</b>" not in page
        assert '<select name="' not in page
        assert root.get(url(model, "delete", row.pk)).status_code == 403
    assert root.get(url(model, "add")).status_code == 403


def test_links_lead_from_a_model_to_its_boxes(root, rows):
    run = PredictionRun.objects.exclude(finished_at=None).first()
    page = root.get(url(ModelVersion, "change", run.model_id)).content.decode()
    assert f"{url(PredictionRun, 'changelist')}?model__id__exact={run.model_id}" in page
    assert root.get(f"{url(PredictionRun, 'changelist')}?model__id__exact={run.model_id}").status_code == 200
    page = root.get(url(PredictionRun, "change", run.pk)).content.decode()
    for model in (PredictedFrame, Prediction):
        filtered = f"{url(model, 'changelist')}?run__id__exact={run.pk}"
        assert filtered in page
        assert root.get(filtered).status_code == 200
    assert "running, 3 of 9" in root.get(url(PredictionRun, "changelist")).content.decode()


@pytest.mark.parametrize("role", ["viewer", "curator"])
def test_those_on_the_staff_may_look(client, rows, role):
    _make_roles(refresh=True)
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(user.groups.model.objects.get(name=role))
    client.force_login(user)
    for model in MODELS:
        assert client.get(url(model, "changelist")).status_code == 200
