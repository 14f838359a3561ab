"""Many slices say the same thing: keep the one that explains it, and name the others under it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from curation.core.types import BoolArray, IntArray
from evaluation.core.slice_search import Asked, Candidate, mask_of, search
from evaluation.core.slice_tests import Counted, cells_tested

NEARLY_SAME = 0.9
"""Images in common, as a share of those in either: from here on two slices are one."""
MOST_COMPARED = 200


@dataclass(frozen=True)
class Kept:
    """A slice that stays, its (n,) images, and the conditions of those folded under it."""

    found: Candidate
    mask: BoolArray
    also: list[tuple[tuple[int, int], ...]] = field(default_factory=list)


def explain(
    codes: Sequence[IntArray], sizes: Sequence[int], counted: Counted, asked: Asked, *, limit: int
) -> tuple[list[Kept], int]:
    """Choose at most `limit` slices that explain where hits are fewer, and say how many slices the first look tested.

    The surest slice is taken, all images in it are set aside, and everything is looked through anew, corrected for all
    tests anew, until nothing is surely worse than what is left; then the same within each slice that was taken. So what
    is worse only since it overlaps a slice goes, and what is worse for a reason of its own stays. Of slices of nearly
    the same images the simplest is taken. One that is not worse without those found inside it is folded under them:
    if night is bad only when it rains, night is not."""
    everything = np.ones(len(counted.of), bool)
    kept, tested = _steps(codes, sizes, counted, asked, everything, limit)
    for outer in list(kept):
        kept = _looked_into(outer, kept, codes, sizes, counted, asked, limit)
    return kept, tested


def _steps(
    codes: Sequence[IntArray], sizes: Sequence[int], counted: Counted, asked: Asked, among: BoolArray, limit: int
) -> tuple[list[Kept], int]:
    kept: list[Kept] = []
    left, tested = among.copy(), 0
    while len(kept) < limit:
        rest = [code[left] for code in codes]
        candidates, count = search(rest, sizes, counted.taken(left), asked)
        tested = tested or count
        if not candidates:
            break
        best, also = _simplest(candidates, rest)
        mask = among & mask_of(best.conditions, codes)
        kept.append(Kept(best, mask, also))
        left &= ~mask
    return kept, tested


def _simplest(
    candidates: Sequence[Candidate], codes: Sequence[IntArray]
) -> tuple[Candidate, list[tuple[tuple[int, int], ...]]]:
    """Return the surest slice, or a simpler one of nearly the same images; and those that this one stands for."""
    surest = candidates[0]
    mask = mask_of(surest.conditions, codes)
    same = [surest]
    for other in candidates[1:MOST_COMPARED]:
        theirs = mask_of(other.conditions, codes)
        if (mask & theirs).sum() >= NEARLY_SAME * (mask | theirs).sum():
            same.append(other)
    best = min(same, key=lambda one: (len(one.conditions), one.strength))
    mine = set(best.conditions)
    related = [one for one in candidates[:MOST_COMPARED] if mine < set(one.conditions) or mine > set(one.conditions)]
    also = [one.conditions for one in [*same, *related] if one is not best]
    return best, list(dict.fromkeys(also))


def _looked_into(
    outer: Kept,
    kept: list[Kept],
    codes: Sequence[IntArray],
    sizes: Sequence[int],
    counted: Counted,
    asked: Asked,
    limit: int,
) -> list[Kept]:
    """Add slices that are worse even than the rest of the one that they lie in."""
    own = outer.found.conditions
    deeper = asked.most_factors - len(own)
    if deeper < 1 or len(kept) >= limit:
        return kept
    free = [0 if any(factor == mine for mine, _ in own) else size for factor, size in enumerate(sizes)]
    inner_codes = [code if size else np.full(len(code), -1) for code, size in zip(codes, free, strict=True)]
    inside, _ = _steps(
        inner_codes, free, counted, replace(asked, most_factors=deeper), outer.mask, limit - len(kept)
    )  # fmt: skip
    if not inside:
        return kept
    inner = [
        Kept(replace(one.found, conditions=tuple(sorted((*own, *one.found.conditions)))), one.mask) for one in inside
    ]
    covered = np.logical_or.reduce([one.mask for one in inner])
    if not _is_worse(outer.mask & ~covered, ~covered, counted, asked):
        inner[0].also.extend([own, *outer.also])
        kept = [one for one in kept if one is not outer]
    return [*kept, *inner]


def _is_worse(mask: BoolArray, among: BoolArray, counted: Counted, asked: Asked) -> bool:
    """Tell whether images are surely worse than the others among some: one test, and no correction."""
    if mask.sum() < asked.least_images:
        return False
    tested = cells_tested(counted.taken(among), np.where(mask[among], 0, -1), cells=1)
    return bool(tested.groups[0] >= asked.least_groups and tested.p[0] <= asked.most_false)
