"""Vectors that come bit by bit, side by side in memory."""

import numpy as np

from curation.core.diversity import Vectors


class Growing:
    """(M, D) vectors, to which more are added and from which the last are taken away. Each is copied a few times at
    most, however many bits they come in."""

    def __init__(self, first: Vectors) -> None:
        self._space, self._count = first, len(first)

    def __len__(self) -> int:
        return self._count

    @property
    def all(self) -> Vectors:
        """(M, D), a view that holds until the next change."""
        return self._space[: self._count]

    def add(self, more: Vectors) -> None:
        if not len(more):
            return
        needed = self._count + len(more)
        if needed > len(self._space):
            space = np.empty((max(needed, 2 * self._count), more.shape[1]), np.float32)
            space[: self._count] = self.all if self._count else space[:0]
            self._space = space
        self._space[self._count : needed] = more
        self._count = needed

    def keep(self, count: int) -> None:
        """Take all but the first `count` away."""
        self._count = count
