"""Frames that are far enough from each other in time."""

import numpy as np

from curation.core.ruling_out import Apart
from curation.core.sampling.constraints import Rules
from curation.core.types import IntArray


def spaced(rules: Rules, rows: IntArray) -> IntArray:
    """Return those of rows that stay when one after the other rules out what is too near in time, in their order."""
    if rules.apart is None or rules.place is None or not len(rows):
        return rows
    by_time = np.argsort(rules.place[rows])
    places, ordered = rules.place[rows][by_time], rows[by_time]
    start = np.searchsorted(places, rules.apart.start[ordered])
    stop = np.searchsorted(places, rules.apart.stop[ordered])
    rank = by_time.copy()  # of each in the order of time, its place in the given order
    stays, open_rows = np.zeros(len(rows), bool), np.arange(len(rows))
    last = len(rows)
    while len(open_rows):
        # All that come before their neighbours stay at once; what is near to them goes.
        waiting = np.append(np.full(len(rows), last), last)
        waiting[open_rows] = rank[open_rows]
        ends = np.column_stack([start[open_rows], stop[open_rows]]).ravel()
        first = np.minimum.reduceat(waiting, ends)[::2] == rank[open_rows]
        stays[open_rows[first]] = True
        gone = np.zeros(len(rows) + 1, np.int64)
        np.add.at(gone, start[open_rows[first]], 1)
        np.add.at(gone, stop[open_rows[first]], -1)
        open_rows = open_rows[np.cumsum(gone)[open_rows] == 0]
    chosen = np.zeros(len(rows), bool)
    chosen[by_time[stays]] = True
    found: IntArray = rows[chosen]
    return found


def earliest(rules: Rules, rows: IntArray) -> IntArray:
    """Return as many of rows as can be far enough from each other in time: of each video the first, and so on."""
    if rules.apart is None or rules.place is None or not len(rows):
        return rows
    by_time = rows[np.argsort(rules.place[rows])]
    places = rules.place[by_time]
    following = np.searchsorted(places, rules.apart.stop[by_time]).tolist()
    found, row = [], 0
    while row < len(by_time):
        found.append(row)
        row = max(row + 1, following[row])
    packed: IntArray = by_time[found]
    return packed


def stretches(apart: Apart, rows: IntArray) -> IntArray:
    """Return all that rows rule out, some perhaps twice."""
    start, length = apart.start[rows], apart.stop[rows] - apart.start[rows]
    total = int(length.sum())
    if total > 4 * len(apart.order):  # much said twice: mark instead of listing
        ends = np.zeros(len(apart.order) + 1, np.int64)
        np.add.at(ends, start, 1)
        np.add.at(ends, start + length, -1)
        marked: IntArray = apart.order[np.cumsum(ends[:-1]) > 0]
        return marked
    begins = np.cumsum(length) - length
    listed: IntArray = apart.order[np.repeat(start - begins, length) + np.arange(total)]
    return listed
