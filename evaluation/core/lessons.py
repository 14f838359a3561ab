"""What became of a model's boxes in a part of the evidence, also of those too weak to count: what tells its mistakes
apart from all else that it sees."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from curation.core.types import FloatArray, IntArray
from evaluation.core.error_kinds import PartErrors, errors_of
from evaluation.core.explaining import LEAST_IOU
from evaluation.core.fates import labels_asked
from evaluation.core.metrics.contract import BoxPart
from evaluation.core.overlaps import overlapping

OTHER, TRACE, FALSE = range(3)
"""Neither; what the model left on an object that it missed; a false box that counts."""
NAMES = {TRACE: "missed", FALSE: "false_alarm", OTHER: "other"}
"""What the kinds are called where mistakes are."""


@dataclass(frozen=True)
class Lessons:
    """(K,) boxes of the evidence's model, by rising row. `on` (K,) is the truth that a trace lies on, -1 for others."""

    row: IntArray
    kind: NDArray[np.int8]
    on: IntArray


def lessons_of(part: BoxPart, errors: PartErrors) -> Lessons:
    """Sort the boxes of a model by what a part says of them.

    A trace is, of the boxes of a missed object's label, the one that overlaps it most, from an IoU of 0.1 on. False
    boxes are those of the part that count. All others of its labels, from all images, are neither, but for those that
    may be a mistake that the part does not count: near an object that was missed elsewhere or is left out, or false in
    another part."""
    truths, found = part.evidence.truths, part.evidence.found
    everywhere = replace(part, images=np.ones_like(part.images))
    whole = errors_of(everywhere, score=errors.score, iou=errors.iou)
    unclear = whole.is_lost | truths.is_ignored | truths.is_crowd
    hidden = np.flatnonzero(unclear)
    box, place, iou = overlapping(
        found.image, found.xywh, truths.image[hidden], truths.xywh[hidden], least_iou=LEAST_IOU
    )  # fmt: skip
    on = hidden[place]
    is_own = found.label[box] == truths.label[on]
    box, on, iou = box[is_own], on[is_own], iou[is_own]

    asked = labels_asked(part)[found.label]
    kind = np.where(errors.is_false, FALSE, OTHER).astype(np.int8)
    keeps = asked & (errors.is_false | ~whole.is_false)
    keeps[box] = False
    here = errors.is_lost[on]
    order = np.lexsort((box[here], -iou[here]))
    rows, of = box[here][order], on[here][order]
    best = np.sort(np.unique(of, return_index=True)[1])[::-1]
    rows, of = rows[best], of[best]  # the best last: where a box is the best of two objects, it is the nearer one's
    kind[rows], keeps[rows] = TRACE, asked[rows]
    traced = np.full(len(found.label), -1)
    traced[rows] = of
    row = np.flatnonzero(keeps)
    return Lessons(row, kind[row], traced[row])


def corners(xywh: FloatArray) -> FloatArray:
    """Return (N, 4) boxes xywh as xyxy."""
    return np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]])
