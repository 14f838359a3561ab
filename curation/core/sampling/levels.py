"""Filling cells evenly: all to the same level, and where a cell has less, what it has."""

from collections.abc import Callable

import numpy as np

from curation.core.sampling.contract import Flow, Supply
from curation.core.types import IntArray


def fill_evenly(supply: Supply, *, size: int) -> IntArray:
    """Return how many of `size` frames each of (C,) cells gives: the lowest as many as can be, then the next lowest.

    fill_evenly(Supply([3, 50, 9]), size=20) -> [3, 9, 8]. Of cells alike, those with more frames give one more."""
    given = _level(supply.available, size) if not supply.cuts else _raise_together(supply, size)
    given = _one_more(supply, given, size - int(given.sum()))
    return given if supply.flow is None else _fill_by_flow(supply.available, supply.flow, size, guess=given)


def _fill_by_flow(available: IntArray, flow: Flow, size: int, *, guess: IntArray) -> IntArray:
    """Raise all cells together as far as the flow lets them, then those that it still lets; exact to the frame.

    Where cells are alike, whichever gets one more, the counts are the same up to their order: so it is for all that a
    flow can bound (a polymatroid). guess, (C,), saves time where it is near.
    Source: Federgruen and Groenevelt, "The greedy procedure for resource allocation problems", 1986."""
    stuck, counts, level = np.zeros(len(available), bool), np.zeros_like(available), 0
    given: IntArray | None = None

    def at(height: int) -> IntArray:
        return np.where(stuck, counts, np.minimum(available, height))

    def is_reached(height: int) -> bool:
        return bool((flow.fill(given, at(height))[1] == at(height)).all())

    while True:
        top = _highest(level, int(available.max(initial=0)), lambda height: int(at(height).sum()) <= size)
        open_cells = ~stuck & (available > level)
        near = int(guess[open_cells].min(initial=top))
        level = _highest(level, top, is_reached, near=near)
        given, counts = flow.fill(given, at(level))
        more, raised = flow.fill(given, at(level + 1))
        left = size - int(counts.sum())
        if int((raised - counts).sum()) >= left or (raised == counts).all():
            takers = np.flatnonzero(raised > counts)
            counts[takers[np.lexsort((takers, -available[takers]))][:left]] += 1
            return counts
        stuck |= at(level + 1) > raised
        given, counts, level = more, raised, level + 1


def _highest(low: int, high: int, fits: Callable[[int], bool], *, near: int | None = None) -> int:
    """Return the highest number up to `high` that fits, where `low` does, and all below one that fits do too."""
    if near is not None and low < near < high:
        if not fits(near):
            high = near - 1
        elif not fits(near + 1):
            return near
        else:
            low = near + 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _level(available: IntArray, size: int) -> IntArray:
    """Fill to the highest level that all can share."""
    level = _highest(0, int(available.max(initial=0)), lambda height: int(np.minimum(available, height).sum()) <= size)
    return np.minimum(available, level)


def _raise_together(supply: Supply, size: int) -> IntArray:
    """Raise all cells together; those stay that can give no more, or whose cut has less left than one for each."""
    given = np.zeros_like(supply.available)
    waits = np.zeros(len(given), bool)
    while len(rising := np.flatnonzero((supply.room(given) > 0) & ~waits)):
        step = (size - int(given.sum())) // len(rising)
        if step == 0:
            break
        scarce = [cut for cut in supply.cuts if cut.most - int(given[cut.members].sum()) < cut.members[rising].sum()]
        if scarce:
            # Before others rise: what these have left, one for each as far as it goes.
            for cut in scarce:
                given = _one_for_each(supply, given, rising[cut.members[rising] & ~waits[rising]])
                waits |= cut.members
            continue
        step = min(step, int((supply.available - given)[rising].min()))
        for cut in supply.cuts:
            if count := int(cut.members[rising].sum()):
                step = min(step, (cut.most - int(given[cut.members].sum())) // count)
        given[rising] += step
    return given


def _one_for_each(supply: Supply, given: IntArray, cells: IntArray) -> IntArray:
    """Give one more to each of some cells, the richest first, where there is room."""
    given = given.copy()
    for cell in cells[np.lexsort((cells, -supply.available[cells]))]:
        if supply.room(given)[cell] > 0:
            given[cell] += 1
    return given


def _one_more(supply: Supply, given: IntArray, left: int) -> IntArray:
    """Hand out what is left, at most one a cell in a round, first to the lowest cells, of those to the richest."""
    while left > 0:
        room = supply.room(given)
        takers = np.flatnonzero(room > 0)
        if not len(takers):
            break
        takers = takers[given[takers] == given[takers].min()] if supply.cuts else takers
        order = takers[np.lexsort((takers, -supply.available[takers]))]
        for cell in order[:left] if not supply.cuts else order[:1]:
            given[cell] += 1
            left -= 1
    return given
