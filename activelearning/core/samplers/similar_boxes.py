"""Frames with boxes like those that went wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from activelearning.core.box_doubt import entropy
from activelearning.core.likeness import Nearest, nearest_of_each
from activelearning.core.per_frame import best_boxes
from activelearning.core.pool import Pool, Seeds
from activelearning.core.samplers.by_seeds import Match, by_scenario, in_words, rows_of, scenarios_of
from activelearning.core.samplers.contract import Need, Proposal, Reason, nothing
from activelearning.core.samplers.fields import SHARE
from curation.core.params import param
from curation.core.types import FloatArray, IntArray

KINDS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "missed": lambda score: 1.0 - score,
    "false_alarm": lambda score: score,
    "low_confidence": entropy,
}
"""How much a box like a seed of each kind is worth by its score: an object that the model hardly sees is missed again,
a box that it believes in is a false alarm again."""


@dataclass(frozen=True)
class SimilarBoxes:
    """Finds frames with boxes that look like missed objects, false alarms and doubtful boxes of the scenarios.

    A frame counts as its best box: similarity * (1 - doubt + doubt * worth), where worth is 1 - score beside a missed
    object, score beside a false alarm, and the score's entropy beside a doubtful box."""

    kind: ClassVar[str] = "similar_boxes"
    needs: ClassVar[frozenset[Need]] = frozenset({"boxes", "box_vectors", "seeds"})

    share: float = param(1.0, **SHARE)
    kinds: list[str] = param(list(KINDS), help="Seeds to go by: missed, false_alarm, low_confidence.")
    doubt: float = param(0.5, help="How much the box's score counts: 0 is likeness alone.", minimum=0, maximum=1)
    least_similarity: float = param(0.3, help="Boxes less like any seed are not wanted.", minimum=0, maximum=1)
    fade: float = param(
        0.8, help="How much each further frame for the same seed counts of the one before it.", minimum=0, maximum=1
    )
    floor: float = param(0.05, help="Boxes below this score do not count.", minimum=0, maximum=1)

    def __post_init__(self) -> None:
        if not self.kinds or (unknown := [kind for kind in self.kinds if kind not in KINDS]):
            said = repr(unknown[0]) if self.kinds else "empty"
            raise ValueError(f"kinds is {said}; seeds are of the kinds {', '.join(KINDS)}.")

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        counts = np.flatnonzero(pool.boxes.score >= self.floor)
        if not len(seeds) or not len(counts):
            return nothing(pool)
        if not len(seeds.box_vectors) or not len(pool.boxes.vectors):
            return nothing(pool, "similar_boxes: the boxes have no vectors, so there is nothing to compare.")
        groups = [(scenario, kind) for scenario in scenarios_of(seeds) for kind in dict.fromkeys(self.kinds)]
        rows = [rows_of(seeds, scenario=scenario, kind=kind) for scenario, kind in groups]
        all_count = len(counts) == len(pool.boxes)
        vectors = pool.boxes.vectors if all_count else pool.boxes.vectors[counts]
        nearest = dict(zip(groups, nearest_of_each(vectors, seeds.box_vectors, rows), strict=True))
        matches = [
            self._match(pool, counts, scenario, {k: found for (s, k), found in nearest.items() if s == scenario})
            for scenario in scenarios_of(seeds)
        ]

        def tell(box: int, seed_row: int, similarity: float) -> Reason:
            label, score = pool.labels[pool.boxes.label[box]], pool.boxes.score[box]
            return Reason(
                f"Its {label} at score {score:.2f} looks like {in_words(seeds, seed_row)}.",
                scenario=seeds.scenario[seed_row],
                seed=int(seeds.ids[seed_row]),
                similarity=similarity,
                box=pool.boxes.corners(box),
            )

        return by_scenario(pool, matches, tell, fade=self.fade, seed=seed)

    def _match(self, pool: Pool, counts: IntArray, scenario: str, nearest: dict[str, Nearest]) -> Match:
        """Take of each box the kind for which it is wanted most, and of each frame the box."""
        frame, score = pool.boxes.frame[counts], pool.boxes.score[counts]
        want, similarity, seed = np.zeros(len(counts)), np.zeros(len(counts), np.float32), np.zeros(len(counts), int)
        for kind, (alike, where) in nearest.items():
            worth = 1.0 - self.doubt + self.doubt * KINDS[kind](score)
            weighed = np.where(alike >= self.least_similarity, alike * worth, 0.0)
            is_more = weighed > want
            want[is_more], similarity[is_more], seed[is_more] = weighed[is_more], alike[is_more], where[is_more]
        best = best_boxes(frame, want)
        best = best[want[best] > 0]
        return Match(scenario, frame[best], want[best], similarity[best], seed[best], counts[best])
