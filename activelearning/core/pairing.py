"""Which boxes of two models, or of two moments, are the same object."""

import numpy as np
from numpy.typing import NDArray

from curation.core.types import FloatArray, IntArray

Pairs = tuple[IntArray, IntArray, NDArray[np.float64]]
"""(P,) rows of one, (P,) rows of the other, (P,) IoU."""


def overlaps(key: IntArray, xyxy: FloatArray, other_key: IntArray, other: FloatArray, *, least_iou: float) -> Pairs:
    """Find all pairs of (N,) and (M,) boxes of one key, such as a frame and a label, whose IoU is at least that.

    Keys come in any order; N and M may be 0. least_iou is above 0."""
    from evaluation.core.overlaps import overlapping  # numba takes a second to load

    order = np.argsort(other_key, kind="stable")
    one, two, iou = overlapping(key, _xywh(xyxy), other_key[order], _xywh(other[order]), least_iou=least_iou)
    return one, order[two], iou


def one_to_one(pairs: Pairs) -> Pairs:
    """Keep pairs so that each box is in one at most: greedily, the highest IoU first, then the lower rows.

    Returned by falling IoU."""
    one, two, iou = pairs
    order = np.lexsort((two, one, -iou))
    one, two = _numbers(one[order]), _numbers(two[order])
    is_kept, is_free_one, is_free_two = np.zeros(len(one), bool), np.ones(len(one), bool), np.ones(len(one), bool)
    left = np.arange(len(order))
    while len(left):
        # A pair that is the first of both its boxes is one that the greedy walk takes.
        first = left[_is_first(one[left]) & _is_first(two[left])]
        is_kept[first] = True
        is_free_one[one[first]], is_free_two[two[first]] = False, False
        left = left[is_free_one[one[left]] & is_free_two[two[left]]]
    kept = order[is_kept]
    return pairs[0][kept], pairs[1][kept], iou[kept]


def enlarged(xyxy: FloatArray, *, by: float) -> FloatArray:
    """Widen (N, 4) boxes on each side by so many times their width and height.

    So boxes that are near each other for their size overlap too: a tracker's "buffered IoU".
    Source: Yang et al., "Hard to track objects with irregular motions and similar appearances? Make it easier by
    buffering the matching space", WACV 2023."""
    side = by * (xyxy[:, 2:] - xyxy[:, :2])
    return np.hstack([xyxy[:, :2] - side, xyxy[:, 2:] + side])


def _is_first(keys: IntArray) -> NDArray[np.bool_]:
    """Tell for each of (K,) keys whether it is the first of its kind."""
    first = np.full(int(keys.max(initial=-1)) + 1, -1)
    first[keys[::-1]] = np.arange(len(keys))[::-1]  # of several writes the last one stays
    is_first: NDArray[np.bool_] = first[keys] == np.arange(len(keys))
    return is_first


def _numbers(rows: IntArray) -> IntArray:
    return np.unique(rows, return_inverse=True)[1]


def _xywh(xyxy: FloatArray) -> NDArray[np.float64]:
    return np.hstack([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]]).astype(np.float64)
