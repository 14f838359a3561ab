"""Real trainings of a tiny network: to the end, interrupted, killed, refused."""

import pytest

from curation.backends.decode.probe import hash_file
from curation.backends.detect.weights import weights_dir
from evaluation.services.model_registry import detector_of
from tests.activelearning.lessons import labelled, trained, version_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_training_gives_a_registered_model_with_lineage_and_figures(school):
    version = version_of(labelled(12, seed=1))
    training = trained(version, options={"onnx": True})
    model = training.model
    assert (model.name, model.trained_on, model.parent) == ("squares-1", version, None)
    assert model.detector == "ultralytics:trained/squares-1.pt?imgsz=64"
    assert model.weights_sha256 == hash_file(weights_dir() / "trained" / "squares-1.pt")
    assert [row["epoch"] for row in training.epochs] == [1, 2]
    assert all({"box", "cls", "dfl"} <= row["losses"].keys() and row["seconds"] > 0 for row in training.epochs)
    assert {"map50", "precision", "recall"} <= training.figures.keys()
    assert training.data["pictures"] == {"train": 9, "val": 3}
    assert (training.error, training.job.state, training.classes) == ("", "done", ["person"])
    assert not (school / "data" / training.folder / "data").exists()
    assert detector_of(model).labels == ("person",)
    content = (weights_dir() / "trained" / "squares-1.pt").read_bytes()
    assert str(school).encode() not in content
