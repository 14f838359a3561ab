"""COCO's average precision: how precise a model is at every recall."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curation.core.params import param
from curation.core.types import FloatArray
from evaluation.core.accumulate import count_positives, mean_known, sort_out, tally
from evaluation.core.matching import COCO_IOUS, matched
from evaluation.core.metrics.box_parts import labels_of, part_of, support_of
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights

STEP = 0.05


@dataclass(frozen=True)
class AveragePrecision:
    """COCO's average precision, the mean over IoUs in steps of 0.05 and over the labels that have truth."""

    kind: ClassVar[str] = "ap"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    iou_from: float = param(0.5, help="Least IoU.", minimum=STEP, maximum=0.95)
    iou_to: float = param(0.95, help="Highest IoU.", minimum=STEP, maximum=0.95)

    def __post_init__(self) -> None:
        if self.iou_to < self.iou_from:
            raise ValueError(f"iou_to is {self.iou_to:g}; it must be at least iou_from, {self.iou_from:g}.")

    @property
    def title(self) -> str:
        if self.iou_from == self.iou_to:
            return f"AP at IoU {self.iou_from:g}"
        return f"AP at IoU {self.iou_from:g} to {self.iou_to:g}"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there is no truth."""
        if (self.iou_from, self.iou_to) == (0.5, 0.95):
            return average_precision(part_of(part), weights, COCO_IOUS)
        steps = int((self.iou_to - self.iou_from) / STEP + 1e-9)
        return average_precision(part_of(part), weights, tuple((self.iou_from + STEP * np.arange(steps + 1)).tolist()))

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(part_of(part))


@dataclass(frozen=True)
class AP50:
    """COCO's average precision at IoU 0.5."""

    kind: ClassVar[str] = "ap50"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    @property
    def title(self) -> str:
        return "AP at IoU 0.5"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there is no truth."""
        return average_precision(part_of(part), weights, (0.5,))

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(part_of(part))


@dataclass(frozen=True)
class AP75:
    """COCO's average precision at IoU 0.75."""

    kind: ClassVar[str] = "ap75"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    @property
    def title(self) -> str:
        return "AP at IoU 0.75"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there is no truth."""
        return average_precision(part_of(part), weights, (0.75,))

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(part_of(part))


def average_precision(part: BoxPart, weights: Weights, ious: tuple[float, ...]) -> FloatArray:
    """Return the mean over labels with truth, and over ious, of the precision at 101 recalls: (R,), NaN without truth.

    An image that a sample draws k times counts k times: its detections stand k times, one behind the other, where they
    stand in the order of scores. At most 100 detections of an image and label count."""
    evidence, labels = part.evidence, labels_of(part)
    done = matched(evidence, area_px2=part.area_px2, ious=ious)
    picked = sort_out(done, group=evidence.group, images=part.images, labels=labels)
    positives = count_positives(
        evidence.truths, done.truth_counts, group=evidence.group, images=part.images, labels=labels, weights=weights
    )
    return mean_known(tally(picked, weights, positives, ious=len(ious)).precision, (1, 2))
