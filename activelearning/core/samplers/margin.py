"""Frames with boxes that a little less, or more, would tip."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from activelearning.core.box_doubt import margin
from activelearning.core.per_frame import Over
from activelearning.core.pool import Pool, Seeds
from activelearning.core.samplers.contract import Need, Proposal
from activelearning.core.samplers.doubtful import by_doubt
from activelearning.core.samplers.fields import FLOOR, OVER, SHARE
from curation.core.params import param


@dataclass(frozen=True)
class Margin:
    """Finds frames with boxes near the score from which on they count."""

    kind: ClassVar[str] = "margin"
    needs: ClassVar[frozenset[Need]] = frozenset({"boxes"})

    share: float = param(1.0, **SHARE)
    over: Over = param("max", **OVER)
    threshold: float = param(0.5, help="The score from which on a box counts in use.", minimum=0.001, maximum=0.999)
    floor: float = param(0.1, **FLOOR)

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        return by_doubt(
            pool,
            measure="Margin",
            doubt_of=partial(margin, threshold=self.threshold),
            floor=self.floor,
            over=self.over,
            seed=seed,
        )
