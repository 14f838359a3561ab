"""NanoDet in ONNX, run by onnxruntime.

Source: NanoDet, https://github.com/RangiLyu/nanodet, and its demo_ncnn; boxes as in Generalized Focal Loss,
https://arxiv.org/abs/2006.04388.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from curation.backends.detect.boxes import Letterbox, pick_boxes
from curation.backends.detect.coco import COCO_LABELS
from curation.backends.detect.sessions import open_session
from curation.core.errors import WeightsUnusable
from curation.core.params import param
from curation.core.types import Box, Image

_STRIDES = (8, 16, 32)
_MEAN_BGR = np.array([103.53, 116.28, 123.675], np.float32)
_STD_BGR = np.array([57.375, 57.12, 58.395], np.float32)


@dataclass(frozen=True)
class NanodetOptions:
    """What may stand behind the `?` of `nanodet_onnx:PATH`."""

    iou: float = param(0.6, help="Boxes of one class that overlap by more than this are one.", minimum=0.0, maximum=1.0)
    classes: list[str] = param([], help="The class names in the network's order; COCO's if none.")


class NanodetOnnx:
    """A NanoDet network with, for strides 8, 16, 32, class scores [1, N, classes] and then sides [1, N, 4 * bins]."""

    def __init__(self, weights: Path, options: NanodetOptions) -> None:
        self.labels: Sequence[str] = tuple(options.classes) or COCO_LABELS
        self._iou = options.iou
        self._session = open_session(weights)
        entry = self._session.get_inputs()[0]
        if len(entry.shape) != 4 or entry.shape[:2] != [1, 3] or not all(isinstance(side, int) for side in entry.shape):
            raise WeightsUnusable(f"{weights.name} takes {entry.shape}, not [1, 3, height, width]: it is no NanoDet.")
        self._entry, (self._height_px, self._width_px) = entry.name, entry.shape[2:]
        self._centres = [_centres(self._width_px, self._height_px, stride) for stride in _STRIDES]
        self._check_outputs(weights)

    def detect(self, pictures: Sequence[Image], *, min_score: float) -> list[list[Box]]:
        return [self._detect_one(picture, min_score) for picture in pictures]

    def _detect_one(self, picture: Image, min_score: float) -> list[Box]:
        bgr = np.empty((self._height_px, self._width_px, 3), np.uint8)
        fit = Letterbox.fit(picture, width_px=self._width_px, height_px=self._height_px, out=bgr)
        tensor = np.ascontiguousarray(((bgr - _MEAN_BGR) / _STD_BGR).transpose(2, 0, 1)[None])
        rows = self._session.run(None, {self._entry: tensor})
        found = [
            _decode(scores[0], sides[0], centres, stride, min_score)
            for scores, sides, centres, stride in zip(rows[:3], rows[3:], self._centres, _STRIDES, strict=True)
        ]
        xyxy, scores, classes = (np.concatenate(part) for part in zip(*found, strict=True))
        return pick_boxes(fit.undo(xyxy), scores, classes, labels=self.labels, min_score=min_score, iou=self._iou)

    def _check_outputs(self, weights: Path) -> None:
        shapes = [output.shape for output in self._session.get_outputs()]
        counts = [len(centres) for centres in self._centres] * 2
        if len(shapes) != 6 or [shape[1] for shape in shapes] != counts or shapes[3][2] % 4:
            raise WeightsUnusable(f"{weights.name} gives {shapes}: it is no NanoDet of strides 8, 16 and 32.")
        if shapes[0][2] != len(self.labels):
            raise WeightsUnusable(
                f"{weights.name} knows {shapes[0][2]} classes, but {len(self.labels)} names are given. "
                "Name its classes in order: ?classes=first,second."
            )


def _centres(width_px: int, height_px: int, stride: int) -> NDArray[np.float32]:
    """Return the (N, 2) middles of a grid's cells in pixels, row by row."""
    y, x = np.mgrid[: -(-height_px // stride), : -(-width_px // stride)]
    return ((np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * stride).astype(np.float32)


def _decode(
    scores: NDArray[np.float32], sides: NDArray[np.float32], centres: NDArray[np.float32], stride: int, min_score: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Return xyxy (N, 4), scores and classes (N,) of the rows above a score.

    The distance to each side is the mean of a distribution over bins of one stride each.
    """
    classes = scores.argmax(axis=1)
    best = scores[np.arange(len(scores)), classes]
    good = best >= min_score
    bins = sides[good].reshape(-1, 4, sides.shape[1] // 4)
    weights = np.exp(bins - bins.max(axis=2, keepdims=True))
    shares = weights / weights.sum(axis=2, keepdims=True)
    away = (shares @ np.arange(bins.shape[2], dtype=np.float32)) * stride
    xyxy = np.concatenate([centres[good] - away[:, :2], centres[good] + away[:, 2:]], axis=1)
    return xyxy.astype(np.float32), best[good], classes[good]
