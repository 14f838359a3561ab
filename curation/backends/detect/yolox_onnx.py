"""YOLOX in ONNX, run by onnxruntime: the route without AGPL code.

Source: YOLOX, https://arxiv.org/abs/2107.08430, and its demo/ONNXRuntime.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.backends.detect.boxes import Letterbox, pick_boxes
from curation.backends.detect.coco import COCO_LABELS
from curation.backends.detect.sessions import open_session
from curation.core.errors import WeightsUnusable
from curation.core.params import param
from curation.core.types import Box, Image

_STRIDES = (8, 16, 32)
_BATCH = 8


@dataclass(frozen=True)
class YoloxOptions:
    """What may stand behind the `?` of `yolox_onnx:PATH`."""

    iou: float = param(
        0.45, help="Boxes of one class that overlap by more than this are one.", minimum=0.0, maximum=1.0
    )
    classes: list[str] = param([], help="The class names in the network's order; COCO's if none.")


class YoloxOnnx:
    """A YOLOX network with undecoded output [batch, anchors, 5 + classes]: centre, size, objectness, class scores."""

    def __init__(self, weights: Path, options: YoloxOptions) -> None:
        self.labels: Sequence[str] = tuple(options.classes) or COCO_LABELS
        self._iou = options.iou
        self._session = open_session(weights)
        entry = self._session.get_inputs()[0]
        batch, channels, height, width = entry.shape if len(entry.shape) == 4 else (0, 0, 0, 0)
        if channels != 3 or not isinstance(height, int) or not isinstance(width, int):
            raise WeightsUnusable(f"{weights.name} takes {entry.shape}, not [batch, 3, height, width]: it is no YOLOX.")
        self._entry, self._height_px, self._width_px = entry.name, height, width
        self._batch = batch if isinstance(batch, int) else _BATCH
        self._fixed = isinstance(batch, int)
        self._grid, self._stride = _anchors(width, height)
        self._check_output(weights)

    def detect(self, pictures: Sequence[Image], *, min_score: float) -> list[list[Box]]:
        found: list[list[Box]] = []
        for start in range(0, len(pictures), self._batch):
            found += self._detect_batch(pictures[start : start + self._batch], min_score)
        return found

    def _detect_batch(self, pictures: Sequence[Image], min_score: float) -> list[list[Box]]:
        count = self._batch if self._fixed else len(pictures)
        inputs = np.zeros((count, self._height_px, self._width_px, 3), np.uint8)
        fits = [
            Letterbox.fit(picture, width_px=self._width_px, height_px=self._height_px, out=row)
            for picture, row in zip(pictures, inputs, strict=False)
        ]
        tensor = np.ascontiguousarray(inputs.transpose(0, 3, 1, 2), np.float32)
        (rows,) = self._session.run(None, {self._entry: tensor})
        return [self._read(fit, row, min_score) for fit, row in zip(fits, rows, strict=False)]

    def _read(self, fit: Letterbox, rows: NDArray[np.float32], min_score: float) -> list[Box]:
        """Decode (anchors, 5 + classes)."""
        classes = rows[:, 5:].argmax(axis=1)
        scores = rows[:, 4] * np.take_along_axis(rows[:, 5:], classes[:, None], axis=1)[:, 0]
        good = scores >= min_score
        rows, scores, classes = rows[good], scores[good], classes[good]
        centre = (rows[:, :2] + self._grid[good]) * self._stride[good]
        half = np.exp(np.minimum(rows[:, 2:4], 20)) * self._stride[good] / 2
        xyxy = fit.undo(np.concatenate([centre - half, centre + half], axis=1))
        return pick_boxes(xyxy, scores, classes, labels=self.labels, min_score=min_score, iou=self._iou)

    def _check_output(self, weights: Path) -> None:
        """Compare the shape that the network promises with the anchors and the class list."""
        shape: list[Any] = self._session.get_outputs()[0].shape
        if len(shape) != 3 or (isinstance(shape[1], int) and shape[1] != len(self._grid)):
            raise WeightsUnusable(
                f"{weights.name} gives {shape}, not [batch, {len(self._grid)}, 5 + classes]: it is no undecoded YOLOX."
            )
        if isinstance(shape[2], int) and shape[2] != 5 + len(self.labels):
            raise WeightsUnusable(
                f"{weights.name} knows {shape[2] - 5} classes, but {len(self.labels)} names are given. "
                "Name its classes in order: ?classes=first,second."
            )


def _anchors(width_px: int, height_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (N, 2) grid places and (N, 1) strides in pixels, the finest grid first, row by row."""
    places, strides = [], []
    for stride in _STRIDES:
        y, x = np.mgrid[: height_px // stride, : width_px // stride]
        places.append(np.stack([x.ravel(), y.ravel()], axis=1))
        strides.append(np.full((x.size, 1), stride))
    return np.concatenate(places).astype(np.float32), np.concatenate(strides).astype(np.float32)
