"""Frames that look like those in which something went wrong."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from activelearning.core.likeness import Sought
from activelearning.core.pool import Pool, Seeds
from activelearning.core.samplers.by_seeds import Match, by_scenario, in_words, rows_of, scenarios_of
from activelearning.core.samplers.contract import Need, Proposal, Reason, nothing
from activelearning.core.samplers.fields import SHARE
from curation.core.params import param


@dataclass(frozen=True)
class SimilarFrames:
    """Finds frames that as a whole look like frames of the test in which something went wrong.

    It needs no box in the frame, so it reaches objects that the model does not see at all."""

    kind: ClassVar[str] = "similar_frames"
    needs: ClassVar[frozenset[Need]] = frozenset({"frame_vectors", "seeds"})

    share: float = param(1.0, **SHARE)
    least_similarity: float = param(0.3, help="Frames less like any seed's are not wanted.", minimum=0, maximum=1)
    fade: float = param(
        0.8, help="How much each further frame for the same seed counts of the one before it.", minimum=0, maximum=1
    )

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        if not len(seeds) or not len(pool):
            return nothing(pool)
        if not len(seeds.frame_vectors) or not len(pool.vectors):
            return nothing(pool, "similar_frames: the frames have no vectors, so there is nothing to compare.")
        names = scenarios_of(seeds)
        sought = Sought(seeds.frame_vectors, [rows_of(seeds, scenario=name) for name in names])
        matches = []
        for name, (alike, where) in zip(names, sought.nearest(pool.vectors, np.arange(len(pool))), strict=True):
            found = np.flatnonzero((alike > 0) & (alike >= self.least_similarity))
            matches.append(Match(name, found, alike[found], alike[found], where[found], np.full(len(found), -1)))

        def tell(box: int, seed_row: int, similarity: float) -> Reason:
            return Reason(
                f"The frame looks like one with {in_words(seeds, seed_row)}.",
                scenario=seeds.scenario[seed_row],
                seed=int(seeds.ids[seed_row]),
                similarity=similarity,
            )

        return by_scenario(pool, matches, tell, fade=self.fade, seed=seed)
