"""Embed: vectors of the kept frames, and of the boxes in them."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param


@dataclass(frozen=True)
class Embed:
    """Makes kept frames searchable by likeness. It filters nothing, so it stands after all filters."""

    kind: ClassVar[str] = "embed"

    embedder: str = param("descriptor", help="descriptor, onnx:PATH, ultralytics:NAME or clip:NAME.")
    boxes: bool = param(True, help="Embed the boxes of detected objects too.")
