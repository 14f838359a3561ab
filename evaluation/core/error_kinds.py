"""Why each false detection is false, and each missed object missed.

The kinds are those of TIDE: Bolya, Foley, Hays and Hoffman, "TIDE: A General Toolbox for Identifying Object Detection
Errors", ECCV 2020, at one operating point in place of all scores. Where its definitions meet (an IoU exactly at a
threshold), the lower end belongs to a kind and the upper one does not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, IntArray
from evaluation.core.explaining import (
    BACKGROUND,
    BOTH,
    CLASS,
    DUPLICATE,
    FOUND,
    IGNORED,
    LOCALISATION,
    MISSED,
    OUTSIDE,
    claim,
    explain,
)
from evaluation.core.fates import Fates, fates, labels_asked
from evaluation.core.metrics.contract import BoxPart

NAMES = ("", "found", "ignored", "class", "localisation", "both", "duplicate", "background", "missed")
"""What the codes of `PartErrors` mean; "" lies outside the part."""
KINDS = ("class", "localisation", "both", "duplicate", "background", "missed")
FALSE = (CLASS, LOCALISATION, BOTH, DUPLICATE, BACKGROUND)
LOST = (MISSED, CLASS, LOCALISATION)
"""An object that was not found may have been taken for another class, or been boxed too badly."""


@dataclass(frozen=True)
class PartErrors:
    """What became of all detections and truths of the evidence, at an operating point; codes are places in `NAMES`.

    found (D,): outside, found, ignored, or a kind of false detection. truth (T,): outside, found, ignored, missed, or
    missed though something was near: "class", "localisation". truth_of (D,) is the truth that a detection found or
    nearly found, -1 for none. found_of (T,) is the detection that found a truth, or that took it for another class; -1
    for none."""

    score: float
    iou: float
    found: NDArray[np.int8]
    truth: NDArray[np.int8]
    truth_of: IntArray
    found_of: IntArray

    @property
    def is_false(self) -> BoolArray:
        """(D,) false detections."""
        return self.found >= CLASS

    @property
    def is_lost(self) -> BoolArray:
        """(T,) truths that were not found."""
        return self.truth >= CLASS


def errors_of(part: BoxPart, *, score: float, iou: float = 0.5) -> PartErrors:
    """Name the kind of each detection that reaches a score, and of each truth, in a part.

    Labels outside the part explain what happens in it (a person taken for a car), but are not counted themselves.
    Crowds, truth outside the area range and what is left out are no errors, nor is what is matched with them."""
    truths, found = part.evidence.truths, part.evidence.found
    fate = fates(part, score=score, iou=iou)
    kinds = np.full(len(found.label), OUTSIDE, np.int8)
    kinds[fate.order] = np.where(
        fate.is_ignored[fate.order], IGNORED, np.where(fate.truth_of[fate.order] >= 0, FOUND, CLASS)
    )
    false = np.sort(fate.order[kinds[fate.order] == CLASS])
    starts = np.searchsorted(truths.image, np.arange(part.evidence.image_count + 1))
    kinds[false], nearest = explain(
        false, found.image, found.label, np.asarray(found.xywh, np.float64), starts, truths.label,
        np.asarray(truths.xywh, np.float64), ~(truths.is_ignored | truths.is_crowd), iou,
    )  # fmt: skip
    truth_of = fate.truth_of.copy()
    truth_of[false] = nearest
    truth, found_of = _of_truths(part, fate, kinds, false[np.argsort(-found.score[false], kind="stable")], truth_of)
    asked = labels_asked(part)
    kinds[~asked[found.label]] = OUTSIDE
    truth[~asked[truths.label]] = OUTSIDE
    return PartErrors(score, iou, kinds, truth, truth_of, found_of)


def _of_truths(
    part: BoxPart, fate: Fates, kinds: NDArray[np.int8], false: IntArray, truth_of: IntArray
) -> tuple[NDArray[np.int8], IntArray]:
    count = len(part.evidence.truths.label)
    found_of = np.full(count, -1, np.int64)
    right = np.flatnonzero(kinds == FOUND)
    found_of[truth_of[right]] = right
    truth = np.where(fate.truth_ignored, IGNORED, np.where(found_of >= 0, FOUND, MISSED)).astype(np.int8)
    truth[~part.images[part.evidence.truths.image]] = OUTSIDE
    is_missed = truth == MISSED
    near = truth_of[false[kinds[false] == LOCALISATION]]
    truth[near[is_missed[near]]] = LOCALISATION
    taken = false[kinds[false] == CLASS]
    claim(taken, truth_of[taken], is_missed, found_of)
    truth[is_missed & (found_of >= 0)] = CLASS
    return truth, found_of
