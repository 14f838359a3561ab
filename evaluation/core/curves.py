"""Precision over recall, and how far scores can be taken at their word."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.fates import fates, labels_asked
from evaluation.core.metrics.contract import BoxPart
from evaluation.core.results import Curves

RECALLS = np.linspace(0.0, 1.0, 101)
BINS = 10
CURVE_IOU = 0.5


def curves_of(part: BoxPart, *, score: float | None) -> Curves:
    """Draw a part's curves, and say how it stands at a score.

    Precision is COCO's, at each of 101 recalls and IoU 0.5, the mean over labels that have truth: its own mean is AP50.
    None where there is no truth. Calibration bins without detections are left out. There is no operating point without
    a score, without truth, or where nothing reaches the score."""
    fate = fates(part, score=-np.inf, iou=CURVE_IOU)
    truths, found = part.evidence.truths, part.evidence.found
    asked = labels_asked(part)
    positives = part.images[truths.image] & ~fate.truth_ignored & asked[truths.label]
    rows = fate.order[asked[found.label[fate.order]] & ~fate.is_ignored[fate.order]]
    is_right = fate.truth_of[rows] >= 0
    return Curves(
        precision=_precision(found.label[rows], found.score[rows], is_right, truths.label[positives]),
        calibration=_calibration(found.score[rows], is_right),
        operating_point=_point(found.score[rows], is_right, int(positives.sum()), score),
    )


def _precision(
    label: IntArray, score: FloatArray, is_right: BoolArray, truth_label: IntArray
) -> tuple[float, ...] | None:
    positives = np.bincount(truth_label)
    if not len(positives):
        return None
    # Stable, so that equal scores keep the order of images, as in COCO.
    order = np.argsort(-score, kind="stable")
    label, is_right = label[order], is_right[order]
    curves = [_at_recalls(is_right[label == which], int(positives[which])) for which in np.flatnonzero(positives)]
    return tuple(map(float, np.mean(curves, axis=0)))


def _at_recalls(is_right: BoolArray, positives: int) -> NDArray[np.float64]:
    right = np.cumsum(is_right)
    precision = right / np.arange(1, len(right) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    reached = np.searchsorted(right / positives, RECALLS, side="left")
    return np.append(precision, 0.0)[reached]


def _calibration(score: FloatArray, is_right: BoolArray) -> tuple[Mapping[str, float], ...]:
    which = np.clip((score * BINS).astype(np.int64), 0, BINS - 1)
    counts = np.bincount(which, minlength=BINS)
    scores = np.bincount(which, weights=score, minlength=BINS)
    right = np.bincount(which, weights=is_right, minlength=BINS)
    return tuple(
        {
            "low": b / BINS, "high": (b + 1) / BINS,
            "score": float(scores[b] / counts[b]), "precision": float(right[b] / counts[b]), "count": int(counts[b]),
        }
        for b in np.flatnonzero(counts).tolist()
    )  # fmt: skip


def _point(score: FloatArray, is_right: BoolArray, positives: int, at: float | None) -> Mapping[str, float] | None:
    if at is None or not positives:
        return None
    reaching = score >= at
    if not reaching.any():
        return None
    right = int(is_right[reaching].sum())
    return {"score": at, "precision": right / int(reaching.sum()), "recall": right / positives}
