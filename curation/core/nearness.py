"""How near each row is to the centres so far, known exactly only for the rows where it matters."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.types import IntArray

Grid: TypeAlias = NDArray[np.float32]
"""(N, D) whole numbers: unit vectors, scaled and rounded."""
EXACT = 2.0**24
"""Whole numbers up to here are exact in float32."""
NOWHERE = np.float32(-EXACT)
"""How near a row is as long as there are no centres."""
NEVER = np.float32(2 * EXACT)
"""How near a row is that may not be picked (any more): nearer than any other."""
POOLS = (8192, 512)
"""Rows of a pool, and of a pool within it, which fits into a core's own cache."""
POOL_SHARE = 32
"""Of many rows the first pool has one in so many."""
BLOCK, STRIDE = 1024, 128
"""So many rows catch up with the centres together, with so many centres at a time."""
DROP = 0.7
"""Rows that turned out too near are dropped from a block when no more than this share is left."""


def side_of_grid(dimension: int) -> float:
    """Return how long unit vectors are on the grid.

    Rounding adds at most sqrt(D) / 2 to a length, and no sum of products of two vectors, whole or partial, is more than
    the product of their lengths: all stay below EXACT."""
    return float(np.floor(np.sqrt(EXACT) - np.sqrt(dimension) / 2) - 1)


def on_grid(vectors: NDArray[np.float32]) -> Grid:
    """Round (N, D) unit vectors to the grid. Zero rows stay zero."""
    return _to_grid(vectors.astype(np.float32))


def _to_grid(vectors: NDArray[np.float32]) -> Grid:
    """Round vectors where they stand."""
    np.multiply(vectors, np.float32(side_of_grid(vectors.shape[1])), out=vectors)
    return np.rint(vectors, out=vectors)


class Nearness:
    """Finds the row farthest from the centres without comparing every row with every centre.

    A row is at least as near as it was when it was last compared. So rows wait, with what was known of them, until they
    seem to be among the farthest; then they are compared with all the centres that came since, many rows at a time. The
    farthest of a pool of such rows is the farthest of all if it is farther than any row outside ever was. The pool has
    a smaller one within it in the same way. Only the rows of pools are put on the grid."""

    def __init__(self, vectors: NDArray[np.float32], *, centres: Grid, room: int) -> None:
        count, dimension = vectors.shape
        self._centres = np.empty((len(centres) + room, dimension), np.float32)
        self._centres[: len(centres)] = centres
        self._known = len(centres)
        self._levels = [_Level(vectors, np.arange(count), np.full(count, NOWHERE), np.zeros(count, np.int64))]
        sizes = [min(count, size) for size in (max(POOLS[0], count // POOL_SHARE), *POOLS[1:])]
        self._space = [np.empty((size, dimension), np.float32) for size in sizes]
        self._where = [np.full(count, -1, np.int64) for _ in sizes]  # of each row in each pool

    def farthest(self) -> tuple[int, float] | None:
        """Return the farthest row and how near it is, in units of the grid; of equals the first. None: none is left."""
        while True:
            level = self._levels[-1]
            place = int(level.near.argmin()) if len(level.near) else -1
            if place >= 0 and level.key(place) < level.bound:
                if len(self._levels) > len(self._space):
                    return int(level.rows[place]), float(level.near[place])
                self._descend()
            elif len(self._levels) > 1:
                self._ascend()
            else:
                return None

    def pick(self, row: int) -> None:
        """Make the row that `farthest` returned a centre."""
        level = self._levels[-1]
        place = self._where[-1][row]
        centre = self._centres[self._known] = level.vectors[place]
        level.compared[level.compared == self._known] += 1
        self._known += 1
        np.maximum(level.near, np.vecdot(level.vectors, centre), out=level.near)
        self.never(np.asarray([row]))

    def never(self, rows: IntArray) -> None:
        """Rule rows out for good."""
        if not len(rows):
            return
        self._levels[0].near[rows] = NEVER
        for level, where in zip(self._levels[1:], self._where, strict=False):
            places = where[rows]
            level.near[places[places >= 0]] = NEVER

    def _descend(self) -> None:
        """Make a pool of those rows of this level that seem the farthest."""
        level, depth = self._levels[-1], len(self._levels) - 1
        places, bound = level.farthest_places(len(self._space[depth]))
        vectors = self._space[depth][: len(places)]
        np.take(level.vectors, places, axis=0, out=vectors, mode="clip")  # no other mode writes straight into `out`
        if depth == 0:
            _to_grid(vectors)
        pool = _Level(vectors, level.rows[places], level.near[places], level.compared[places])
        pool.bound, pool.places = bound, places
        pool.catch_up(self._centres[: self._known])
        self._where[depth][pool.rows] = np.arange(len(places))
        self._levels.append(pool)

    def _ascend(self) -> None:
        """Give the innermost pool up, and write down what was learnt in it."""
        pool = self._levels.pop()
        level = self._levels[-1]
        level.near[pool.places], level.compared[pool.places] = pool.near, pool.compared
        self._where[len(self._levels) - 1][pool.rows] = -1


class _Level:
    """(N,) rows in rising order: how near each was when it had been compared with the first `compared` centres."""

    def __init__(
        self, vectors: NDArray[np.float32], rows: IntArray, near: NDArray[np.float32], compared: IntArray
    ) -> None:
        self.vectors, self.rows, self.near, self.compared = vectors, rows, near, compared
        self.places: IntArray = rows  # in the level around it
        self.bound: tuple[float, int] = (float(NEVER), -1)  # of all rows outside: the farthest, and the first of such

    def key(self, place: int) -> tuple[float, int]:
        return float(self.near[place]), int(self.rows[place])

    def farthest_places(self, count: int) -> tuple[IntArray, tuple[float, int]]:
        """Return the places of the `count` farthest rows, rising, and the bound on the rest."""
        if len(self.rows) <= count:
            return np.arange(len(self.rows)), self.bound
        # One number to sort by: the nearness, then the place.
        order = self.near.astype(np.int64) * (1 << 32) + np.arange(len(self.rows))
        parted = np.argpartition(order, count)
        return np.sort(parted[:count]), min(self.bound, self.key(int(parted[count])))

    def catch_up(self, centres: Grid) -> None:
        """Compare rows with the centres that they have not been compared with, as long as they may be picked here."""
        order = np.argsort(self.compared, kind="stable")
        for start in range(0, len(order), BLOCK):
            self._catch_up(order[start : start + BLOCK], centres)

    def _catch_up(self, rows: IntArray, centres: Grid) -> None:
        """Do so for rows sorted by how many they have been compared with; some may be compared twice."""
        start, vectors, near = int(self.compared[rows[0]]), self.vectors[rows], self.near[rows]
        while start < len(centres) and len(rows):
            some = centres[start : start + STRIDE]
            start += len(some)
            np.maximum(near, (some @ vectors.T).max(axis=0), out=near)
            # What is nearer than the bound cannot be picked in this pool: it waits with what is known.
            stays = near <= self.bound[0] if start < len(centres) else np.zeros(len(rows), bool)
            if stays.sum() <= DROP * len(rows):
                gone = rows[~stays]
                self.near[gone], self.compared[gone] = near[~stays], np.maximum(self.compared[gone], start)
                rows, vectors, near = rows[stays], vectors[stays], near[stays]
