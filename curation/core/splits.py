"""Train, validation and test: drawn by group, so that neighbours never stand on both sides."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from curation.core.params import param

GroupBy: TypeAlias = Literal["video", "camera", "day", "block", "frame"]


@dataclass(frozen=True)
class SplitSpec:
    """Shares of the splits; they must add up to 1. What is 0 is left out."""

    by: GroupBy = param("video", help="What never stands on both sides: video, camera, day, block (a minute), frame.")
    train: float = param(0.8, help="Share for training.", minimum=0, maximum=1)
    val: float = param(0.1, help="Share for validation.", minimum=0, maximum=1)
    test: float = param(0.1, help="Share for testing.", minimum=0, maximum=1)

    def __post_init__(self) -> None:
        if abs(self.train + self.val + self.test - 1) > 1e-6:
            raise ValueError(f"the shares add up to {self.train + self.val + self.test:g}; they must add up to 1.")
