"""Embedders by name. A model is loaded once in each process."""

from collections.abc import Callable
from functools import lru_cache

from curation.backends.embed.clip import ClipEmbedder
from curation.backends.embed.crops import crop_boxes
from curation.backends.embed.descriptor import Descriptor
from curation.backends.embed.onnx import OnnxEmbedder
from curation.backends.embed.ultralytics import UltralyticsEmbedder
from curation.core.errors import SpecError
from curation.core.types import Embedder

EMBEDDERS: dict[str, Callable[[str], Embedder]] = {
    "descriptor": lambda _: Descriptor(),
    "onnx": OnnxEmbedder,
    "ultralytics": UltralyticsEmbedder,
    "clip": ClipEmbedder,
}
"""What stands before the colon of a name -> what makes the embedder from what stands behind it."""

SHAPES = {"descriptor": "descriptor", "onnx": "onnx:PATH", "ultralytics": "ultralytics:NAME", "clip": "clip:NAME"}
"""How each kind of name is written."""


@lru_cache(maxsize=4)
def load_embedder(name: str) -> Embedder:
    """Load an embedder: `descriptor`, `onnx:PATH`, `ultralytics:NAME` or `clip:NAME`.

    Raises SpecError for a name that means nothing, WeightsMissing for weights that are not there."""
    check_embedder_name(name)
    kind, _, rest = name.partition(":")
    return EMBEDDERS[kind](rest)


def check_embedder_name(name: str) -> None:
    """Raise SpecError unless the name could be loaded if its weights were there. Loads nothing."""
    kind, colon, rest = name.partition(":")
    if kind not in EMBEDDERS or not bool(colon) == bool(rest) == (":" in SHAPES[kind]):
        raise SpecError(f"There is no embedder {name!r}. Write one of: {', '.join(SHAPES.values())}.")


def reads_text(name: str) -> bool:
    """Tell whether an embedder of that name puts text into the same space as pictures. Loads nothing."""
    return hasattr(EMBEDDERS.get(name.partition(":")[0]), "embed_texts")


__all__ = ["EMBEDDERS", "check_embedder_name", "crop_boxes", "load_embedder", "reads_text"]
