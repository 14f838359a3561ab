"""Precision, recall and F1 at an operating point: a score from which boxes count. Labels are taken together."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.types import FloatArray
from evaluation.core.metrics.box_parts import judgements_of, part_of, per_group, support_of, usable_score
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights
from evaluation.core.metrics.event_parts import ratio


@dataclass(frozen=True)
class _AtScore:
    """What the three share: their parameters, and what they stand on."""

    name: ClassVar[str]
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    score: float | None = param(
        None, help="Score from which boxes count; none: the operating point.", minimum=0, maximum=1
    )
    iou: float = param(0.5, help="Least overlap with the truth that is right.", minimum=0.05, maximum=1)

    @property
    def title(self) -> str:
        at = "" if self.score is None else f", score {self.score:.3g}"
        return f"{self.name} at IoU {self.iou:g}{at}"

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(part_of(part))


@dataclass(frozen=True)
class Precision(_AtScore):
    """The share of boxes from a score on that are right."""

    kind: ClassVar[str] = "precision"
    name: ClassVar[str] = "precision"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there are no boxes."""
        right, false, _ = _counts(part_of(part), self.iou, self.score)
        return ratio(weights, right, right + false)

    def support(self, part: BoxPart | EventPart) -> Support:
        """Count the groups that have boxes: only those say anything about precision."""
        part = part_of(part)
        return support_of(part, judgements_of(part, iou=self.iou, score=self.score or 0.0).group)


@dataclass(frozen=True)
class Recall(_AtScore):
    """The share of the truth that boxes from a score on find."""

    kind: ClassVar[str] = "recall"
    name: ClassVar[str] = "recall"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there is no truth."""
        right, _, truth = _counts(part_of(part), self.iou, self.score)
        return ratio(weights, right, truth)


@dataclass(frozen=True)
class F1(_AtScore):
    """The harmonic mean of precision and recall of boxes from a score on."""

    kind: ClassVar[str] = "f1"
    name: ClassVar[str] = "F1"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there are no boxes and no truth."""
        right, false, truth = _counts(part_of(part), self.iou, self.score)
        return ratio(weights, 2 * right, right + false + truth)


def _counts(part: BoxPart, iou: float, score: float | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Count by group what is right, what is false, and what is to be found: (G,) each."""
    judged = judgements_of(part, iou=iou, score=usable_score(score))
    return (
        per_group(part, judged.group[judged.is_right]),
        per_group(part, judged.group[~judged.is_right]),
        per_group(part, judged.truth_group),
    )
