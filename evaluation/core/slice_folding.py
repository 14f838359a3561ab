"""Many slices say the same thing: keep the one that explains it, and name the others under it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.types import BoolArray, IntArray
from evaluation.core.slice_tests import Counted, Tested, cells_tested

NEARLY_SAME = 0.9
"""Images in common, as a share of those in either: from here on two slices are one."""
MOST_CANDIDATES = 2000


@dataclass(frozen=True)
class Candidate:
    """A slice that is worse than the rest, by (factor, value) places; `tested` holds one slice's figures."""

    conditions: tuple[tuple[int, int], ...]
    tested: Tested
    q: float

    @property
    def strength(self) -> tuple[float, float]:
        """Sort key: surest first; of equals the one that is worse by more objects."""
        return float(self.tested.p), float((self.tested.rate - self.tested.rest_rate) * self.tested.of)


def mask_of(one: Candidate, codes: Sequence[IntArray]) -> BoolArray:
    """Return which of (n,) images lie in a slice."""
    is_in = np.ones(len(codes[0]), bool)
    for factor, value in one.conditions:
        is_in &= codes[factor] == value
    return is_in


def fold(
    candidates: Sequence[Candidate],
    codes: Sequence[IntArray],
    counted: Counted,
    *,
    cut: float,
    least_images: int,
    least_groups: int,
    limit: int,
) -> list[tuple[Candidate, list[Candidate]]]:
    """Choose at most `limit` slices, surest first, each with those that are folded under it.

    A slice stays if it is worse than the rest also outside the slices that stay already, or worse than the rest of the
    one that it lies in, by a p of at most `cut`. Of slices of nearly the same images the simplest stays. One that is
    not worse without the slices inside it is folded under them: if night is bad only when it rains, night is not."""
    ordered = sorted(candidates, key=lambda one: (*one.strength, len(one.conditions), one.conditions))[:MOST_CANDIDATES]
    folding = _Folding(codes, counted, cut, least_images, least_groups)
    for one in ordered:
        if len(folding.kept) >= limit:
            break
        folding.take(one, ordered)
    folding.drop_explained()
    return [(one, also) for one, _, also in folding.kept]


class _Folding:
    def __init__(
        self, codes: Sequence[IntArray], counted: Counted, cut: float, least_images: int, least_groups: int
    ) -> None:
        self._codes, self._counted, self._cut = codes, counted, cut
        self._least_images, self._least_groups = least_images, least_groups
        self.kept: list[tuple[Candidate, BoolArray, list[Candidate]]] = []

    def take(self, one: Candidate, others: Sequence[Candidate]) -> None:
        mask = mask_of(one, self._codes)
        common = [int((mask & other).sum()) for _, other, _ in self.kept]
        if self.kept:
            nearest = int(np.argmax(common))
            _, inside_of, also = self.kept[nearest]
            either = int((mask | inside_of).sum())
            taken = np.logical_or.reduce([other for _, other, _ in self.kept])
            is_same = common[nearest] >= NEARLY_SAME * either
            if is_same or not (self._is_worse(mask & ~taken, ~taken) or self._is_worse(mask & inside_of, inside_of)):
                if one.conditions != self.kept[nearest][0].conditions:
                    also.append(one)
                return
        simplest = self._simplest(one, mask, others)
        self.kept.append((simplest, mask_of(simplest, self._codes), [] if simplest is one else [one]))

    def drop_explained(self) -> None:
        """Fold those that are worse only because of others inside them."""
        for one, mask, also in list(self.kept):
            inner = [other for other in self.kept if other[0] is not one and (other[1] & ~mask).sum() == 0]
            if not inner:
                continue
            covered = np.logical_or.reduce([other for _, other, _ in inner])
            if not self._is_worse(mask & ~covered, ~covered):
                self.kept = [other for other in self.kept if other[0] is not one]
                inner[0][2].extend([one, *also])

    def _is_worse(self, mask: BoolArray, among: BoolArray) -> bool:
        """Tell whether images are surely worse than the others among some."""
        if mask.sum() < self._least_images:
            return False
        cell = np.where(mask[among], 0, -1)
        tested = cells_tested(self._counted.taken(among), cell, cells=1, likeness=self._counted.likeness)
        return bool(tested.groups[0] >= self._least_groups and tested.p[0] <= self._cut)

    def _simplest(self, one: Candidate, mask: BoolArray, others: Sequence[Candidate]) -> Candidate:
        for other in sorted(others, key=lambda other: len(other.conditions)):
            if len(other.conditions) >= len(one.conditions):
                break
            theirs = mask_of(other, self._codes)
            if (mask & theirs).sum() >= NEARLY_SAME * (mask | theirs).sum():
                return other
        return one
