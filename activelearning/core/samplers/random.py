"""Frames at random."""

from dataclasses import dataclass
from typing import ClassVar

from activelearning.core.pool import Pool, Seeds
from activelearning.core.ranking import best_first, chances
from activelearning.core.samplers.contract import Need, Part, Proposal, Reason, nothing
from activelearning.core.samplers.fields import SHARE
from curation.core.params import param


@dataclass(frozen=True)
class Random:
    """Gives every frame the same chance: what a strategy has to beat, and what it did not think of."""

    kind: ClassVar[str] = "random"
    needs: ClassVar[frozenset[Need]] = frozenset()

    share: float = param(1.0, **SHARE)

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        if not len(pool):
            return nothing(pool)
        chance = chances(pool, seed=seed)
        return Proposal(chance, (Part(best_first(chance, chance)),), lambda row, part: Reason("Drawn at random."))
