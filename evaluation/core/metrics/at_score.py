"""Precision, recall and F1 at an operating point: a score from which boxes count. Labels are taken together."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.types import FloatArray
from evaluation.core.metrics.box_parts import judgements_of, part_of, per_group, support_of, usable_score
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights
from evaluation.core.metrics.event_parts import ratio


@dataclass(frozen=True)
class Precision:
    """The share of boxes from a score on that are right."""

    kind: ClassVar[str] = "precision"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    score: float | None = param(
        None, help="Score from which boxes count; none: the operating point.", minimum=0, maximum=1
    )
    iou: float = param(0.5, help="Least overlap with the truth that is right.", minimum=0.05, maximum=1)

    @property
    def title(self) -> str:
        return _title("precision", self.iou, self.score)

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there are no boxes."""
        right, false, _ = _counts(part_of(part), self.iou, self.score)
        return ratio(weights, right, right + false)

    def support(self, part: BoxPart | EventPart) -> Support:
        """Count the groups that have boxes: only those say anything about precision."""
        part = part_of(part)
        return support_of(part, judgements_of(part, iou=self.iou, score=self.score or 0.0).group)


@dataclass(frozen=True)
class Recall:
    """The share of the truth that boxes from a score on find."""

    kind: ClassVar[str] = "recall"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    score: float | None = param(
        None, help="Score from which boxes count; none: the operating point.", minimum=0, maximum=1
    )
    iou: float = param(0.5, help="Least overlap with the truth that is right.", minimum=0.05, maximum=1)

    @property
    def title(self) -> str:
        return _title("recall", self.iou, self.score)

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there is no truth."""
        right, _, truth = _counts(part_of(part), self.iou, self.score)
        return ratio(weights, right, truth)

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(part_of(part))


@dataclass(frozen=True)
class F1:
    """The harmonic mean of precision and recall of boxes from a score on."""

    kind: ClassVar[str] = "f1"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    score: float | None = param(
        None, help="Score from which boxes count; none: the operating point.", minimum=0, maximum=1
    )
    iou: float = param(0.5, help="Least overlap with the truth that is right.", minimum=0.05, maximum=1)

    @property
    def title(self) -> str:
        return _title("F1", self.iou, self.score)

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there are no boxes and no truth."""
        right, false, truth = _counts(part_of(part), self.iou, self.score)
        return ratio(weights, 2 * right, right + false + truth)

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(part_of(part))


def _counts(part: BoxPart, iou: float, score: float | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Count by group what is right, what is false, and what is to be found: (G,) each."""
    judged = judgements_of(part, iou=iou, score=usable_score(score))
    return (
        per_group(part, judged.group[judged.is_right]),
        per_group(part, judged.group[~judged.is_right]),
        per_group(part, judged.truth_group),
    )


def _title(name: str, iou: float, score: float | None) -> str:
    at = "" if score is None else f", score {score:.3g}"
    return f"{name} at IoU {iou:g}{at}"
