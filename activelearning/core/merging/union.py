"""What any annotator drew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from activelearning.core.given_answer import GivenAnswer
from activelearning.core.merging.contract import Merged
from activelearning.core.merging.objects import objects_of
from activelearning.core.merging.voting import voted_tags
from curation.core.params import param


@dataclass(frozen=True)
class Union:
    """An object counts if any annotator drew it; where several did, each corner is their median."""

    kind: ClassVar[str] = "union"
    iou: float = param(0.5, help="Boxes of two annotators that overlap so far are one object.", minimum=0, maximum=1)

    def merge(self, answers: Sequence[GivenAnswer]) -> Merged:
        found = objects_of(answers, least_iou=self.iou)
        return Merged(tuple(one.merged(answers) for one in found), *voted_tags(answers))
