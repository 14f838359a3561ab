"""One look over all combinations of factors: which slices are worse than the rest, and not only by chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.types import BoolArray, IntArray
from evaluation.core.slice_tests import Counted, Tested, cells_tested, false_discovery_rates


@dataclass(frozen=True)
class Asked:
    """What slices are looked for: up to so many factors, with support of at least so much, and at most `most_false` of
    those that are found are expected to be chance."""

    most_factors: int
    least_images: int
    least_groups: int
    most_false: float


@dataclass(frozen=True)
class Candidate:
    """A slice that is worse than the rest, by (factor, value) places; `tested` holds one slice's figures."""

    conditions: tuple[tuple[int, int], ...]
    tested: Tested
    q: float

    @property
    def strength(self) -> tuple[float, float, int]:
        """Sort key: surest first; of equals the one that is worse by more objects, then the simplest."""
        lag = float(self.tested.rate - self.tested.rest_rate)
        return float(self.tested.p), lag * float(self.tested.of), len(self.conditions)


@dataclass(frozen=True)
class _Level:
    """One combination of factors: `cell` (n,) says in which of its slices an image lies, conditions (C, factors) what
    value of each factor a slice stands for."""

    factors: tuple[int, ...]
    cell: IntArray
    conditions: IntArray


def mask_of(conditions: Sequence[tuple[int, int]], codes: Sequence[IntArray]) -> BoolArray:
    """Return which of (n,) images meet all of one or more (factor, value) conditions."""
    mask: BoolArray = np.logical_and.reduce([codes[factor] == value for factor, value in conditions])
    return mask


def search(
    codes: Sequence[IntArray], sizes: Sequence[int], counted: Counted, asked: Asked
) -> tuple[list[Candidate], int]:
    """Return the slices that stand the correction for all tests, surest first, and how many were tested.

    codes are (n,) for each factor, below its size, -1 where an image has no value; images as in `counted`."""
    if not counted.of.sum():
        return [], 0
    tests = []
    for level in _levels(codes, sizes, asked):
        tested = cells_tested(counted, level.cell, cells=len(level.conditions))
        enough = np.flatnonzero(tested.groups >= asked.least_groups)
        tests.append((level.factors, level.conditions[enough], tested.taken(enough)))
    rates = false_discovery_rates(np.concatenate([tested.p for *_, tested in tests]) if tests else np.empty(0))
    found, start = [], 0
    for factors, conditions, tested in tests:
        own = rates[start : start + len(conditions)]
        start += len(own)
        for place in np.flatnonzero(own <= asked.most_false).tolist():
            pairs = tuple(zip(factors, conditions[place].tolist(), strict=True))
            found.append(Candidate(pairs, tested.taken(place), float(own[place])))
    return sorted(found, key=lambda one: (*one.strength, one.conditions)), len(rates)


def _levels(codes: Sequence[IntArray], sizes: Sequence[int], asked: Asked) -> Iterator[_Level]:
    """Yield every combination of factors. A slice grows only from one with enough images: what is rare ends early."""
    count = len(codes[0]) if codes else 0
    open_ones = [_Level((), np.zeros(count, np.int64), np.zeros((1, 0), np.int64))]
    while open_ones:
        parent = open_ones.pop()
        for factor in range(parent.factors[-1] + 1 if parent.factors else 0, len(codes)):
            level = _grown(parent, factor, codes[factor], sizes[factor], asked.least_images)
            if len(level.conditions):
                yield level
                if len(level.factors) < asked.most_factors:
                    open_ones.append(level)


def _grown(parent: _Level, factor: int, codes: IntArray, size: int, least_images: int) -> _Level:
    """Cut each slice by one more factor; those with too few images fall away."""
    joint = np.where((parent.cell >= 0) & (codes >= 0), parent.cell * size + codes, -1)
    possible = len(parent.conditions) * size
    supported = np.flatnonzero(np.bincount(joint + 1, minlength=possible + 1)[1:] >= least_images)
    number = np.full(possible + 1, -1)  # the last place is that of -1
    number[supported] = np.arange(len(supported))
    conditions = np.column_stack([parent.conditions[supported // max(size, 1)], supported % max(size, 1)])
    return _Level((*parent.factors, factor), number[joint], conditions)
