"""The twelve figures of COCO, for one choice of images or for hundreds at once."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.accumulate import Sorted, Tallied, count_positives, hit_counts, mean_known, shares, sort_out, tally
from evaluation.core.boxes import Evidence
from evaluation.core.matching import COCO_IOUS, EVERYTHING, matched

TWELVE = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl")
AREAS: Mapping[str, tuple[float, float]] = {
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
_NOTHING = -1.0
_AT_50, _AT_75 = COCO_IOUS.index(0.5), COCO_IOUS.index(0.75)
_CHUNK = 256
"""Slices whose weights are in memory at once."""


def twelve(evidence: Evidence) -> dict[str, float]:
    """Return the twelve figures over all images by their names in `TWELVE`; -1 where there is no truth to find.

    They are pycocotools' to 1e-12 (it adds 2e-16 to the number of detections, and says 0.9999999999999998 for 1)."""
    figures = coco_figures(evidence, np.ones((1, evidence.image_count), bool))[0]
    return dict(zip(TWELVE, figures.tolist(), strict=True))


def coco_figures(evidence: Evidence, slices: BoolArray) -> FloatArray:
    """Return the twelve figures (S, 12) of each of (S, I) choices of images; -1 where there is no truth to find."""
    figures: FloatArray = np.empty((len(slices), len(TWELVE)))
    for first in range(0, len(slices), _CHUNK):
        rows = slice(first, first + _CHUNK)
        figures[rows] = weighted_figures(evidence, slices[rows].astype(np.int32))
    figures[np.isnan(figures)] = _NOTHING
    return figures


def weighted_figures(evidence: Evidence, weights: NDArray[np.int32]) -> FloatArray:
    """Return the twelve figures (R, 12) of samples that count each image as often as (R, I) weights say.

    NaN where there is no truth to find."""
    everything, detections = _tallied(evidence, weights, EVERYTHING)
    by_area = [_tallied(evidence, weights, area)[0] for area in AREAS.values()]
    first = hit_counts(detections.where(detections.rank < 1), weights, ious=len(COCO_IOUS))
    after_ten = hit_counts(detections.where(detections.rank >= 10), weights, ious=len(COCO_IOUS))
    positives = everything.positives[:, :, None]
    precision = everything.precision
    columns = [
        _mean(precision),
        _mean(precision[:, :, [_AT_50]]),
        _mean(precision[:, :, [_AT_75]]),
        *(_mean(tallied.precision) for tallied in by_area),
        _mean(shares(first, positives)),
        _mean(shares(everything.hits - after_ten, positives)),
        _mean(everything.recall),
        *(_mean(tallied.recall) for tallied in by_area),
    ]
    figures: FloatArray = np.empty((len(weights), len(TWELVE)))
    for number, column in enumerate(columns):
        figures[:, number] = column
    return figures


def _tallied(evidence: Evidence, weights: NDArray[np.int32], area_px2: tuple[float, float]) -> tuple[Tallied, Sorted]:
    done = matched(evidence, area_px2=area_px2, ious=COCO_IOUS)
    group: IntArray = np.arange(evidence.image_count)
    images = np.ones(evidence.image_count, bool)
    labels = np.arange(len(evidence.labels))
    detections = sort_out(done, group=group, images=images, labels=labels)
    positives = count_positives(
        evidence.truths, done.truth_counts, group=group, images=images, labels=labels, weights=weights
    )
    return tally(detections, weights, positives, ious=len(COCO_IOUS)), detections


def _mean(figures: FloatArray) -> FloatArray:
    return mean_known(figures, (1, 2))
