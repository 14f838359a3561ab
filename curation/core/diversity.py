"""Picks that cover: k-center greedy over unit vectors, exact, and lazy about what cannot be picked next.

Vectors are rounded to a grid of whole numbers, so fine that a similarity is off by about 0.0001, and so coarse that
float32 holds every sum exactly. So the picks do not depend on the order in which a machine adds: they are the same on
every one, with any number of threads."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.nearness import Nearness, on_grid, side_of_grid
from curation.core.ruling_out import Apart, Limit, RulingOut
from curation.core.types import IntArray

Vectors: TypeAlias = NDArray[np.float32]

ROUNDING = 1e-6
"""A similarity of float32 vectors that is above another by less than this is not above it."""

__all__ = ["ROUNDING", "Apart", "Limit", "Vectors", "k_center"]


def k_center(
    vectors: Vectors,
    *,
    count: int,
    centres: Vectors | None = None,
    limits: Sequence[Limit] = (),
    apart: Apart | None = None,
    most_similar: float = 1.0,
) -> IntArray:
    """Pick `count` of (N, D) unit rows, each the farthest from those before it and from `centres`, (M, D).

    Returns the rows in the order picked, fewer than `count` where no more may be. Of rows equally far the first is
    picked; without centres, so is the first of all. `limits` and `apart` rule rows out as picks are made. No row is
    picked whose cosine similarity to a centre or pick is above `most_similar`. The picks are those of plain greedy,
    which compares every row with every pick; here only rows that may be the farthest are.
    Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985."""
    given = vectors[:0] if centres is None else centres
    nearness = Nearness(vectors, centres=on_grid(given), room=count)
    ruling = RulingOut(len(vectors), limits=limits, apart=apart)
    nearness.never(ruling.at_first())
    closeness = _Closeness(vectors, given, most_similar)
    picks: list[int] = []
    while len(picks) < count and (found := nearness.farthest()) is not None:
        row, near = found
        if closeness.is_beyond_doubt(near):
            break  # and so are all others, which are nearer
        if closeness.is_too_close(row, near, picks):
            nearness.never(np.asarray([row]))
            continue
        picks.append(row)
        nearness.pick(row)
        nearness.never(ruling.after(row))
    return np.asarray(picks, np.int64)


class _Closeness:
    """Whether a row is above `most_similar`; where the grid is too coarse to tell, from the vectors themselves."""

    def __init__(self, vectors: Vectors, centres: Vectors, most_similar: float) -> None:
        self._vectors, self._centres, self._most = vectors, centres, most_similar
        side, dimension = side_of_grid(vectors.shape[1]), vectors.shape[1]
        # Each vector is off by at most sqrt(D) / 2 in length.
        doubt = np.sqrt(dimension) * side + dimension / 4
        self._low, self._high = most_similar * side**2 - doubt, most_similar * side**2 + doubt

    def is_beyond_doubt(self, near: float) -> bool:
        return self._most < 1 and near > self._high

    def is_too_close(self, row: int, near: float, picks: list[int]) -> bool:
        if self._most >= 1 or near < self._low:
            return False
        others = np.concatenate([self._centres, self._vectors[picks]]).astype(np.float64)
        nearest = float((others @ self._vectors[row].astype(np.float64)).max(initial=-1))
        return nearest > self._most + ROUNDING
