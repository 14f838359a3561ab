"""How often each picture stands in a training set, so that the scenarios which need it have the share that was asked.

Weights come from raking (iterative proportional fitting): of all weights that give the shares, those nearest to
treating every picture alike. Deming & Stephan, 1940, https://doi.org/10.1214/aoms/1177731829"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from curation.core.errors import SpecError
from curation.core.types import BoolArray, FloatArray, IntArray

MOST_REPEATS = 50
ROUNDS = 500
NEAR = 1e-9
FAR = 0.005
"""A share that is so much off what was asked for is worth a note."""


@dataclass(frozen=True)
class Share:
    """A query's share of the training set. asked is None for one that is only watched."""

    query: str
    pictures: int
    before: float
    after: float
    asked: float | None = None

    def to_dict(self) -> dict[str, Any]:
        rounded = {"before": round(self.before, 6), "after": round(self.after, 6)}
        return {"query": self.query, "pictures": self.pictures, **rounded, "asked": self.asked}


@dataclass(frozen=True)
class Rebalanced:
    """(N,) repeats, each at least 1, and what they do to each query."""

    repeats: IntArray
    shares: tuple[Share, ...]
    notes: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        return int(self.repeats.sum())


def rebalance(
    members: Mapping[str, BoolArray],
    asked: Mapping[str, float | None],
    *,
    count: int,
    seed: int,
    most_repeats: int = MOST_REPEATS,
) -> Rebalanced:
    """Tell how often each of `count` pictures shall stand in the list.

    members says for each query which (count,) pictures match; asked which share of the list each shall be, or None to
    watch it. No picture is left out and none stands more than most_repeats times. Raises SpecError for a share that
    no list can have."""
    wanted = {query: float(share) for query, share in asked.items() if share is not None}
    for query, share in wanted.items():
        _check(query, share, members[query], count)
    weights = _raked([(members[query], share) for query, share in wanted.items()], count)
    notes = []
    if count and weights.max() > most_repeats:
        notes.append(f"No picture is repeated more than {most_repeats} times, so not every share could be reached.")
        weights = np.minimum(weights, most_repeats)
    repeats = _whole(weights, [members[query] for query in wanted], seed=seed)
    total = max(1, int(repeats.sum()))
    shares = tuple(
        Share(
            query,
            int(mask.sum()),
            before=float(mask.sum()) / max(1, count),
            after=float(repeats[mask].sum()) / total,
            asked=wanted.get(query),
        )
        for query, mask in members.items()
    )
    notes += [
        f"{one.query}: {one.asked:.1%} was asked for, {one.after:.1%} is the nearest that there is."
        for one in shares
        if one.asked is not None and abs(one.after - one.asked) > max(FAR, 1 / total)
    ]
    return Rebalanced(repeats, shares, tuple(notes))


def _check(query: str, share: float, mask: BoolArray, count: int) -> None:
    if not 0 < share < 1:
        raise SpecError(f"The share of {query!r} is {share:g}; it must be more than 0 and less than 1.")
    if not mask.any():
        raise SpecError(
            f"No picture of the training set matches {query!r}, so its share cannot be raised. Label some that do, and "
            "make a new version."
        )
    if int(mask.sum()) == count:
        raise SpecError(f"Every picture of the training set matches {query!r}: its share is 100%, whatever is done.")


def _raked(wanted: list[tuple[BoolArray, float]], count: int) -> FloatArray:
    """Give (count,) weights of at least 1."""
    weights: FloatArray = np.ones(count)
    if not wanted:
        return weights
    for _ in range(ROUNDS):
        off = 0.0
        for mask, share in wanted:
            total, inside = weights.sum(), weights[mask].sum()
            off = max(off, abs(inside / total - share))
            weights = np.where(
                mask, weights * (share * total / inside), weights * ((1 - share) * total / (total - inside))
            )
        # Wishes that contradict each other drive some weights to nothing.
        weights = np.maximum(weights / weights.mean(), 1e-6)
        if off < NEAR:
            break
    raked: FloatArray = weights / weights.min()
    return raked


def _whole(weights: FloatArray, masks: list[BoolArray], *, seed: int) -> IntArray:
    """Round (N,) weights so that any run of pictures that match the same queries keeps its sum to within 1.

    Systematic rounding: picture i gets the whole numbers between the sums of weights before and after it. The seed says
    which of equal pictures is repeated."""
    draw = np.random.default_rng([seed % (1 << 63), 5])
    cell: IntArray = np.zeros(len(weights), np.int64)
    for mask in masks:
        cell = cell * 2 + mask
    order = np.lexsort((draw.permutation(len(weights)), cell))
    ends = np.floor(np.cumsum(weights[order]) + draw.random() * 0.5 + 1e-9).astype(np.int64)
    repeats = np.empty(len(weights), np.int64)
    repeats[order] = np.diff(ends, prepend=0)
    whole: IntArray = np.maximum(repeats, 1)
    return whole
