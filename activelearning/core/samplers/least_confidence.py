"""Frames with boxes that the model hardly believes in."""

from dataclasses import dataclass
from typing import ClassVar

from activelearning.core.box_doubt import least_confidence
from activelearning.core.per_frame import Over
from activelearning.core.pool import Pool, Seeds
from activelearning.core.samplers.contract import Need, Proposal
from activelearning.core.samplers.doubtful import by_doubt
from activelearning.core.samplers.fields import FLOOR, OVER, SHARE
from curation.core.params import param


@dataclass(frozen=True)
class LeastConfidence:
    """Finds frames with boxes of low score: 1 - score of each box."""

    kind: ClassVar[str] = "least_confidence"
    needs: ClassVar[frozenset[Need]] = frozenset({"boxes"})

    share: float = param(1.0, **SHARE)
    over: Over = param("max", **OVER)
    floor: float = param(0.1, **FLOOR)

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        return by_doubt(
            pool, measure="Least confidence", doubt_of=least_confidence, floor=self.floor, over=self.over, seed=seed
        )
