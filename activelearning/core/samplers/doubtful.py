"""Frames by how unsure a model is of their boxes: what `least_confidence`, `margin` and `entropy` share."""

from collections.abc import Callable

import numpy as np

from activelearning.core.per_frame import Over, best_boxes, over_boxes
from activelearning.core.pool import Pool
from activelearning.core.ranking import best_first, chances
from activelearning.core.samplers.contract import Part, Proposal, Reason, nothing
from curation.core.types import FloatArray


def by_doubt(
    pool: Pool, *, measure: str, doubt_of: Callable[[FloatArray], FloatArray], floor: float, over: Over, seed: int
) -> Proposal:
    """Want frames by the doubt of their boxes, which is 0 to 1 each. Boxes below the floor are background."""
    counts = np.flatnonzero(pool.boxes.score >= floor)
    frame, score = pool.boxes.frame[counts], pool.boxes.score[counts]
    if not len(counts):
        return nothing(pool)
    doubt = doubt_of(score)
    found = over_boxes(frame, doubt, frames=len(pool), over=over)
    most = np.full(len(pool), -1)
    best = best_boxes(frame, doubt)
    most[frame[best]] = counts[best]
    boxes_of = np.bincount(frame, minlength=len(pool))

    def why(row: int, part: int) -> Reason:
        box = int(most[row])
        label, of = pool.labels[pool.boxes.label[box]], pool.boxes.score[box]
        where = f"{label} at score {of:.2f}"
        one = f"{measure} {found[row]:.2f}: {where}."
        many = f"{measure} {found[row]:.2f}, {over} over {boxes_of[row]} boxes; the most doubtful is a {where}."
        return Reason(one if over == "max" or boxes_of[row] == 1 else many, box=pool.boxes.corners(box))

    # A sum has no upper end; this keeps its order.
    wanted = found / (1 + found) if over == "sum" else found
    return Proposal(wanted, (Part(best_first(wanted, chances(pool, seed=seed))),), why)
