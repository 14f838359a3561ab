"""Slices in which a model is worst, over all combinations of a few factors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.types import FloatArray, IntArray
from evaluation.core.slice_folding import Candidate, fold, mask_of
from evaluation.core.slice_tests import Counted, Tested, cells_tested, false_discovery_rates

MOST_FALSE = 0.05
"""Of the slices found, at most this share is expected to be chance."""
MOST_NAMED = 10


@dataclass(frozen=True)
class Factor:
    """One way to sort (N,) images: codes[i] is a place in names, -1 where it has no value.

    queries shows the images of each name; "" where no query can."""

    name: str
    names: tuple[str, ...]
    queries: tuple[str, ...]
    codes: IntArray

    def __post_init__(self) -> None:
        if len(self.names) != len(self.queries):
            raise ValueError(f"Factor {self.name}: {len(self.names)} names and {len(self.queries)} queries.")


@dataclass(frozen=True)
class Slice:
    """Images with some values in common, on which the model is worse than on all others.

    rate and rest_rate are hits / of inside and outside. p is of this slice alone, q after correction for all that were
    tested. `also` names slices of nearly the same images, or that are worse only since they hold this one or lie in it.
    query is "" where one of its factors has none."""

    name: str
    query: str
    conditions: tuple[tuple[str, str], ...]
    images: IntArray
    """Rows of the factors' codes, rising."""
    groups: int
    hits: int
    of: int
    rate: float
    rest_rate: float
    p: float
    q: float
    also: tuple[str, ...]


@dataclass(frozen=True)
class Discovery:
    """The slices, worst first, and how many were tested."""

    slices: tuple[Slice, ...]
    tested: int


@dataclass(frozen=True)
class _Level:
    """One combination of factors: `cell` (n,) says in which of its slices an image lies, conditions (C, factors) what
    value of each factor a slice stands for."""

    factors: tuple[int, ...]
    cell: IntArray
    conditions: IntArray


@dataclass(frozen=True)
class _Tests:
    """The slices of a combination that could be tested."""

    factors: tuple[int, ...]
    conditions: IntArray
    tested: Tested


def discover(
    factors: Sequence[Factor],
    *,
    hits: FloatArray | IntArray,
    of: FloatArray | IntArray,
    group: IntArray,
    rows: IntArray | None = None,
    most_factors: int = 3,
    least_images: int = 20,
    least_groups: int = 5,
    limit: int = 20,
    most_false: float = MOST_FALSE,
) -> Discovery:
    """Find the slices on which hits / of is lower than on the rest, surely and not only by chance.

    hits and of are (n,): how much of how much was right in each image; group (n,) the independent group of each. rows
    (n,) are the images' rows in the factors' codes; by default all. Every combination of up to `most_factors` values
    that has `least_images` images and objects in `least_groups` groups is held against all other images
    (`cells_tested`); p values are corrected for all of them (Benjamini and Hochberg), so that of what is found about
    `most_false` is chance; slices that say the same are folded (`fold`). Empty input: nothing is found.
    Raises ValueError if lengths differ or a limit is too low."""
    rows = np.arange(len(group)) if rows is None else rows
    lengths = {len(hits), len(of), len(group), len(rows)}
    if len(lengths) > 1:
        raise ValueError(f"discover: hits, of, group and rows have lengths {sorted(lengths)}; they must be the same.")
    if most_factors < 1 or least_images < 1 or least_groups < 2 or limit < 0:
        raise ValueError("discover: most_factors and least_images must be 1 or more, least_groups 2, limit 0.")
    _, numbered = np.unique(group, return_inverse=True)
    counted = Counted(
        np.asarray(hits, np.float64), np.asarray(of, np.float64), numbered, int(numbered.max(initial=-1)) + 1
    )
    if not counted.of.sum():
        return Discovery((), 0)
    codes = [np.asarray(factor.codes[rows], np.int64) for factor in factors]
    sizes = [len(factor.names) for factor in factors]
    tests = [
        _tests(counted, level, least_groups)
        for level in _levels(codes, sizes, most_factors=most_factors, least_images=least_images)
    ]
    candidates, tested, cut = _significant(tests, most_false)
    kept = fold(candidates, codes, counted, cut=cut, least_images=least_images, least_groups=least_groups, limit=limit)
    slices = [_slice(one, also, factors, codes, rows) for one, also in kept]
    return Discovery(tuple(sorted(slices, key=lambda one: (one.rate - one.rest_rate, one.name))), tested)


def _levels(
    codes: Sequence[IntArray], sizes: Sequence[int], *, most_factors: int, least_images: int
) -> Iterator[_Level]:
    """Yield every combination of factors. A slice grows only from one with enough images: what is rare ends early."""
    count = len(codes[0]) if codes else 0
    open_ones = [_Level((), np.zeros(count, np.int64), np.zeros((1, 0), np.int64))]
    while open_ones:
        parent = open_ones.pop()
        for factor in range(parent.factors[-1] + 1 if parent.factors else 0, len(codes)):
            if not sizes[factor]:
                continue
            is_in = (parent.cell >= 0) & (codes[factor] >= 0)
            joint = np.where(is_in, parent.cell * sizes[factor] + codes[factor], -1)
            possible = len(parent.conditions) * sizes[factor]
            images = np.bincount(joint + 1, minlength=possible + 1)[1:]
            supported = np.flatnonzero(images >= least_images)
            if not len(supported):
                continue
            number = np.full(possible + 1, -1)  # the last place is that of -1
            number[supported] = np.arange(len(supported))
            of_parent, value = supported // sizes[factor], supported % sizes[factor]
            conditions = np.column_stack([parent.conditions[of_parent], value])
            level = _Level((*parent.factors, factor), number[joint], conditions)
            yield level
            if len(level.factors) < most_factors:
                open_ones.append(level)


def _tests(counted: Counted, level: _Level, least_groups: int) -> _Tests:
    tested = cells_tested(counted, level.cell, cells=len(level.conditions), likeness=counted.likeness)
    enough = np.flatnonzero(tested.groups >= least_groups)
    return _Tests(level.factors, level.conditions[enough], tested.taken(enough))


def _significant(tests: Sequence[_Tests], most_false: float) -> tuple[list[Candidate], int, float]:
    """Return the slices that pass the correction, how many were tested, and the largest p that passed."""
    pooled = np.concatenate([one.tested.p for one in tests]) if tests else np.empty(0)
    rates = false_discovery_rates(pooled)
    cut = float(pooled[rates <= most_false].max(initial=0.0))
    found, start = [], 0
    for one in tests:
        own = rates[start : start + len(one.conditions)]
        start += len(own)
        for place in np.flatnonzero(own <= most_false):
            conditions = tuple(zip(one.factors, one.conditions[place].tolist(), strict=True))
            found.append(Candidate(conditions, one.tested.taken(place), float(own[place])))
    return found, len(pooled), cut


def _slice(
    one: Candidate, also: Sequence[Candidate], factors: Sequence[Factor], codes: Sequence[IntArray], rows: IntArray
) -> Slice:
    chosen = [(factors[factor], value) for factor, value in one.conditions]
    tested = one.tested
    return Slice(
        name=_name(one, factors),
        query=_joined([factor.queries[value] for factor, value in chosen]),
        conditions=tuple((factor.name, factor.names[value]) for factor, value in chosen),
        images=rows[mask_of(one, codes)],
        groups=int(tested.groups),
        hits=round(float(tested.hits)),
        of=round(float(tested.of)),
        rate=float(tested.rate),
        rest_rate=float(tested.rest_rate),
        p=float(tested.p),
        q=one.q,
        also=tuple(_name(other, factors) for other in also[:MOST_NAMED]),
    )


def _name(one: Candidate, factors: Sequence[Factor]) -> str:
    return ", ".join(f"{factors[factor].name} {factors[factor].names[value]}" for factor, value in one.conditions)


def _joined(queries: Sequence[str]) -> str:
    """Ask for all of several queries at once; "" if one of them is none."""
    if len(queries) < 2 or not all(queries):
        return queries[0] if len(queries) == 1 else ""
    words = (" OR ", " AND ", "NOT ")
    return " AND ".join(f"({query})" if any(word in query for word in words) else query for query in queries)
