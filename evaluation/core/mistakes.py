"""What went wrong in a part of the evidence, box by box: what a search for more of the same starts from."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from curation.core.types import BoolArray, FloatArray
from evaluation.core.error_kinds import PartErrors
from evaluation.core.explaining import FOUND
from evaluation.core.metrics.contract import BoxPart

MistakeKind: TypeAlias = Literal["missed", "false_alarm", "low_confidence"]
UNSURE = 0.2
"""A right box is unsure if its score is less than this above the score from which boxes count."""


@dataclass(frozen=True)
class Mistake:
    """A box, `xyxy` in pixels, in an image of the evidence. score is the model's; None of what it missed."""

    kind: MistakeKind
    image: int
    label: str
    xyxy: tuple[float, float, float, float]
    score: float | None = None


def mistakes_of(part: BoxPart, errors: PartErrors, *, unsure: float = UNSURE) -> list[Mistake]:
    """List every object that was missed, then every false box, then every right one that is unsure; each by image.

    Missed is what no box found, also where one of another class or a bad one was near. False is every box that counts
    and is not right, whatever its kind of error. Unsure is a right box that scores less than `unsure` above the score
    from which boxes count."""
    truths, found = part.evidence.truths, part.evidence.found
    missed = [
        Mistake("missed", int(truths.image[row]), part.evidence.labels[truths.label[row]], _xyxy(truths.xywh[row]))
        for row in np.flatnonzero(errors.is_lost)
    ]
    is_unsure = (errors.found == FOUND) & (found.score < errors.score + unsure)
    kinds: tuple[tuple[MistakeKind, BoolArray], ...] = (
        ("false_alarm", errors.is_false),
        ("low_confidence", is_unsure),
    )
    seen = [
        Mistake(
            kind,
            int(found.image[row]),
            part.evidence.labels[found.label[row]],
            _xyxy(found.xywh[row]),
            float(found.score[row]),
        )
        for kind, those in kinds
        for row in np.flatnonzero(those)
    ]
    return [*missed, *seen]


def _xyxy(xywh: FloatArray) -> tuple[float, float, float, float]:
    x, y, width, height = map(float, xywh)
    return x, y, x + width, y + height
