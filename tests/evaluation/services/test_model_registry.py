"""The registry of models: what it takes, what it refuses, and that changed weights are never used."""

import pytest

from curation.core.errors import SpecError, WeightsMissing, WeightsUnusable
from evaluation.models import ModelVersion
from evaluation.services import model_registry
from evaluation.services.model_registry import (
    ModelError,
    NoSuchModel,
    detector_of,
    edit_model,
    find_model,
    register_model,
)
from tests import toy_models
from tests.conftest import ROOT
from tests.datasets import sha256
from tests.evaluation.factories import ModelVersionFactory
from tests.evaluation.pictures import toy_model
from tests.factories import DatasetVersionFactory

pytestmark = pytest.mark.django_db


def test_a_model_is_known_by_its_weights_and_their_labels(tmp_path):
    version, parent = DatasetVersionFactory(), ModelVersionFactory()
    model = toy_model(tmp_path, label_map={"jacket": None}, trained_on=version, parent=parent, notes="small")
    assert model == find_model("toy")
    assert model.weights_sha256 == sha256((tmp_path / "yolox.onnx").read_bytes())
    assert model.labels == ["person", "jacket"]
    assert (model.label_of("person"), model.label_of("jacket"), model.label_of("dog")) == ("person", None, "dog")
    assert (model.trained_on, model.parent, model.notes, model.has_weights) == (version, parent, "small", True)
    assert tuple(detector_of(model).labels) == ("person", "jacket")


def test_the_demo_weights_are_registered_from_the_repository():
    model = register_model(name="demo", detector="ultralytics:demo/weights/winnow_demo.onnx")
    assert model.weights_sha256 == sha256((ROOT / "demo/weights/winnow_demo.onnx").read_bytes())


@pytest.mark.parametrize("kind, file", [("yolox_onnx", "yolox_nano.onnx"), ("nanodet_onnx", "nanodet_m_416.onnx")])
def test_public_weights_are_registered(shared_data, kind, file):
    model = register_model(name=kind, detector=f"{kind}:{shared_data}/weights/{file}")
    assert len(model.labels) == 80
    assert detector_of(model) is detector_of(find_model(kind))


def test_ultralytics_weights_are_registered(tmp_path):
    model = register_model(name="ultra", detector=f"ultralytics:{toy_models.ultralytics(tmp_path)}")
    assert len(model.labels) == 2


def test_a_model_without_weights_is_known_by_its_predictions():
    model = register_model(name="theirs", labels=["car"], label_map={"car": "vehicle"})
    assert (model.detector, model.weights_sha256, model.has_weights) == ("", "", False)
    with pytest.raises(ModelError, match=r"manage.py predict theirs --import FILE"):
        detector_of(model)


def test_weights_that_are_not_there_or_no_network_are_refused(tmp_path):
    with pytest.raises(WeightsMissing, match=r"none\.onnx"):
        register_model(name="a", detector=f"yolox_onnx:{tmp_path}/none.onnx")
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(WeightsUnusable, match="copy it again"):
        register_model(name="a", detector=f"yolox_onnx:{tmp_path}/text.onnx")
    with pytest.raises(SpecError, match="KIND:WEIGHTS"):
        register_model(name="a", detector="people.onnx")
    with pytest.raises(SpecError, match="no kind 'yolo'"):
        register_model(name="a", detector="yolo:people.onnx")
    assert not ModelVersion.objects.exists()


def test_weights_that_are_gone_or_changed_are_told_apart(tmp_path):
    model = toy_model(tmp_path)
    assert detector_of(model)
    weights = tmp_path / "yolox.onnx"
    content = weights.read_bytes()
    weights.write_bytes(content + b"\0")
    with pytest.raises(ModelError, match=r"were changed.*--parent toy") as caught:
        detector_of(model)
    assert caught.value.code == "changed"
    weights.unlink()
    with pytest.raises(WeightsMissing):
        detector_of(model)
    weights.write_bytes(content)
    assert detector_of(model)


def test_a_new_file_under_an_old_name_is_loaded_anew(tmp_path):
    old = toy_model(tmp_path)
    first = detector_of(old)
    weights = tmp_path / "yolox.onnx"
    content = weights.read_bytes()
    weights.write_bytes(toy_models.nanodet(tmp_path).read_bytes())
    with pytest.raises(WeightsUnusable):
        register_model(name="next", detector=old.detector)
    weights.write_bytes(content)
    assert detector_of(old) is first


@pytest.mark.parametrize("name", ["", "A", "-a", "a b", "a/b", "a" * 81, "ä"])
def test_names_that_cannot_be_typed_are_refused(name):
    with pytest.raises(SpecError):
        register_model(name=name)


def test_a_name_is_taken_once_and_an_unknown_one_lists_what_there_is():
    with pytest.raises(NoSuchModel, match=r"There is none yet: manage\.py models add"):
        find_model("a")
    register_model(name="a")
    with pytest.raises(ModelError, match="There is a model 'a' already"):
        register_model(name="a")
    with pytest.raises(NoSuchModel, match="There are: a"):
        find_model("b")


def test_labels_and_mappings_are_checked(tmp_path):
    with pytest.raises(SpecError, match="has no label 'dog'"):
        toy_model(tmp_path, label_map={"dog": "person"})
    with pytest.raises(SpecError, match="leave `labels` out"):
        toy_model(tmp_path, labels=["dog"])
    for labels in (["a", "a"], [""], ["a" * 81]):
        with pytest.raises(SpecError):
            register_model(name="a", labels=labels)
    with pytest.raises(SpecError, match="is no label"):
        register_model(name="a", label_map={"person": ""})


def test_what_is_said_of_a_model_changes_and_the_rest_stays(tmp_path):
    model, version = toy_model(tmp_path, notes="old"), DatasetVersionFactory()
    edit_model(model, label_map={"jacket": "person"}, trained_on=version)
    model = find_model("toy")
    assert (model.label_of("jacket"), model.trained_on, model.notes) == ("person", version, "old")
    edit_model(model, trained_on=None, notes="")
    model = find_model("toy")
    assert (model.trained_on, model.notes, model.label_map) == (None, "", {"jacket": "person"})
    with pytest.raises(SpecError, match="has no label"):
        edit_model(model, label_map={"dog": "person"})


def test_no_model_descends_from_itself():
    first = ModelVersionFactory()
    second = ModelVersionFactory(parent=first)
    for parent in (first, second):
        with pytest.raises(SpecError, match="descends from"):
            edit_model(first, parent=parent)


def test_loaded_detectors_are_few(tmp_path):
    assert model_registry._loaded.cache_info().maxsize == 4
