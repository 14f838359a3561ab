"""How far annotators agree on a frame."""

from collections.abc import Sequence
from itertools import combinations

from activelearning.core.box_pairs import pair_up
from activelearning.core.given_answer import GivenAnswer, GivenBox


def agreement(answers: Sequence[GivenAnswer]) -> float | None:
    """Return the mean over all pairs of annotators of how far they agree, 0 to 1; None where there is one or none.

    Skips say nothing, and of each annotator the last answer counts."""
    last = {one.annotator: one for one in answers if not one.is_skip}
    pairs = list(combinations(last.values(), 2))
    if not pairs:
        return None
    return sum(_of_two(one.boxes, other.boxes) for one, other in pairs) / len(pairs)


def _of_two(boxes: Sequence[GivenBox], others: Sequence[GivenBox]) -> float:
    """Return twice the IoU of the matched boxes over all boxes: what only one of them drew counts 0.

    Two who say that there is nothing agree."""
    count = len(boxes) + len(others)
    return 2 * sum(iou for *_, iou in pair_up(boxes, others)) / count if count else 1.0
