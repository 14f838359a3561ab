"""Filling cells evenly: all to the same level, and where a cell has less, what it has."""

import numpy as np

from curation.core.sampling.contract import Supply
from curation.core.types import IntArray


def fill_evenly(supply: Supply, *, size: int) -> IntArray:
    """Return how many of `size` frames each of (C,) cells gives: the lowest as many as can be, then the next lowest.

    fill_evenly(Supply([3, 50, 9]), size=20) -> [3, 9, 8]. Of cells alike, those with more frames give one more."""
    given = _level(supply.available, size) if not supply.cuts else _raise_together(supply, size)
    return _one_more(supply, given, size - int(given.sum()))


def _level(available: IntArray, size: int) -> IntArray:
    """Fill to the highest level that all can share."""
    low, high = 0, int(available.max(initial=0))
    while low < high:
        middle = (low + high + 1) // 2
        if int(np.minimum(available, middle).sum()) <= size:
            low = middle
        else:
            high = middle - 1
    return np.minimum(available, low)


def _raise_together(supply: Supply, size: int) -> IntArray:
    """Raise all cells together; those stay that can give no more, or whose cut has less left than one for each."""
    given = np.zeros_like(supply.available)
    waits = np.zeros(len(given), bool)
    while len(rising := np.flatnonzero((supply.room(given) > 0) & ~waits)):
        step = (size - int(given.sum())) // len(rising)
        if step == 0:
            break
        step = min(step, int((supply.available - given)[rising].min()))
        for cut in supply.cuts:
            if count := int(cut.members[rising].sum()):
                most = (cut.most - int(given[cut.members].sum())) // count
                waits |= cut.members & (most == 0)
                step = min(step, most)
        given[rising] += step
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
