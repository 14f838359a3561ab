"""Ultralytics embedders, on a randomly initialised model that the test saves itself."""

import numpy as np
import pytest

from curation.backends.embed import load_embedder
from curation.core.errors import SpecError, WeightsMissing, WeightsUnusable


class Evil:
    def __reduce__(self):
        import pathlib

        return (pathlib.Path.touch, (pathlib.Path("evil-was-run"),))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    from ultralytics import YOLO

    path = tmp_path_factory.mktemp("weights") / "tiny.pt"
    YOLO("yolo11n.yaml").save(path)
    return path


@pytest.mark.slow
def test_features_are_unit_vectors_and_do_not_depend_on_the_batch(weights):
    embedder = load_embedder(f"ultralytics:{weights}")
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((60, 80), (80, 60), (9, 200))]

    vectors = embedder.embed_pictures(pictures)

    assert vectors.shape == (3, embedder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    assert np.allclose(vectors[1], embedder.embed_pictures(pictures[1:2])[0], atol=1e-3)
    assert embedder.embed_pictures([]).shape == (0, embedder.dimension)
    assert len(embedder.version) == 64


def test_missing_weights_without_network_say_where_to_put_the_file(monkeypatch):
    monkeypatch.setattr("ultralytics.utils.is_online", lambda: False)

    with pytest.raises(WeightsMissing, match=r"Put the file at .*yolo11x-cls\.pt"):
        load_embedder("ultralytics:yolo11x-cls.pt")


def test_weights_that_carry_code_are_refused_and_not_run(tmp_path, monkeypatch):
    import torch

    monkeypatch.chdir(tmp_path)
    torch.save({"model": Evil()}, tmp_path / "evil.pt")

    with pytest.raises(WeightsUnusable):
        load_embedder(f"ultralytics:{tmp_path}/evil.pt")

    assert not (tmp_path / "evil-was-run").exists()


def test_other_files_than_pt_are_refused():
    with pytest.raises(SpecError, match=r"\.pt file is wanted"):
        load_embedder("ultralytics:yolo11n.yaml")
