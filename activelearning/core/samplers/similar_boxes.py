"""Frames with boxes like those that went wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from activelearning.core.box_doubt import entropy
from activelearning.core.likeness import ROWS, Sought
from activelearning.core.per_frame import best_boxes, whole_frames
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
        matches = self._matches(pool, seeds, counts)

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

    def _matches(self, pool: Pool, seeds: Seeds, counts: IntArray) -> list[Match]:
        """Find for each scenario the box of each frame that is wanted most, of the boxes that count."""
        kinds, scenarios = list(dict.fromkeys(self.kinds)), scenarios_of(seeds)
        groups = [[rows_of(seeds, scenario=scenario, kind=kind) for kind in kinds] for scenario in scenarios]
        everything = Sought(seeds.box_vectors, [group for of_scenario in groups for group in of_scenario])
        frame, worth = pool.boxes.frame[counts], self._worth(pool.boxes.score[counts], kinds)
        best: list[list[IntArray]] = [[np.zeros(0, np.int64)] for _ in scenarios]
        for some in whole_frames(frame, boxes=ROWS):
            alike = everything.highest(pool.boxes.vectors[counts[some]]).reshape(len(scenarios), len(kinds), -1)
            want = self._want(alike, worth[:, some]).max(axis=1)
            for place, of_scenario in enumerate(want):
                top = best_boxes(frame[some], of_scenario)
                best[place].append(some.start + top[of_scenario[top] > 0])
        return [
            self._match(
                pool, counts, np.concatenate(best[place]), scenario, Sought(seeds.box_vectors, groups[place]), worth
            )
            for place, scenario in enumerate(scenarios)
        ]

    def _match(
        self, pool: Pool, counts: IntArray, best: IntArray, scenario: str, sought: Sought, worth: FloatArray
    ) -> Match:
        """Say for which seed the best boxes are wanted: of the kind for which they are wanted most."""
        boxes = counts[best]
        nearest = sought.nearest(pool.boxes.vectors, boxes)
        alike, where = np.stack([alike for alike, _ in nearest]), np.stack([where for _, where in nearest])
        want = self._want(alike, worth[:, best])
        of = want.argmax(axis=0), np.arange(len(best))
        return Match(scenario, pool.boxes.frame[boxes], want[of], alike[of], where[of], boxes)

    def _worth(self, score: FloatArray, kinds: list[str]) -> FloatArray:
        """Return what a box is worth beside a seed of each kind: (kinds, M)."""
        worths = [1.0 - self.doubt + self.doubt * KINDS[kind](score) for kind in kinds]
        worth: FloatArray = np.asarray(worths, np.float32)
        return worth

    def _want(self, alike: FloatArray, worth: FloatArray) -> FloatArray:
        want: FloatArray = np.where(alike >= self.least_similarity, alike * worth, np.float32(0))
        return want
