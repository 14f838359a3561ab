"""Sharing a number of picks out, and handing on what one cannot give."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from curation.core.sampling.shares import whole_counts

Item = TypeVar("Item")


def hand_out(count: int, shares: Sequence[float], take: Callable[[int, int], int]) -> list[int]:
    """Share `count` picks out, and what one cannot give among the others, until nobody can give more.

    take(i, n) picks up to n more for the i-th and says how many it picked; shares are above 0. Returns how many each
    gave."""
    given = [0] * len(shares)
    giving = list(range(len(shares)))
    while count > 0 and giving:
        weights = np.asarray([shares[i] for i in giving], np.float64)
        asked = whole_counts(count * weights / weights.sum()).tolist()
        spent = []
        for i, n in zip(giving, asked, strict=True):
            got = take(i, n) if n else 0
            given[i] += got
            count -= got
            if got < n:
                spent.append(i)
        giving = [i for i in giving if i not in spent]
    return given


def evenly_mixed(lists: Iterable[Sequence[Item]]) -> list[Item]:
    """Merge lists, each in its order, so that wherever the merged one is cut off all have come as far.

    evenly_mixed(["abcd", "xy"]) -> ["a", "x", "b", "c", "y", "d"]"""
    placed = [
        ((2 * place + 1) / len(items), number, item)
        for number, items in enumerate(lists)
        for place, item in enumerate(items)
    ]
    return [item for _, _, item in sorted(placed, key=lambda each: each[:2])]
