"""Which boxes of two lists are the same objects."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from activelearning.core.given_answer import Corners, GivenBox

SAME_LABEL_BONUS = 1e-3
"""Of two boxes that overlap one alike, the one of its label is its counterpart."""


def iou_table(boxes: Sequence[Corners], others: Sequence[Corners]) -> NDArray[np.float64]:
    """Return the (N, M) IoU of all pairs of boxes `xyxy` of positive area; N and M may be 0."""
    one = np.asarray(boxes, np.float64).reshape(-1, 1, 4)
    two = np.asarray(others, np.float64).reshape(1, -1, 4)
    sides = np.minimum(one[..., 2:], two[..., 2:]) - np.maximum(one[..., :2], two[..., :2])
    shared = sides.clip(0).prod(-1)
    areas = (one[..., 2:] - one[..., :2]).prod(-1) + (two[..., 2:] - two[..., :2]).prod(-1)
    together: NDArray[np.float64] = areas - shared
    iou: NDArray[np.float64] = np.divide(shared, together, out=np.zeros_like(together), where=together > 0)
    return iou


def pair_up(
    boxes: Sequence[GivenBox], others: Sequence[GivenBox], *, least_iou: float = 0.0, same_label: bool = True
) -> list[tuple[int, int, float]]:
    """Pair boxes one to one so that their IoU is the most in sum (Hungarian matching); returns (row, row, IoU).

    Pairs overlap, by `least_iou` at least. With `same_label` only boxes of one label are paired; without, those of one
    label come first where overlaps are alike."""
    if not boxes or not others:
        return []
    iou = iou_table([one.box for one in boxes], [one.box for one in others])
    alike = np.array([[one.label == other.label for other in others] for one in boxes])
    allowed = (iou > 0) & (iou >= least_iou) & (alike if same_label else True)
    worth = np.where(allowed, iou + SAME_LABEL_BONUS * alike, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(int(a), int(b), float(iou[a, b])) for a, b in zip(rows, columns, strict=True) if allowed[a, b]]
