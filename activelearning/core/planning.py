"""Choosing the frames that are worth a label: samplers propose, limits and diversity decide."""

import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from activelearning.core.choice import Choice, Pick, Told
from activelearning.core.handing_over import evenly_mixed, hand_out
from activelearning.core.pool import Pool, Seeds, Vectors
from activelearning.core.ranking import best_first, chances
from activelearning.core.samplers import Proposal, Reason
from activelearning.core.shortfall import why_fewer, why_handed_on
from activelearning.core.strategy import Strategy
from curation.core.sampling.constraints import Whereabouts, rules_of
from curation.core.sampling.selection import Likeness, Selection
from curation.core.types import IntArray

CONTROL = Told("random", 0.0, Reason("Drawn at random, as a control."))


def choose(
    pool: Pool,
    seeds: Seeds,
    strategy: Strategy,
    *,
    budget: int,
    labelled_vectors: Vectors | None = None,
    seed: int | None = None,
) -> Choice:
    """Choose at most `budget` frames of the pool, each once; the same input and seed (the strategy's) give the same.

    The control comes first: drawn by chance from the whole pool, so that it is what chance gives, whatever the samplers
    want. Then each sampler picks its share, the first of `mine` first, and what one cannot give the others do. The
    strategy's limits hold of all picks together. labelled_vectors (L, D) are those of frames that have labels: what is
    too like them is not chosen. They and the pool's vectors, if there are any, must be of one embedder.
    Raises ValueError for a budget below 0."""
    if budget < 0:
        raise ValueError(f"budget is {budget}; it must be at least 0.")
    if not len(pool):
        return Choice((), ("There is no frame to look through, so none is chosen.",))
    seed = strategy.seed if seed is None else seed
    selection = _selection(pool, strategy, labelled_vectors)
    chance = chances(pool, seed=seed)
    control_count = math.floor(budget * strategy.control + 0.5)
    control = selection.take(best_first(chance, chance), control_count)
    covers = strategy.diversity is not None and selection.likeness is not None
    oversample = strategy.diversity.oversample if covers and strategy.diversity else None
    asking = [
        _Asking(sampler.kind, sampler.propose(pool, seeds, seed=seed), selection, oversample, len(pool))
        for sampler in strategy.mine
    ]
    shares = [sampler.share for sampler in strategy.mine]
    hand_out(budget - control_count, shares, lambda i, count: asking[i].take(count))
    picks = _strategy_picks(pool, asking)
    picks += [Pick(row, int(pool.frame_ids[row]), "control", (CONTROL,)) for row in control.tolist()]
    notes = [note for one in asking for note in one.proposal.notes]
    notes += why_handed_on([(one.name, one.asked, len(one.rows)) for one in asking])
    if len(picks) < budget:
        wanted = np.any([~np.isnan(one.proposal.score) for one in asking], axis=0)
        notes.append(why_fewer(selection, [pick.row for pick in picks], wanted=wanted, budget=budget))
    given = Counter({one.name: 0 for one in asking})
    given.update(pick.sampler if pick.arm == "strategy" else "control" for pick in picks)
    return Choice(tuple(picks), tuple(dict.fromkeys(notes)), dict(given))


@dataclass
class _Asking:
    """A sampler's proposal, and what was picked of it."""

    name: str
    proposal: Proposal
    selection: Selection
    oversample: float | None
    pool_size: int
    picked: list[list[int]] = field(init=False)
    """The rows picked for each part."""
    asked: int = 0
    """How many it was to give at first."""
    wanted_for: IntArray = field(init=False)
    """(N,) the part that a frame was picked for, or at least shortlisted; -1 for the others."""

    def __post_init__(self) -> None:
        self.wanted_for = np.full(self.pool_size, -1)
        self.picked = [[] for _ in self.proposal.parts]

    @property
    def rows(self) -> list[int]:
        return evenly_mixed(self.picked)

    def take(self, count: int) -> int:
        """Pick up to `count` more, each part its share."""
        self.asked = self.asked or count
        parts = self.proposal.parts
        return sum(hand_out(count, [part.share for part in parts], self._take))

    def _take(self, number: int, count: int) -> int:
        part = self.proposal.parts[number]
        among = math.ceil(count * (self.oversample or 1.0))
        shortlist = part.rows[:among]
        self.wanted_for[shortlist[self.wanted_for[shortlist] < 0]] = number
        if self.oversample is None:
            rows = self.selection.take(part.rows, count)
        else:
            rows = self.selection.cover(part.rows, count, among=among)
        self.wanted_for[rows] = number
        self.picked[number] += rows.tolist()
        return len(rows)

    def told(self, row: int) -> Told:
        return Told(self.name, float(self.proposal.score[row]), self.proposal.why(row, int(self.wanted_for[row])))


def _selection(pool: Pool, strategy: Strategy, labelled: Vectors | None) -> Selection:
    at = Whereabouts(pool.video, pool.camera, pool.pts_us, pool.is_picture)
    rules = rules_of(strategy.limits.constraints(), at)
    most = strategy.limits.max_similarity
    likeness = None
    if len(pool.vectors) and (strategy.diversity is not None or (most is not None and most < 1)):
        near = np.zeros((0, pool.vectors.shape[1])) if labelled is None or not len(labelled) else labelled
        likeness = Likeness(
            lambda rows: pool.vectors[rows].astype(np.float32), near.astype(np.float32), 1.0 if most is None else most
        )
    return Selection.of(rules, likeness, rows=len(pool))


def _strategy_picks(pool: Pool, asking: list[_Asking]) -> list[Pick]:
    picks = []
    for one, row in evenly_mixed([[(one, row) for row in one.rows] for one in asking]):
        others = [other.told(row) for other in asking if other is not one and other.wanted_for[row] >= 0]
        picks.append(Pick(row, int(pool.frame_ids[row]), "strategy", (one.told(row), *others)))
    return picks
