"""What became of each detection and each truth at an operating point."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, IntArray
from evaluation.core.explaining import overlap_of
from evaluation.core.metrics.contract import BoxPart

Boxes = NDArray[np.float64]


@dataclass(frozen=True)
class Fates:
    """By COCO's rules, over all labels of a part's images.

    `order` are the detections that count at all, image by image, best score first. `truth_of` (D,) is the truth that a
    detection was matched with, -1 for none; `is_ignored` (D,) those that are neither right nor wrong; `truth_ignored`
    (T,) likewise."""

    order: IntArray
    truth_of: IntArray
    is_ignored: BoolArray
    truth_ignored: BoolArray


def fates(part: BoxPart, *, score: float, iou: float, max_detections: int = 100) -> Fates:
    """Match the detections of a part's images that reach a score, best score first, by COCO's rules.

    Source: COCOeval.evaluateImg of pycocotools."""
    truths, found = part.evidence.truths, part.evidence.found
    low, high = part.area_px2
    truth_ignored = truths.is_ignored | truths.is_crowd | (truths.area_px2 < low) | (truths.area_px2 > high)
    rows = np.flatnonzero(part.images[found.image] & (found.score >= score))
    rows = rows[np.lexsort((rows, -found.score[rows], found.image[rows]))]
    starts = np.searchsorted(truths.image, np.arange(part.evidence.image_count + 1))
    counted, truth_of = _match(
        rows, found.image, found.label, np.asarray(found.xywh, np.float64), starts, truths.label,
        np.asarray(truths.xywh, np.float64), truths.is_crowd, truth_ignored,
        min(iou, 1 - 1e-10), max_detections, len(part.evidence.labels),
    )  # fmt: skip
    area = found.xywh[:, 2] * found.xywh[:, 3]
    alone = truth_of < 0
    is_ignored = np.where(alone, (area < low) | (area > high), False)
    is_ignored[~alone] = truth_ignored[truth_of[~alone]]
    return Fates(rows[counted], truth_of, is_ignored, truth_ignored)


def labels_asked(part: BoxPart) -> BoolArray:
    """Return (L,) which of the evidence's labels a part is about."""
    return np.array([not part.labels or name in part.labels for name in part.evidence.labels], np.bool_)


@numba.njit(nogil=True, cache=True)
def _match(
    rows: IntArray, image: IntArray, label: IntArray, boxes: Boxes, starts: IntArray, truth_label: IntArray,
    truth_boxes: Boxes, is_crowd: BoolArray, ignored: BoolArray, iou: float, most: int, label_count: int,
) -> tuple[BoolArray, IntArray]:  # fmt: skip
    truth_of = np.full(len(image), -1, np.int64)
    counted = np.ones(len(rows), np.bool_)
    used = np.zeros(len(truth_label), np.bool_)
    seen = np.zeros(label_count, np.int64)
    last = -1
    for at in range(len(rows)):
        d = rows[at]
        if image[d] != last:
            seen[:] = 0
            last = image[d]
        seen[label[d]] += 1
        if seen[label[d]] > most:
            counted[at] = False
            continue
        best, match = iou, -1
        for t in range(starts[image[d]], starts[image[d] + 1]):
            if truth_label[t] != label[d] or (used[t] and not is_crowd[t]):
                continue
            if match >= 0 and ignored[t] and not ignored[match]:
                continue
            overlap = overlap_of(boxes[d], truth_boxes[t], is_crowd[t])
            # A truth that counts goes before one that does not, however much it overlaps.
            if overlap >= best or (match >= 0 and ignored[match] and not ignored[t] and overlap >= iou):
                best, match = overlap, t
        if match >= 0:
            used[match] = True
            truth_of[d] = match
    return counted, truth_of
