"""How alike rows and seeds are, for many rows: a block at a time, so that memory stays bounded."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from activelearning.core.pool import Vectors
from curation.core.types import IntArray

Similarities: TypeAlias = NDArray[np.float32]
Nearest: TypeAlias = tuple[Similarities, IntArray]
"""(K,) highest similarities, 0 to 1, and (K,) places of the seeds that have them."""
ROWS = 8192
"""Rows compared at once: 10 MB of similarities to 300 seeds."""
DIGITS = 5
"""Similarities are rounded, so that the last bits of float32, which hang on the machine, decide nothing."""


class Sought:
    """Seeds (S, D) in groups, laid out to be compared with many rows. A group names its seeds; some may be in none.

    Unlike is 0: cosine similarities below 0, and rows of zeros. A group without seeds is like nothing."""

    def __init__(self, seeds: Vectors, groups: Sequence[IntArray]) -> None:
        self._groups = groups
        self._seeds = seeds[np.concatenate([np.zeros(0, np.int64), *groups])].astype(np.float32)
        self._ends = np.cumsum([len(group) for group in groups]).tolist()

    def highest(self, rows: Vectors) -> Similarities:
        """Return how like the most similar seed of each group each of (K, D) rows is: (groups, K).

        Meant for a block of rows; the seed itself is several times dearer to find, see `nearest`."""
        alike = self._compare(rows)
        found = np.zeros((len(self._groups), len(rows)), np.float32)
        for place, part in enumerate(self._parts(alike)):
            if len(part):
                part.max(axis=0, out=found[place])
        return _rounded(found)

    def nearest(self, vectors: Vectors, rows: IntArray) -> list[Nearest]:
        """Find for each of (K,) rows of vectors the seed most like it in each group; of equals the group's first."""
        found = [(np.zeros(len(rows), np.float32), np.zeros(len(rows), np.int64)) for _ in self._groups]
        for start in range(0, len(rows), ROWS):
            some = slice(start, start + ROWS)
            for group, part, (best, where) in zip(
                self._groups, self._parts(self._compare(vectors[rows[some]])), found, strict=True
            ):
                if len(group):
                    place = part.argmax(axis=0)
                    best[some], where[some] = part[place, np.arange(len(place))], group[place]
        return [(_rounded(best), where) for best, where in found]

    def _compare(self, rows: Vectors) -> Similarities:
        if rows.shape[1:] != self._seeds.shape[1:]:
            raise ValueError(f"rows are {rows.shape} and seeds {self._seeds.shape}; both must be of one length.")
        # Seeds by rows: the highest of each row is then found along the whole block at once.
        alike: Similarities = self._seeds @ rows.astype(np.float32, copy=False).T
        return alike

    def _parts(self, alike: Similarities) -> list[Similarities]:
        starts = [0, *self._ends]
        return [alike[start:end] for start, end in zip(starts, self._ends, strict=False)]


def _rounded(alike: Similarities) -> Similarities:
    return np.round(np.clip(alike, 0.0, 1.0), DIGITS).astype(np.float32, copy=False)
