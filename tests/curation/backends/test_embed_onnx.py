"""ONNX embedders: the real backbone where it is, small models made here for what can go wrong."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from curation.backends.embed import load_embedder
from curation.backends.embed.onnx import OnnxEmbedder
from curation.core.errors import WeightsMissing, WeightsUnusable
from tests.curation.backends.footage import DATA, needs_data, real_frames


def write_mean_model(path, shape=("n", 3, 32, 32)):
    """Write a model whose embedding is the mean of each channel, as it arrives."""
    pool = helper.make_node("GlobalAveragePool", ["images"], ["pooled"])
    flat = helper.make_node("Flatten", ["pooled"], ["embedding"])
    graph = helper.make_graph(
        [pool, flat],
        "means",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, (shape[0], 3))],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10), path)
    return str(path)


def test_the_network_sees_bgr_0_to_255_letterboxed_top_left(tmp_path):
    embedder = OnnxEmbedder(write_mean_model(tmp_path / "m.onnx"))
    red = np.zeros((16, 32, 3), np.uint8)
    red[..., 0] = 200

    vector = embedder.embed_pictures([red])[0]

    seen = np.array([57.0, 57.0, 157.0])  # half the square is the picture, half is 114
    assert vector == pytest.approx(seen / np.linalg.norm(seen), abs=1e-4)


@pytest.mark.parametrize("batch", ["n", 1])
def test_many_pictures_of_many_sizes_go_through_any_batch(tmp_path, batch):
    embedder = OnnxEmbedder(write_mean_model(tmp_path / "m.onnx", (batch, 3, 32, 32)))
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (rng.integers(1, 90), rng.integers(1, 90), 3), dtype=np.uint8) for _ in range(35)]

    vectors = embedder.embed_pictures(pictures)

    assert vectors.shape == (35, 3)
    assert np.allclose(vectors[20], embedder.embed_pictures(pictures[20:21])[0], atol=1e-5)
    assert embedder.embed_pictures([]).shape == (0, 3)


def test_missing_weights_say_where_to_put_the_file(tmp_path):
    with pytest.raises(WeightsMissing, match=r"Put the file at .*nowhere\.onnx"):
        load_embedder(f"onnx:{tmp_path}/nowhere.onnx")


def test_a_broken_file_is_unusable(tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")

    with pytest.raises(WeightsUnusable):
        load_embedder(f"onnx:{broken}")


def test_a_model_with_another_input_says_what_is_wanted(tmp_path):
    with pytest.raises(WeightsUnusable, match=r"\[N, 3, side, side\] is wanted"):
        OnnxEmbedder(write_mean_model(tmp_path / "m.onnx", ("n", 3, 32, 64)))


@needs_data
def test_the_real_backbone_keeps_cameras_apart():
    embedder = load_embedder(f"onnx:{DATA}/weights/yolox_nano_backbone_embed.onnx")
    frames = {name: pictures[:3] for name, pictures in real_frames().items()}
    vectors = np.concatenate([embedder.embed_pictures(pictures) for pictures in frames.values()])
    camera = np.repeat(np.arange(len(frames)), 3)
    centred = vectors - vectors.mean(axis=0)
    likeness = centred @ centred.T / np.outer(*[np.linalg.norm(centred, axis=1)] * 2)
    np.fill_diagonal(likeness, -1)

    assert embedder.centred
    assert embedder.dimension == 128
    assert len(embedder.version) == 64
    assert (camera[likeness.argmax(axis=1)] == camera).all()
