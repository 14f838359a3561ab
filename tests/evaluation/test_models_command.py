"""`manage.py models`, as a person and as a program use it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from evaluation.models import ModelVersion
from tests import toy_models
from tests.evaluation.factories import ModelVersionFactory, PredictionRunFactory
from tests.factories import DatasetVersionFactory

pytestmark = pytest.mark.django_db


def run(*args):
    out = io.StringIO()
    call_command("models", *args, stdout=out)
    return out.getvalue()


def refused(*args):
    with pytest.raises(CommandError) as caught:
        call_command("models", *args, stdout=io.StringIO())
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.fixture
def detector(tmp_path):
    return f"yolox_onnx:{toy_models.yolox(tmp_path)}?classes=person,jacket"


def test_a_model_is_added_shown_and_listed(detector):
    version, _ = DatasetVersionFactory(), run("add", "first")
    said = run(
        "add", "toy", detector, "--map", "jacket=", "--map", "person=human", "--trained-on", str(version),
        "--parent", "first", "--notes", "small",
    )  # fmt: skip
    assert "labels     person, jacket" in said
    assert "mapped     jacket → nothing, person → human" in said
    assert "It has no predictions yet: manage.py predict toy --dataset NAME@N --wait" in said
    made = json.loads(run("show", "toy", "--json"))
    assert made["label_map"] == {"jacket": None, "person": "human"}
    assert (made["trained_on"], made["parent"], made["notes"]) == (str(version), "first", "small")
    assert len(made["weights_sha256"]) == 64
    assert made["prediction_runs"] == []
    listed = run("list")
    assert listed.index("toy") < listed.index("first")
    assert [one["name"] for one in json.loads(run("list", "--json"))["models"]] == ["toy", "first"]


def test_a_model_without_weights_says_so():
    said = run("add", "theirs", "--labels", "car, bus")
    assert "none here" in said
    assert json.loads(run("show", "theirs", "--json"))["labels"] == ["car", "bus"]
    assert json.loads(run("show", "theirs", "--json"))["detector"] is None


def test_what_is_said_of_it_is_edited(detector):
    run("add", "toy", detector, "--map", "jacket=", "--notes", "old")
    run("add", "first")
    run("edit", "toy", "--map", "", "--parent", "first")
    made = json.loads(run("show", "toy", "--json"))
    assert (made["label_map"], made["parent"], made["notes"]) == ({}, "first", "old")
    run("edit", "toy", "--parent", "", "--notes", "new")
    made = json.loads(run("show", "toy", "--json"))
    assert (made["parent"], made["notes"]) == (None, "new")
    assert "Nothing to change" in refused("edit", "toy")


def test_mistakes_are_told(detector, tmp_path):
    assert "There are no models yet" in run("list")
    assert "KIND:WEIGHTS" in refused("add", "toy", "people.onnx")
    assert "are not there" in refused("add", "toy", f"yolox_onnx:{tmp_path}/none.onnx")
    assert "cannot name a model" in refused("add", "Toy", detector)
    assert "write OWN=LABEL" in refused("add", "toy", detector, "--map", "person")
    assert "has no label 'dog'" in refused("add", "toy", detector, "--map", "dog=person")
    assert "There is no dataset" in refused("add", "toy", detector, "--trained-on", "none@1")
    assert "There is no model 'none'" in refused("show", "none")
    assert not ModelVersion.objects.exists()


def test_weights_below_the_folder_we_are_in_are_named_by_their_whole_path(tmp_path, monkeypatch):
    toy_models.yolox(tmp_path)
    monkeypatch.chdir(tmp_path)
    run("add", "toy", "yolox_onnx:yolox.onnx?classes=person,jacket")
    assert ModelVersion.objects.get().detector == f"yolox_onnx:{tmp_path}/yolox.onnx?classes=person,jacket"


def test_its_predictions_are_listed_with_their_state():
    model = ModelVersionFactory(name="theirs")
    PredictionRunFactory(model=model, box_count=1234)
    PredictionRunFactory(model=model, finished_at=None, version=None, query="lighting:dark")
    said = run("show", "theirs")
    assert "1,234" in said
    assert "lighting:dark" in said
    assert "broken off" in said
