"""The first answer counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from activelearning.core.given_answer import GivenAnswer
from activelearning.core.merging.contract import Merged
from activelearning.core.merging.one_answer import taken


@dataclass(frozen=True)
class First:
    """The first answer that is no skip counts alone: later ones are only compared with it."""

    kind: ClassVar[str] = "first"

    def merge(self, answers: Sequence[GivenAnswer]) -> Merged:
        return taken(answers, 0) if answers else Merged()
