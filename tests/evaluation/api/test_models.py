"""Models over HTTP: registered by who may, listed, described; weights stay what they are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.models import ModelVersion
from tests import toy_models
from tests.evaluation.factories import ModelVersionFactory
from tests.factories import DatasetVersionFactory

URL = "/api/v1/models/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def detector(tmp_path):
    return f"yolox_onnx:{toy_models.yolox(tmp_path)}?classes=person,jacket"


def test_an_admin_registers_weights_and_a_curator_then_uses_them(admin, curator, viewer, detector):
    body = {"name": "toy", "detector": detector, "label_map": {"jacket": None}, "notes": "small"}
    assert viewer.post(URL, body, format="json").status_code == 403
    refused = curator.post(URL, body, format="json")
    assert refused.status_code == 403
    assert "only an admin" in refused.data["detail"]
    made = admin.post(URL, body, format="json")
    assert made.status_code == 201, made.data
    assert (made.data["labels"], made.data["label_map"]) == (["person", "jacket"], {"jacket": None})
    assert (len(made.data["weights_sha256"]), made.data["created_by"]) == (64, "a-admin")
    assert curator.post(URL, {**body, "name": "again"}, format="json").status_code == 201
    taken = curator.post(URL, body, format="json")
    assert (taken.status_code, taken.data["code"]) == (409, "exists")


def test_a_model_without_weights_is_for_curators(curator, viewer):
    version = DatasetVersionFactory()
    ModelVersionFactory(name="first")
    body = {"name": "theirs", "labels": ["car"], "trained_on": str(version), "parent": "first"}
    made = curator.post(URL, body, format="json")
    assert made.status_code == 201, made.data
    shown = viewer.get(f"{URL}{made.data['id']}/").data
    assert (shown["name"], shown["detector"], shown["labels"]) == ("theirs", "", ["car"])
    assert (shown["trained_on"], shown["parent"]) == (str(version), "first")
    assert [one["name"] for one in viewer.get(URL).data["results"]] == ["theirs", "first"]
    assert [one["name"] for one in viewer.get(f"{URL}?parent=first").data["results"]] == ["theirs"]
    assert viewer.get(f"{URL}?sort=name").status_code == 400


def test_what_is_said_of_a_model_changes_and_the_rest_does_not(curator, viewer):
    model, version = ModelVersionFactory(notes="old"), DatasetVersionFactory()
    url = f"{URL}{model.pk}/"
    assert viewer.patch(url, {"notes": "new"}, format="json").status_code == 403
    changed = curator.patch(url, {"label_map": {"car": "vehicle"}, "trained_on": str(version)}, format="json")
    assert changed.status_code == 200, changed.data
    assert (changed.data["label_map"], changed.data["trained_on"]) == ({"car": "vehicle"}, str(version))
    assert changed.data["notes"] == "old"
    assert curator.patch(url, {"trained_on": None}, format="json").data["trained_on"] is None
    for body in ({"name": "other"}, {"detector": "a:b"}, {"label_map": {"dog": "cat"}}, {"label_map": [1]}):
        assert curator.patch(url, body, format="json").status_code == 400, body
    assert curator.patch(url, {"parent": model.name}, format="json").status_code == 400
    assert curator.delete(url).status_code == 405


@pytest.mark.parametrize("body, status", [
    ({}, 400), ({"name": "A"}, 400), ({"name": "a", "detector": "people.onnx"}, 400), ({"name": "a", "sort": 1}, 400),
    ({"name": "a", "detector": "yolox_onnx:/none/there.onnx"}, 409), ({"name": "a", "parent": "none"}, 404),
    ({"name": "a", "trained_on": "none@1"}, 404), ({"name": "a", "labels": ["x", "x"]}, 400),
    ({"name": "a", "labels": ["x"], "label_map": {"y": "z"}}, 400),
])  # fmt: skip
def test_mistakes_are_told(admin, body, status):
    answer = admin.post(URL, body, format="json")
    assert answer.status_code == status, answer.data
    assert not ModelVersion.objects.filter(name="a").exists()


def test_a_list_runs_a_fixed_number_of_queries(viewer):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            viewer.get(URL)
        return len(seen)

    ModelVersionFactory(trained_on=DatasetVersionFactory(), parent=ModelVersionFactory())
    before = queries()
    for _ in range(3):
        ModelVersionFactory(trained_on=DatasetVersionFactory(), parent=ModelVersionFactory())
    assert queries() == before
