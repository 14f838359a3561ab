"""The newest answer counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from activelearning.core.given_answer import GivenAnswer
from activelearning.core.merging.contract import Merged
from activelearning.core.merging.one_answer import taken


@dataclass(frozen=True)
class Newest:
    """The newest answer that is no skip counts alone: who looks again knows better."""

    kind: ClassVar[str] = "newest"

    def merge(self, answers: Sequence[GivenAnswer]) -> Merged:
        return taken(answers, len(answers) - 1) if answers else Merged()
