"""Embedders as ultralytics models: the pooled features of the last layer before the head."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.backends.decode.probe import hash_file
from curation.backends.detect.ultralytics_library import find_or_fetch, ultralytics_library
from curation.core.errors import SpecError, WeightsUnusable
from curation.core.types import Image

BATCH = 16
SIDE_PX = 320


class UltralyticsEmbedder:
    """Loads NAME.pt from a path or from the weights folder, where it is fetched to on first use."""

    centred = True

    def __init__(self, name: str) -> None:
        self.name = f"ultralytics:{name}"
        path = _weights_of(name)
        self._model = _load(self.name, path)
        self.version = hash_file(path)
        self.dimension = len(self._embed([np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)])[0])

    def embed_pictures(self, pictures: Sequence[Image]) -> NDArray[np.float32]:
        """Return (N, dimension) unit vectors of (H, W, 3) RGB pictures."""
        vectors: list[NDArray[np.float32]] = [np.zeros((0, self.dimension), np.float32)]
        for start in range(0, len(pictures), BATCH):
            vectors.append(self._embed(pictures[start : start + BATCH]))
        stacked = np.concatenate(vectors)
        unit: NDArray[np.float32] = stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-12)
        return unit

    def _embed(self, pictures: Sequence[Image]) -> NDArray[np.float32]:
        # The library takes arrays as BGR, and batches pictures of one shape only.
        bgr = [np.ascontiguousarray(picture[..., ::-1]) for picture in pictures]
        features = self._model.embed(bgr, imgsz=SIDE_PX, rect=False, verbose=False, batch=len(bgr))
        vectors: NDArray[np.float32] = np.stack([feature.float().cpu().numpy() for feature in features])
        return vectors


def _load(name: str, path: Path) -> Any:
    try:
        return ultralytics_library().YOLO(str(path), verbose=False)
    except (
        Exception
    ) as error:  # TypeError, RuntimeError, AttributeError…: each kind of broken or unsafe file has its own
        raise WeightsUnusable(f"{name} is not an ultralytics model that can be read safely: {error}") from error


def _weights_of(name: str) -> Path:
    if not name.endswith(".pt"):
        raise SpecError(f"ultralytics:{name}: the name of a .pt file is wanted, as in ultralytics:yolo11n.pt.")
    return find_or_fetch(name)
