"""Embedders as ONNX files: a backbone whose only output is a pooled vector."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.backends.decode.probe import hash_file
from curation.backends.detect.boxes import Letterbox
from curation.backends.detect.sessions import open_session
from curation.backends.embed.weights import find_weights
from curation.core.errors import WeightsUnusable
from curation.core.types import Image

BATCH = 16


class OnnxEmbedder:
    """Runs a file whose input is [N, 3, side, side] float32, BGR 0..255, letterboxed top-left, on the CPU.

    That is the input of a YOLOX backbone. Only its first output is read: [N, dimension]."""

    centred = True

    def __init__(self, path: str) -> None:
        file = find_weights(f"onnx:{path}", path)
        self.name = f"onnx:{path}"
        self.version = hash_file(file)
        self._session = open_session(file)
        self._input = self._session.get_inputs()[0]
        output = self._session.get_outputs()[0]
        self._side_px, self._batch = _side_of(self.name, self._input.shape)
        self.dimension = _dimension_of(self.name, output.shape)

    def embed_pictures(self, pictures: Sequence[Image]) -> NDArray[np.float32]:
        """Return (N, dimension) unit vectors of (H, W, 3) RGB pictures."""
        vectors = [np.zeros((0, self.dimension), np.float32)]
        for start in range(0, len(pictures), self._batch):
            batch = np.stack([_letterboxed(p, self._side_px) for p in pictures[start : start + self._batch]])
            vectors.append(self._session.run(None, {self._input.name: batch})[0])
        stacked = np.concatenate(vectors)
        unit: NDArray[np.float32] = stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-12)
        return unit


def _side_of(name: str, shape: Sequence[Any]) -> tuple[int, int]:
    """Read side and batch from the input's shape; a name or None in place of the batch means any."""
    if len(shape) != 4 or shape[1] != 3 or shape[2] != shape[3] or not isinstance(shape[2], int):
        raise WeightsUnusable(f"{name}: input is {list(shape)}, but [N, 3, side, side] is wanted.")
    return shape[2], shape[0] if isinstance(shape[0], int) else BATCH


def _dimension_of(name: str, shape: Sequence[Any]) -> int:
    if len(shape) != 2 or not isinstance(shape[1], int):
        raise WeightsUnusable(f"{name}: the first output is {list(shape)}, but [N, dimension] is wanted.")
    return shape[1]


def _letterboxed(picture: Image, side_px: int) -> NDArray[np.float32]:
    canvas = np.empty((side_px, side_px, 3), np.uint8)
    Letterbox.fit(picture, width_px=side_px, height_px=side_px, out=canvas)
    return np.ascontiguousarray(canvas.transpose(2, 0, 1), dtype=np.float32)
