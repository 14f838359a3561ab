"""Frames by what they have in common with seeds: what `similar_boxes` and `similar_frames` share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from activelearning.core.pool import Pool, Seeds
from activelearning.core.ranking import chances, in_turn
from activelearning.core.samplers.contract import Part, Proposal, Reason
from curation.core.types import FloatArray, IntArray


@dataclass(frozen=True)
class Match:
    """(K,) frames that are like seeds of a scenario, by rising row: how much each is wanted, and for which seed."""

    scenario: str
    rows: IntArray
    want: FloatArray
    """0 to 1."""
    similarity: FloatArray
    seed: IntArray
    """Rows of the seeds."""
    box: IntArray
    """The box of the pool that is like the seed; -1 where the whole frame is."""


def by_scenario(
    pool: Pool, matches: Sequence[Match], tell: Callable[[int, int, float], Reason], *, fade: float, seed: int
) -> Proposal:
    """Make each scenario a part, in which seeds take turns. tell(box, seed's row, similarity) gives a reason."""
    score = np.full(len(pool), np.nan)
    chance = chances(pool, seed=seed)
    parts = []
    for match in matches:
        score[match.rows] = np.fmax(score[match.rows], match.want)
        order = np.lexsort((chance[match.rows], -match.want))
        turns = in_turn(match.rows[order], match.seed[order], match.want[order], fade=fade)
        parts.append(Part(turns, name=match.scenario))

    def why(row: int, part: int) -> Reason:
        match = matches[part]
        at = int(np.searchsorted(match.rows, row))
        return tell(int(match.box[at]), int(match.seed[at]), float(match.similarity[at]))

    return Proposal(score, tuple(parts), why)


def scenarios_of(seeds: Seeds) -> list[str]:
    """Return the names of the scenarios that have seeds, each once, in order of name."""
    return sorted(set(seeds.scenario))


def rows_of(seeds: Seeds, *, scenario: str, kind: str = "") -> IntArray:
    """Return the rows of a scenario's seeds, of one kind if one is given."""
    fits = [s == scenario and kind in ("", k) for s, k in zip(seeds.scenario, seeds.kind, strict=True)]
    return np.flatnonzero(np.asarray(fits, bool))


def in_words(seeds: Seeds, row: int) -> str:
    """Say what a seed is: "a missed person"."""
    label = seeds.label[row] or "box"
    known = {"missed": f"a missed {label}", "false_alarm": f"a false alarm for {label}"}
    return known.get(seeds.kind[row], f"a doubtful {label}")
