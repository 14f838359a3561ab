"""Truth and detections of many images as columns."""

from dataclasses import dataclass, field
from typing import Any

from curation.core.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Truths:
    """(T,) labelled objects, in order of image. Boxes are `xywh` in pixels as COCO has them: sums are the same."""

    image: IntArray
    label: IntArray
    """Index into the evidence's labels."""
    xywh: FloatArray
    area_px2: FloatArray
    is_crowd: BoolArray
    is_ignored: BoolArray
    """Crowds, and what is to be left out: it counts neither as found nor as missed."""


@dataclass(frozen=True)
class Found:
    """(D,) detections, in order of image, within an image as they were given (that order breaks ties of score)."""

    image: IntArray
    label: IntArray
    xywh: FloatArray
    score: FloatArray


@dataclass(frozen=True)
class Evidence:
    """Truth and one model's detections of the same (I,) images, and the independent group that each image belongs to.

    Groups count from 0. Images with no truth and no detections are there too."""

    labels: tuple[str, ...]
    group: IntArray
    """(I,)"""
    group_count: int
    truths: Truths
    found: Found
    cache: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out once and serves every scenario: matchings by area range and IoU."""

    @property
    def image_count(self) -> int:
        return len(self.group)
