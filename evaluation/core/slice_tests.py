"""Is a slice worse than the rest? Tests of many slices at once that know that frames of a group are alike."""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr

from curation.core.types import BoolArray, IntArray
from evaluation.core import slice_kernel as column

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Counted:
    """hits of so many, (n,) each, for images in order of their independent groups, which are numbered from 0."""

    hits: Numbers
    of: Numbers
    group: IntArray

    def taken(self, rows: BoolArray) -> "Counted":
        return Counted(self.hits[rows], self.of[rows], self.group[rows])

    @cached_property
    def start(self) -> IntArray:
        """(G + 1,) where each group that has an image begins, and the end."""
        changes = np.flatnonzero(np.diff(self.group, prepend=-1))
        return np.append(changes, len(self.group)).astype(np.int64)

    @cached_property
    def group_hits(self) -> Numbers:
        return _by_group(self.hits, self.start)

    @cached_property
    def group_of(self) -> Numbers:
        return _by_group(self.of, self.start)

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

    images: Numbers
    groups: Numbers
    hits: Numbers
    of: Numbers
    rate: Numbers
    rest_rate: Numbers
    p: Numbers

    def taken(self, places: IntArray | np.int64 | int) -> "Tested":
        """Return some of them, or one, whose figures are then plain numbers."""
        return Tested(**{field.name: getattr(self, field.name)[places] for field in fields(self)})


def cells_tested(counted: Counted, cell: IntArray, *, cells: int) -> Tested:
    """Hold each of `cells` slices against all other images.

    cell is (n,): the slice that an image lies in, -1 for none. The difference of the two ratios is tested twice, one
    side only, and the larger p counts: by the jackknife spread over groups (Cameron and Miller 2015, CR3) with
    Student's t of the slice's groups, and by the spread that the likeness of all groups would give. The first alone is
    fooled by slices whose few groups chance to agree, the second by slices whose groups differ more than others."""
    hits, of = float(counted.hits.sum()), float(counted.of.sum())
    sums = column.slice_sums(counted.start, cell, counted.hits, counted.of, cells, hits, of).T
    groups, own_of, own_hits = sums[column.GROUPS], sums[column.OF], sums[column.HITS]
    rest_of, rest_hits = of - own_of, hits - own_hits
    rest_groups = np.count_nonzero(counted.group_of) - sums[column.ALONE]
    with np.errstate(invalid="ignore", divide="ignore"):
        rate, rest_rate = own_hits / own_of, rest_hits / rest_of
        all_hits, all_of = counted.group_hits, counted.group_of
        everywhere = all_hits @ all_hits - 2 * rest_rate * (all_hits @ all_of) + rest_rate**2 * (all_of @ all_of)
        by_groups = sums[column.SPREAD] + np.maximum(everywhere / rest_of**2 - sums[column.TOUCHED], 0.0)
        by_likeness = _spread_by_likeness(sums, counted, hits / of if of else 0.0, rest_of)
        lag = rate - rest_rate
        freedom = np.maximum(np.minimum(groups, rest_groups) - 1, 1)
        p = np.maximum(stdtr(freedom, lag / np.sqrt(by_groups)), ndtr(lag / np.sqrt(by_likeness)))
    can_be = (np.minimum(groups, rest_groups) >= 2) & np.isfinite(p)
    return Tested(sums[column.IMAGES], groups, own_hits, own_of, rate, rest_rate, np.where(can_be, p, 1.0))


def _spread_by_likeness(sums: Numbers, counted: Counted, rate: float, rest_of: Numbers) -> Numbers:
    """Return the variance of the difference if two objects of a group are as alike in a slice as they are overall."""
    own_of, likeness = sums[column.OF], counted.likeness
    rest_squares = counted.group_of @ counted.group_of - sums[column.ALL_SQUARES] + sums[column.REST_SQUARES]
    own = (own_of + (sums[column.OWN_SQUARES] - own_of) * likeness) / own_of**2
    rest = (rest_of + np.maximum(rest_squares - rest_of, 0.0) * likeness) / rest_of**2
    variance: Numbers = rate * (1 - rate) * (own + rest - 2 * likeness * sums[column.CROSSED] / (own_of * rest_of))
    return variance


def _by_group(values: Numbers, start: IntArray) -> Numbers:
    return np.add.reduceat(values, start[:-1]) if len(values) else np.zeros(0)


def false_discovery_rates(p: Numbers) -> Numbers:
    """Return for each p the share of false ones to expect among all that are as small (Benjamini and Hochberg 1995).

    It holds for independent tests and for such that rise together, as those of slices that overlap do."""
    count = len(p)
    order = np.argsort(p, kind="stable")
    rates = p[order] * count / np.arange(1, count + 1)
    result = np.empty(count)
    result[order] = np.minimum(np.minimum.accumulate(rates[::-1])[::-1], 1.0)
    return result
