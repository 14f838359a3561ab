"""Which boxes of an image overlap: all pairs at once, compiled."""

import numba
import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.explaining import overlap_of

Pairs = tuple[IntArray, IntArray, NDArray[np.float64]]
"""(P,) rows of one, (P,) rows of the other, (P,) IoU."""


def overlapping(
    image: IntArray, xywh: FloatArray, other_image: IntArray, other: FloatArray, *,
    least_iou: float, is_crowd: BoolArray | None = None,
) -> Pairs:  # fmt: skip
    """Find all pairs of (N,) and (M,) boxes of the same image whose IoU is at least that (above 0).

    other_image rises. Where an other box is a crowd, the overlap is the share of the first that lies in it. Sorted by
    the first, then the other. N and M may be 0."""
    crowd = np.zeros(len(other_image), np.bool_) if is_crowd is None else is_crowd
    first = np.searchsorted(other_image, image, side="left")
    last = np.searchsorted(other_image, image, side="right")
    boxes, others = np.asarray(xywh, np.float64), np.asarray(other, np.float64)
    count = _pairs(boxes, first, last, others, crowd, least_iou, np.empty(0, np.int64), _NONE, _NO_IOU)
    one, two, iou = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.float64)
    _pairs(boxes, first, last, others, crowd, least_iou, one, two, iou)
    return one, two, iou


_NONE = np.empty(0, np.int64)
_NO_IOU = np.empty(0, np.float64)


@numba.njit(nogil=True, cache=True)
def _pairs(
    boxes: FloatArray, first: IntArray, last: IntArray, others: FloatArray, is_crowd: BoolArray, least: float,
    one: IntArray, two: IntArray, iou: FloatArray,
) -> int:  # fmt: skip
    """Count pairs; write them down too where there is room."""
    count = 0
    for a in range(len(boxes)):
        for b in range(first[a], last[a]):
            overlap = overlap_of(boxes[a], others[b], is_crowd[b])
            if overlap > 0 and overlap >= least:
                if len(one):
                    one[count], two[count], iou[count] = a, b, overlap
                count += 1
    return count


@numba.njit(nogil=True, cache=True)
def gather(image: IntArray, label: IntArray, boxes: FloatArray, least: float) -> IntArray:
    """Give each of (N,) boxes the first one before it that has its image and label and overlaps it, or itself.

    Rows are sorted by image; the first of those that belong together leads."""
    leader = np.full(len(image), -1, np.int64)
    for a in range(len(image)):
        if leader[a] >= 0:
            continue
        leader[a] = a
        b = a + 1
        while b < len(image) and image[b] == image[a]:
            if leader[b] < 0 and label[b] == label[a] and overlap_of(boxes[a], boxes[b], False) >= least:
                leader[b] = a
            b += 1
    return leader
