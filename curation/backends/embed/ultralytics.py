"""Embedders as ultralytics models: the pooled features of the last layer before the head."""

import importlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.backends.decode.probe import hash_file
from curation.backends.detect.weights import locate, weights_dir
from curation.backends.embed.weights import find_weights
from curation.core.errors import SpecError, WeightsUnusable
from curation.core.types import Image

logger = logging.getLogger(__name__)

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
    # Weights are code unless they are read as data only. The flag is read when the library is imported, which some
    # other part of this process may have done already.
    os.environ["ULTRALYTICS_SAFE_LOAD"] = "true"
    tasks: Any = importlib.import_module("ultralytics.nn.tasks")
    tasks.SAFE_LOAD = True
    library: Any = importlib.import_module("ultralytics")
    try:
        return library.YOLO(str(path))
    except Exception as error:  # TypeError, RuntimeError, AttributeError…: each kind of broken file has its own
        raise WeightsUnusable(f"{name} is not an ultralytics model that can be read safely: {error}") from error


def _weights_of(name: str) -> Path:
    """Return the weights' file, fetching it if the library knows it and the network is there."""
    if not name.endswith(".pt"):
        raise SpecError(f"ultralytics:{name}: the name of a .pt file is wanted, as in ultralytics:yolo11n.pt.")
    if found := locate(name):
        return found
    from ultralytics.utils import is_online
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES, attempt_download_asset

    if name not in GITHUB_ASSETS_NAMES or not is_online():
        return find_weights(f"ultralytics:{name}", name)
    weights_dir().mkdir(parents=True, exist_ok=True)
    try:
        attempt_download_asset(weights_dir() / name)
    except Exception as error:  # the library turns every kind of network trouble into its own
        logger.warning("Fetching %s failed: %s", name, error)
    return find_weights(f"ultralytics:{name}", name)
