"""What more than half of the annotators drew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from activelearning.core.given_answer import GivenAnswer
from activelearning.core.merging.contract import Merged
from activelearning.core.merging.objects import newest_of_each, objects_of
from activelearning.core.merging.voting import voted_tags
from curation.core.params import param


@dataclass(frozen=True)
class Majority:
    """An object counts if more than half of the annotators drew it with its label; each corner is their median."""

    kind: ClassVar[str] = "majority"
    iou: float = param(0.5, help="Boxes of two annotators that overlap so far are one object.", minimum=0, maximum=1)

    def merge(self, answers: Sequence[GivenAnswer]) -> Merged:
        count = len(newest_of_each(answers))
        kept = [one for one in objects_of(answers, least_iou=self.iou) if 2 * len(one.drawn) > count]
        return Merged(tuple(one.merged(answers) for one in kept), *voted_tags(answers))
