"""What a false detection nearly was: the loops behind error kinds, compiled."""

import numba
import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, IntArray

Boxes = NDArray[np.float64]
Codes = NDArray[np.int8]

OUTSIDE, FOUND, IGNORED, CLASS, LOCALISATION, BOTH, DUPLICATE, BACKGROUND, MISSED = range(9)
LEAST_IOU = 0.1
"""TIDE's background threshold: what overlaps nothing by that much was seen where nothing is."""


@numba.njit(nogil=True, cache=True)
def explain(
    false: IntArray, image: IntArray, label: IntArray, boxes: Boxes,
    truth_start: IntArray, truth_label: IntArray, truth_boxes: Boxes, counts: BoolArray,
    iou: float,
) -> tuple[Codes, IntArray]:  # fmt: skip
    """Give (F,) kinds of false detections, and the (F,) truths that each nearly was, -1 for the background.

    `false` are rows of detections; `truth_start` (I + 1,) says where each image's truths begin; `counts` (T,) which
    truths may explain anything (crowds and what is left out do not). In TIDE's order: localisation, class, duplicate,
    background, both."""
    kinds = np.full(len(false), BACKGROUND, np.int8)
    nearest = np.full(len(false), -1, np.int64)
    for row in range(len(false)):
        d = false[row]
        own, own_iou, other, other_iou = -1, 0.0, -1, 0.0
        for t in range(truth_start[image[d]], truth_start[image[d] + 1]):
            if not counts[t]:
                continue
            overlap = overlap_of(boxes[d], truth_boxes[t], False)
            if truth_label[t] == label[d]:
                if overlap > own_iou:
                    own, own_iou = t, overlap
            elif overlap > other_iou:
                other, other_iou = t, overlap
        if LEAST_IOU <= own_iou < iou:
            kinds[row], nearest[row] = LOCALISATION, own
        elif other_iou >= iou:
            kinds[row], nearest[row] = CLASS, other
        elif own_iou >= iou:
            kinds[row], nearest[row] = DUPLICATE, own
        elif other_iou >= LEAST_IOU:
            kinds[row], nearest[row] = BOTH, other
    return kinds, nearest


@numba.njit(nogil=True, cache=True)
def claim(rows: IntArray, nearest: IntArray, missed: BoolArray, found_of: IntArray) -> None:
    """Give each missed truth to the first of the detections that took it for another class: `found_of` is filled in.

    `rows` are detections, best score first; `nearest` is theirs."""
    for row in range(len(rows)):
        t = nearest[row]
        if missed[t] and found_of[t] < 0:
            found_of[t] = rows[row]


@numba.njit(nogil=True, cache=True)
def overlap_of(box: NDArray[np.float64], truth: NDArray[np.float64], is_crowd: bool) -> float:
    """IoU of two boxes xywh, as pycocotools sums it up; of a crowd, the share of the box that lies in it."""
    width = min(box[0] + box[2], truth[0] + truth[2]) - max(box[0], truth[0])
    height = min(box[1] + box[3], truth[1] + truth[3]) - max(box[1], truth[1])
    if width <= 0 or height <= 0:
        return 0.0
    both, area = width * height, box[2] * box[3]
    return float(both / (area if is_crowd else area + truth[2] * truth[3] - both))
