"""The score from which boxes count, chosen by what it reaches. Labels are taken together."""

from dataclasses import dataclass

import numpy as np

from curation.core.errors import SpecError
from curation.core.types import FloatArray, IntArray
from evaluation.core.metrics.box_parts import judgements_of
from evaluation.core.metrics.contract import BoxPart


@dataclass(frozen=True)
class _Points:
    """What each score, falling and each once, makes of a part: (N,)."""

    score: FloatArray
    right: IntArray
    boxes: IntArray
    truth: int

    @property
    def precision(self) -> FloatArray:
        return self.right / self.boxes

    @property
    def recall(self) -> FloatArray:
        return self.right / max(self.truth, 1)


def score_reaching(
    part: BoxPart, *, iou: float = 0.5, precision: float | None = None, recall: float | None = None
) -> float:
    """Return the lowest score from which precision is reached, or the highest from which recall is.

    The lowest one loses the fewest objects, the highest one raises the fewest false alarms.
    Raises SpecError naming what can be reached, and where nothing can; ValueError unless one of the two is given."""
    if (precision is None) == (recall is None):
        raise ValueError("score_reaching: give either precision or recall.")
    points = _points(part, iou=iou)
    if not len(points.score):
        raise SpecError("No score can be chosen: the model has no boxes on the frames it is to be chosen on.")
    if precision is not None:
        return _reaching("precision", points.precision, precision, points.score, last=True)
    if not points.truth:
        raise SpecError("No score can be chosen for a recall: the frames it is to be chosen on have no objects.")
    return _reaching("recall", points.recall, recall or 0.0, points.score, last=False)


def best_f1_score(part: BoxPart, *, iou: float = 0.5) -> float | None:
    """Return the score with the best F1, the highest of equals; None where no box is right, or there is no truth."""
    points = _points(part, iou=iou)
    if not points.right.any():
        return None
    f1 = 2 * points.right / (points.boxes + points.truth)
    return float(points.score[int(f1.argmax())])


def _points(part: BoxPart, *, iou: float) -> _Points:
    judged = judgements_of(part, iou=iou, score=-np.inf)
    order = np.argsort(-judged.score, kind="stable")
    score = judged.score[order]
    ends = np.flatnonzero(np.diff(score, append=-np.inf))
    right = np.cumsum(judged.is_right[order], dtype=np.int64)[ends]
    return _Points(score[ends], right, ends + 1, len(judged.truth_image))


def _reaching(name: str, figures: FloatArray, wanted: float, score: FloatArray, *, last: bool) -> float:
    reached = np.flatnonzero(figures >= wanted)
    if not len(reached):
        best = int(figures.argmax())
        raise SpecError(
            f"No score reaches a {name} of {wanted:g}: the best is {figures[best]:.3f}, at score {score[best]:.3g}. "
            "Ask for less, or give a score."
        )
    return float(score[reached[-1 if last else 0]])
