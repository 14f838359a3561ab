"""Filling classes from the rarest up, where one frame may show several."""

import numpy as np

from curation.core.sampling.contract import Supply
from curation.core.sampling.shares import whole_counts
from curation.core.types import BoolArray, IntArray


def fill_classes(members: BoolArray, supply: Supply, *, size: int | None) -> tuple[IntArray, int]:
    """Return how many frames each of (C,) cells gives, and the limit for a class; members, (K, C), says what they show.

    The rarest class comes first: all its frames, as far as the limit goes. Then the next, counting what it has got by
    then, from the cells that put the fewest other classes above the limit. Without a size the limit is the count of the
    second rarest class; with one it is the highest with which at most `size` frames are drawn, and what is left goes to
    the rarest that can have more."""
    of_class = members @ supply.available
    present = np.sort(of_class[of_class > 0])
    if not len(present):
        return np.zeros_like(supply.available), 0
    if size is None:
        limit = int(present[min(1, len(present) - 1)])
        return _fill(members, supply, limit=limit, most=int(supply.available.sum())), limit
    low, high, everything = 0, int(present[-1]), int(supply.available.sum())
    while low < high:
        middle = (low + high + 1) // 2
        if int(_fill(members, supply, limit=middle, most=everything).sum()) <= size:
            low = middle
        else:
            high = middle - 1
    counts = _fill(members, supply, limit=low, most=size)
    return _fill(members, supply, limit=low + 1, most=size, given=counts), low


def _fill(members: BoolArray, supply: Supply, *, limit: int, most: int, given: IntArray | None = None) -> IntArray:
    given = np.zeros_like(supply.available) if given is None else given
    of_class = members @ supply.available
    goal = np.minimum(of_class, limit)
    for rarest in np.argsort(of_class, kind="stable"):
        while (left := min(int(goal[rarest] - members[rarest] @ given), most - int(given.sum()))) > 0:
            shown = members @ given
            room = supply.room(given)
            cells = np.flatnonzero(members[rarest] & (room > 0))
            if not len(cells):
                break
            # What a frame would put above its limit, and then what it would help besides.
            over = (members[:, cells] & (shown >= goal)[:, None]).sum(axis=0)
            helps = members[:, cells].sum(axis=0) - over
            best = cells[np.lexsort((-helps, over))[0]]
            alike = cells[(over == over[cells == best]) & (helps == helps[cells == best])]
            given = _take(members, supply, given, alike, min(left, _until_next(members, goal - shown, alike)))
    return given


def _until_next(members: BoolArray, open_frames: IntArray, cells: IntArray) -> int:
    """Return how many frames can come from cells before a class that they show reaches its limit."""
    touched = members[:, cells].any(axis=1) & (open_frames > 0)
    return max(1, int(open_frames[touched].min(initial=2**62)))


def _take(members: BoolArray, supply: Supply, given: IntArray, cells: IntArray, count: int) -> IntArray:
    """Take frames from cells in proportion to what each has left."""
    room = supply.room(given)[cells]
    count = min(count, int(room.sum()))
    shares = np.minimum(whole_counts(room * count / room.sum()), room)
    given = given.copy()
    if supply.cuts:  # two cells may share a cut: one after the other, each asked anew
        for cell, share in zip(cells.tolist(), shares.tolist(), strict=True):
            given[cell] += min(max(share, 0), int(supply.room(given)[cell]))
        if not shares.any():
            given[cells[np.argmax(room)]] += 1
    else:
        given[cells] += shares
    return given
