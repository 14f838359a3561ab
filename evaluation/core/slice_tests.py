"""Is a slice worse than the rest? Tests of many slices at once that know that frames of a group are alike."""

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr

from curation.core.types import BoolArray, IntArray

Numbers = NDArray[np.float64]
_DENSE_CELLS = 4_000_000


@dataclass(frozen=True)
class Counted:
    """hits of so many, (n,) each, for images, and the independent group of each image, below group_count."""

    hits: Numbers
    of: Numbers
    group: IntArray
    group_count: int

    def taken(self, rows: BoolArray) -> "Counted":
        return replace(self, hits=self.hits[rows], of=self.of[rows], group=self.group[rows])

    @cached_property
    def group_hits(self) -> Numbers:
        return _sums(self.group, self.hits, self.group_count)

    @cached_property
    def group_of(self) -> Numbers:
        return _sums(self.group, self.of, self.group_count)

    @cached_property
    def likeness(self) -> float:
        """The correlation of two objects of one group, 0 to 1: by how much groups differ more than chance lets them."""
        of, total = self.group_of, self.group_of.sum()
        rate = self.group_hits.sum() / total if total else 0.0
        pairs = float((of * (of - 1)).sum())
        if not 0.0 < rate < 1.0 or pairs <= 0:
            return 0.0
        squares = (self.group_hits - rate * of) ** 2 / (rate * (1 - rate))
        return float(np.clip((squares - of).sum() / pairs, 0.0, 1.0))


@dataclass(frozen=True)
class Tested:
    """(C,) slices. groups: those with something to hit. p: how likely a slice that is as good as the rest would be so
    much worse; 1 where it cannot be tested, since a side has fewer than two groups."""

    images: IntArray
    groups: IntArray
    hits: Numbers
    of: Numbers
    rate: Numbers
    rest_rate: Numbers
    p: Numbers

    def taken(self, places: IntArray | np.int64) -> "Tested":
        """Return some of them, or one, whose figures are then plain numbers."""
        return Tested(**{field.name: getattr(self, field.name)[places] for field in fields(self)})


def cells_tested(counted: Counted, cell: IntArray, *, cells: int, likeness: float) -> Tested:
    """Hold each of `cells` slices against all other images.

    cell is (n,): the slice that an image lies in, -1 for none. The difference of the two ratios is tested twice, one
    side only, and the larger p counts: by the jackknife spread over groups (Cameron and Miller 2015, CR3) with
    Student's t of the slice's groups, and by the spread that `likeness` would give. The first alone is fooled by slices
    whose few groups chance to agree, the second by slices whose groups differ more than others."""
    inside = np.flatnonzero(cell >= 0)
    place = cell[inside]
    images = np.bincount(place, minlength=cells)
    pair, hits, of = _by_group(counted, inside, place, cells)
    of_cell, of_group = pair // counted.group_count, pair % counted.group_count

    def summed(values: Numbers) -> Numbers:
        return _sums(of_cell, values, cells)

    all_hits, all_of = counted.group_hits, counted.group_of
    rest_hits, rest_of = all_hits[of_group] - hits, all_of[of_group] - of
    groups = np.bincount(of_cell[of > 0], minlength=cells)
    rest_groups = np.count_nonzero(all_of) - np.bincount(of_cell[(of > 0) & (rest_of <= 0)], minlength=cells)
    cell_hits, cell_of = summed(hits), summed(of)
    other_hits, other_of = all_hits.sum() - cell_hits, all_of.sum() - cell_of
    with np.errstate(invalid="ignore", divide="ignore"):
        rate, rest_rate = cell_hits / cell_of, other_hits / other_of
        own = (hits - rate[of_cell] * of) / np.maximum(cell_of[of_cell] - of, 1e-9)
        other = (rest_hits - rest_rate[of_cell] * rest_of) / other_of[of_cell]
        untouched = _squares(all_hits, all_of, rest_rate) - summed(
            (all_hits[of_group] - rest_rate[of_cell] * all_of[of_group]) ** 2
        )
        by_groups = summed((own - other) ** 2) + np.maximum(untouched, 0.0) / other_of**2
        chance = all_hits.sum() / all_of.sum()
        same = summed(of**2)
        rest_same = (all_of**2).sum() - summed(all_of[of_group] ** 2) + summed(rest_of**2)
        by_likeness = (chance * (1 - chance)) * (
            (cell_of + (same - cell_of) * likeness) / cell_of**2
            + (other_of + np.maximum(rest_same - other_of, 0.0) * likeness) / other_of**2
            - 2 * likeness * summed(of * rest_of) / (cell_of * other_of)
        )
        lag = rate - rest_rate
        freedom = np.maximum(np.minimum(groups, rest_groups) - 1, 1)
        p = np.maximum(stdtr(freedom, lag / np.sqrt(by_groups)), ndtr(lag / np.sqrt(by_likeness)))
    can_be = (np.minimum(groups, rest_groups) >= 2) & np.isfinite(p)
    return Tested(images, groups, cell_hits, cell_of, rate, rest_rate, np.where(can_be, p, 1.0))


def _by_group(counted: Counted, inside: IntArray, place: IntArray, cells: int) -> tuple[IntArray, Numbers, Numbers]:
    """Sum hits and of over the images of each slice and group: keys slice x group_count + group, and both sums."""
    key = place * counted.group_count + counted.group[inside]
    size = cells * counted.group_count
    if size > _DENSE_CELLS:
        keys, key = np.unique(key, return_inverse=True)
        size = len(keys)
    else:
        keys = np.arange(size)
    hits, of = (_sums(key, values[inside], size) for values in (counted.hits, counted.of))
    there = np.flatnonzero(of > 0)
    return keys[there], hits[there], of[there]


def _sums(place: IntArray, values: Numbers, size: int) -> Numbers:
    return np.bincount(place, values, size).astype(np.float64, copy=False)


def _squares(hits: Numbers, of: Numbers, rate: Numbers) -> Numbers:
    """Sum (hits - rate x of) ** 2 over all groups, for each of many rates."""
    result: Numbers = hits @ hits - 2 * rate * (hits @ of) + rate**2 * (of @ of)
    return result


def false_discovery_rates(p: Numbers) -> Numbers:
    """Return for each p the share of false ones to expect among all that are as small (Benjamini and Hochberg 1995).

    It holds for independent tests and for such that rise together, as those of slices that overlap do."""
    count = len(p)
    order = np.argsort(p, kind="stable")
    rates = p[order] * count / np.arange(1, count + 1)
    result = np.empty(count)
    result[order] = np.minimum(np.minimum.accumulate(rates[::-1])[::-1], 1.0)
    return result
