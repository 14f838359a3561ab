"""Frames with boxes of which the model knows least."""

from dataclasses import dataclass
from typing import ClassVar

from activelearning.core.box_doubt import entropy
from activelearning.core.per_frame import Over
from activelearning.core.pool import Pool, Seeds
from activelearning.core.samplers.contract import Need, Proposal
from activelearning.core.samplers.doubtful import by_doubt
from activelearning.core.samplers.fields import FLOOR, OVER, SHARE
from curation.core.params import param


@dataclass(frozen=True)
class Entropy:
    """Finds frames with boxes that may as well be there as not: the entropy of each box's score."""

    kind: ClassVar[str] = "entropy"
    needs: ClassVar[frozenset[Need]] = frozenset({"boxes"})

    share: float = param(1.0, **SHARE)
    over: Over = param("max", **OVER)
    floor: float = param(0.1, **FLOOR)

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        return by_doubt(pool, measure="Entropy", doubt_of=entropy, floor=self.floor, over=self.over, seed=seed)
