"""CLIP embedders, on a small randomly initialised model whose config and weights the test makes."""

import json

import numpy as np
import pytest

from curation.backends.embed import load_embedder
from curation.core.errors import SpecError, WeightsMissing, WeightsUnusable

TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import open_clip
    import torch
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("clip")
    (folder / "winnow-tiny.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(folder / "winnow-tiny.json")
    torch.manual_seed(7)
    state = open_clip.create_model("winnow-tiny").state_dict()
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / "tiny.safetensors")
    torch.save(state, folder / "tiny.bin")
    (folder / "broken.safetensors").write_bytes(b"\0" * 64)
    return folder


def pictures():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((40, 60), (60, 40), (32, 32))]


@pytest.mark.parametrize("file", ["tiny.safetensors", "tiny.bin"])
def test_pictures_and_texts_land_in_one_space(folder, file):
    embedder = load_embedder(f"clip:winnow-tiny@{folder}/{file}")

    seen, read = (
        embedder.embed_pictures(pictures()),
        embedder.embed_texts(["a person at the gate", "an empty corridor"]),
    )

    assert seen.shape == (3, 32)
    assert read.shape == (2, 32)
    assert np.allclose(np.linalg.norm(np.concatenate([seen, read]), axis=1), 1.0, atol=1e-4)
    assert not np.allclose(read[0], read[1], atol=1e-3)
    assert (embedder.dimension, len(embedder.version), embedder.centred) == (32, 64, False)


def test_the_weights_come_from_the_file(folder):
    import open_clip
    import torch
    from PIL import Image

    own = load_embedder(f"clip:winnow-tiny@{folder}/tiny.safetensors").embed_pictures(pictures()[:1])
    model, _, prepare = open_clip.create_model_and_transforms("winnow-tiny", pretrained=str(folder / "tiny.bin"))
    with torch.inference_mode():
        image = prepare(Image.fromarray(pictures()[0]))[None]
        expected = model.eval().encode_image(image, normalize=True).numpy()

    assert np.allclose(own, expected, atol=1e-5)


def test_empty_input_gives_no_rows(folder):
    embedder = load_embedder(f"clip:winnow-tiny@{folder}/tiny.safetensors")

    assert embedder.embed_pictures([]).shape == embedder.embed_texts([]).shape == (0, 32)


def test_missing_weights_say_where_to_put_the_file(folder):
    with pytest.raises(WeightsMissing, match=r"Put the file at .*nowhere\.safetensors"):
        load_embedder(f"clip:ViT-B-32@{folder}/nowhere.safetensors")


def test_a_tag_without_network_says_how_to_name_a_file(monkeypatch):
    def offline(*_args, **_kwargs):
        raise OSError("no network")

    monkeypatch.setattr("open_clip.download_pretrained", offline)

    with pytest.raises(WeightsMissing, match=r"clip:ViT-B-32@/path/to/weights\.safetensors"):
        load_embedder("clip:ViT-B-32/openai")


@pytest.mark.parametrize("name", ["winnow-tiny@{}/broken.safetensors", "ViT-B-32@{}/tiny.safetensors"])
def test_weights_that_do_not_fit_are_unusable(folder, name):
    with pytest.raises(WeightsUnusable):
        load_embedder("clip:" + name.format(folder))


@pytest.mark.parametrize("name", ["nothing/openai", "ViT-B-32", "ViT-B-32/nothing", "ViT-B-32@weights.exe"])
def test_a_name_that_means_nothing_says_what_would(name):
    with pytest.raises(SpecError):
        load_embedder(f"clip:{name}")
