"""From a network's rows to boxes in a picture."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.core.types import Box, Image

_GREY = 114


@dataclass(frozen=True)
class Letterbox:
    """A picture fitted into a network's input at the top left, the rest grey."""

    scale: float
    width_px: int
    height_px: int

    @classmethod
    def fit(cls, picture: Image, *, width_px: int, height_px: int, out: Image) -> "Letterbox":
        """Write (H, W, 3) RGB into `out`, (height_px, width_px, 3) BGR."""
        height, width = picture.shape[:2]
        scale = min(width_px / width, height_px / height)
        # A sliver of a picture still has one pixel.
        fitted = (max(1, int(width * scale)), max(1, int(height * scale)))
        out[:] = _GREY
        resized = cv2.resize(picture, fitted, interpolation=cv2.INTER_LINEAR)
        out[: fitted[1], : fitted[0]] = resized[:, :, ::-1]
        return cls(scale, width, height)

    def undo(self, xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn (N, 4) boxes of the input into boxes of the picture, clipped to it."""
        bounds = np.array([self.width_px, self.height_px, self.width_px, self.height_px], np.float32)
        return np.clip(xyxy / np.float32(self.scale), 0, bounds)


def pick_boxes(
    xyxy: NDArray[np.float32],
    scores: NDArray[np.float32],
    classes: NDArray[np.int64],
    *,
    labels: Sequence[str],
    min_score: float,
    iou: float,
) -> list[Box]:
    """Drop rows below a score, and all but the best of those of one class that overlap by more than `iou`.

    xyxy (N, 4) in pixels, scores and classes (N,); N may be 0. Best score first. Boxes without an area are dropped.
    """
    good = (scores >= min_score) & (xyxy[:, 2] > xyxy[:, 0]) & (xyxy[:, 3] > xyxy[:, 1])
    xyxy, scores, classes = xyxy[good], scores[good], classes[good]
    if len(scores) == 0:
        return []
    xywh = np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1)
    kept = np.asarray(cv2.dnn.NMSBoxesBatched(xywh.tolist(), scores.tolist(), classes.tolist(), 0.0, iou), np.int64)
    kept = kept[np.argsort(-scores[kept], kind="stable")]
    return [Box(labels[classes[i]], float(scores[i]), *map(float, xyxy[i])) for i in kept]


def thread_count() -> int:
    """Tell how many threads a network may use: OMP_NUM_THREADS, 0 (the library decides) where it is not set."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return int(wanted) if wanted.isdigit() else 0
