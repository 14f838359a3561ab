"""CLIP embedders (open_clip): pictures and text in one space."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.backends.decode.probe import hash_file
from curation.backends.embed.weights import find_weights
from curation.core.errors import SpecError, WeightsMissing, WeightsUnusable
from curation.core.types import Image

BATCH = 16
SUFFIXES = (".safetensors", ".bin", ".pt", ".pth")


class ClipEmbedder:
    """`ARCH/PRETRAINED` is fetched on first use; `ARCH@PATH` reads .safetensors, or .bin/.pt as data only.

    ARCH is a name from `open_clip.list_models()`, as in `clip:ViT-B-32@/models/vit_b_32.safetensors`."""

    centred = False

    def __init__(self, name: str) -> None:
        import open_clip
        import torch

        self.name = f"clip:{name}"
        self._arch, path = _weights_of(name)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        pretrained = str(path) if "@" in name else name.partition("/")[2]
        try:
            # weights_only: weights are code unless they are read as data only.
            model, _, self._prepare = open_clip.create_model_and_transforms(
                self._arch, pretrained=pretrained, device=self._device, weights_only=True, pretrained_hf=False
            )
        except Exception as error:  # a truncated file, another architecture's file, a pickle: each raises its own
            raise WeightsUnusable(f"{self.name} cannot be read as weights of {self._arch}: {error}") from error
        self._model: Any = model.eval()
        self.version = hash_file(path)
        self.dimension = int(open_clip.get_model_config(self._arch)["embed_dim"])

    def embed_pictures(self, pictures: Sequence[Image]) -> NDArray[np.float32]:
        """Return (N, dimension) unit vectors of (H, W, 3) RGB pictures."""
        import torch
        from PIL import Image as Pillow

        vectors: list[NDArray[np.float32]] = [np.zeros((0, self.dimension), np.float32)]
        for start in range(0, len(pictures), BATCH):
            batch = [self._prepare(Pillow.fromarray(picture)) for picture in pictures[start : start + BATCH]]
            with torch.inference_mode():
                vectors.append(_numpy(self._model.encode_image(torch.stack(batch).to(self._device), normalize=True)))
        return np.concatenate(vectors)

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (N, dimension) unit vectors."""
        import torch

        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        with torch.inference_mode():
            tokens = self._tokenizer(list(texts)).to(self._device)
            return _numpy(self._model.encode_text(tokens, normalize=True))

    @cached_property
    def _tokenizer(self) -> Any:
        import open_clip

        try:
            return open_clip.get_tokenizer(self._arch)
        except Exception as error:  # most architectures carry their tokenizer in the package, some fetch it
            raise WeightsMissing(f"The tokenizer of {self.name} is not on this machine: {error}") from error


def _numpy(tensor: Any) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.float().cpu().numpy()
    return array


def _weights_of(name: str) -> tuple[str, Path]:
    """Split a name into architecture and weights' file, fetching the file if it is named by tag."""
    import open_clip

    arch, at, written = name.partition("@")
    if not at:
        arch, _, written = name.partition("/")
    if arch not in open_clip.list_models():
        known = ", ".join(open_clip.list_models()[:6])
        raise SpecError(f"clip:{name}: open_clip has no architecture {arch!r}. Some of them: {known}…")
    if at:
        if not written.endswith(SUFFIXES):
            raise SpecError(f"clip:{name}: weights are a file that ends in {', '.join(SUFFIXES)}.")
        return arch, find_weights(f"clip:{name}", written)
    tags = open_clip.list_pretrained_tags_by_model(arch)
    if written not in tags:
        raise SpecError(
            f"clip:{name}: write clip:{arch}/TAG with one of {', '.join(tags) or 'no tag'}, or {arch}@PATH."
        )
    try:
        return arch, Path(open_clip.download_pretrained(open_clip.get_pretrained_cfg(arch, written)))
    except Exception as error:  # the hub's client raises a dozen kinds
        raise WeightsMissing(
            f"The weights of clip:{name} are not on this machine and could not be fetched. Put them into a file and "
            f"name it: clip:{arch}@/path/to/weights.safetensors. ({error})"
        ) from error
