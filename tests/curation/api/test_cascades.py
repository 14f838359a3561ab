"""Cascades over HTTP, and who may name a model."""

import pytest

from curation.core.stages import STAGES
from curation.core.taggers import TAGGERS
from curation.models import Cascade, Run
from curation.services.cascades import save_cascade
from tests.factories import VideoFactory

URL = "/api/v1/cascades/"
NIGHT = "name: night\nstages:\n- kind: motion\n  fps: 5\n"
PEOPLE = "name: {name}\nstages:\n- kind: motion\n- name: people\n  kind: objects\n  detector: {detector}\n"


def _post(client, text):
    return client.post(URL, {"text": text}, format="json")


def test_a_cascade_comes_as_yaml_or_json_and_the_same_spec_is_the_same_version(curator):
    first = _post(curator, NIGHT)
    assert first.status_code == 201
    assert first.data["reference"] == "night@1"
    raw = curator.post(URL, NIGHT, content_type="application/yaml")
    assert (raw.status_code, raw.data["id"]) == (200, first.data["id"])
    spec = {"name": "night", "stages": [{"kind": "motion", "fps": 5}]}
    as_json = curator.post(URL, {"spec": spec}, format="json")
    assert (as_json.status_code, as_json.data["id"]) == (200, first.data["id"])
    spec["stages"][0]["fps"] = 6
    assert curator.post(URL, {"spec": spec}, format="json").data["reference"] == "night@2"
    assert [row["version"] for row in curator.get(URL, {"name": "night"}).data["results"]] == [1, 2]


@pytest.mark.parametrize(
    "text, valid",
    [
        ("name: x\nstages:\n- kind: motoin\n", "motion"),
        ("name: x\nstages:\n- kind: motion\n  fsp: 5\n", "fps"),
        ("name: x\nstages:\n- kind: motion\n  fps: fast\n", "number"),
        ("name: x\nstages: []\n", "at least one stage"),
        ("name: x\nstages:\n- kind: motion\ntags:\n  lihgting: {}\n", next(iter(TAGGERS))),
    ],
)
def test_a_fault_lists_what_is_valid(curator, text, valid):
    response = _post(curator, text)
    assert response.status_code == 400
    assert valid in response.data["detail"]
    assert response.data["code"] == "SpecError"


@pytest.mark.parametrize("body", [{}, {"text": NIGHT, "spec": {"name": "x"}}, {"spec": []}, {"text": 5}])
def test_exactly_one_form_is_asked_for(curator, body):
    assert curator.post(URL, body, format="json").status_code == 400


def test_only_an_admin_names_a_new_model_and_then_curators_may_use_it(curator, admin):
    text = PEOPLE.format(name="people-a", detector="yolox_onnx:/models/nano.onnx")
    refused = _post(curator, text)
    assert refused.status_code == 403
    assert "yolox_onnx:/models/nano.onnx" in refused.data["detail"]
    assert not Cascade.objects.exists()
    assert _post(admin, text).status_code == 201
    again = PEOPLE.format(name="people-b", detector="yolox_onnx:/models/nano.onnx")
    assert _post(curator, again).status_code == 201
    assert _post(curator, PEOPLE.format(name="people-b", detector="ultralytics:other.pt")).status_code == 403


@pytest.mark.parametrize("override", ["people.detector=ultralytics:/tmp/evil.pt", "people.detector=evil.PT"])
def test_a_run_cannot_smuggle_a_model_in(curator, admin, override):
    save_cascade(text=PEOPLE.format(name="people-a", detector="yolox_onnx:/models/nano.onnx"))
    body = {"video": VideoFactory().pk, "cascade": "people-a", "overrides": [override]}
    assert curator.post("/api/v1/runs/", body, format="json").status_code == 403
    assert not Run.objects.exists()
    assert admin.post("/api/v1/runs/", body, format="json").status_code == 201


def test_an_embedder_with_weights_is_a_model_too(curator):
    text = NIGHT + "- kind: embed\n  embedder: {}\n"
    assert _post(curator, text.format("descriptor")).status_code == 201
    assert _post(curator, text.format("clip:ViT-B-32@laion2b")).status_code == 403


def test_every_stage_and_tagger_describes_its_parameters(viewer):
    parts = viewer.get("/api/v1/stages/").data
    assert [stage["kind"] for stage in parts["stages"]] == list(STAGES)
    assert [tagger["kind"] for tagger in parts["taggers"]] == list(TAGGERS)
    for part in [*parts["stages"], *parts["taggers"]]:
        assert part["help"]
        assert all(p["description"] for p in part["parameters"]["properties"].values())
    assert parts["keep"]["properties"]
