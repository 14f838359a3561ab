"""What may not be picked after a pick: the rest of a full group, and what is too near in time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.types import IntArray


@dataclass(frozen=True)
class Limit:
    """At most `caps[g]`, (G,), picks among the rows whose `groups`, (N,), say g. A row of group -1 is free."""

    groups: IntArray
    caps: IntArray


@dataclass(frozen=True)
class Apart:
    """A pick of row i rules the rows `order[start[i]:stop[i]]` out. All are (N,)."""

    order: IntArray
    start: IntArray
    stop: IntArray


class RulingOut:
    """Counts picks, and says which rows each rules out."""

    def __init__(self, rows: int, *, limits: Sequence[Limit], apart: Apart | None) -> None:
        self._rows, self._apart = rows, apart
        self._limits = [_Members(limit) for limit in limits]

    def at_first(self) -> IntArray:
        """Return the rows of groups that are full before anything is picked."""
        full = [np.flatnonzero(np.append(m.left <= 0, False)[m.groups]) for m in self._limits]
        return np.concatenate([np.zeros(0, np.int64), *full])

    def after(self, row: int) -> IntArray:
        """Return the rows that this pick rules out, itself perhaps among them, and rows perhaps twice."""
        out = [out for members in self._limits if len(out := members.count(row))]
        if self._apart is not None:
            out.append(self._apart.order[self._apart.start[row] : self._apart.stop[row]])
        return np.concatenate(out) if out else np.zeros(0, np.int64)


class _Members:
    """The rows of each group, side by side."""

    def __init__(self, limit: Limit) -> None:
        self.groups, self.left = limit.groups, limit.caps.copy()
        self._order = np.argsort(limit.groups, kind="stable")
        self._starts = np.searchsorted(limit.groups[self._order], np.arange(len(limit.caps) + 1))

    def count(self, row: int) -> IntArray:
        """Count a pick; return the rows of its group if it was the last."""
        group = self.groups[row]
        if group < 0:
            return self._order[:0]
        self.left[group] -= 1
        return self._order[:0] if self.left[group] > 0 else self._order[self._starts[group] : self._starts[group + 1]]
