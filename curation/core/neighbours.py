"""Which vectors and which hashes are near each other: all pairs above a threshold, or the nearest few of each.

Vectors are rows of unit length, compared by cosine similarity; a row of zeros stands for a vector that is missing, and
is near to nothing. How many threads work is left to OMP_NUM_THREADS."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.hamming import MOST_PAIRS, TooManyPairs, hamming_near, hamming_nearest, hamming_pairs
from curation.core.neighbour_index import NeighbourIndex
from curation.core.types import BoolArray, IntArray

__all__ = [
    "MOST_PAIRS",
    "Pairs",
    "TooManyPairs",
    "hamming_near",
    "hamming_nearest",
    "hamming_pairs",
    "most_alike",
    "near_pairs",
    "nearest",
    "self_pairs",
]

Vectors: TypeAlias = NDArray[np.float32]
Pairs: TypeAlias = tuple[IntArray, IntArray, NDArray[np.float32]]
"""(P,) rows of left, (P,) rows of right, (P,) similarities; sorted by left, then right."""

LEFT_ROWS, RIGHT_ROWS = 2048, 8192
"""Rows compared at once: 64 MB of similarities."""
ROUNDING = 1e-5
"""More than float32 errs in the similarity of two unit vectors."""
TOGETHER = 65_536
"""Pairs whose similarity is worked out again at once."""


def near_pairs(left: Vectors, right: Vectors, *, min_similarity: float) -> Pairs:
    """Find all pairs of a row of left (N, D) and one of right (M, D) at least so similar. N and M may be 0.

    Exact: similarities are worked out in float64 for whatever float32 finds near the threshold, so a pair's
    similarity does not depend on the others; a similarity short of the threshold by less than 1e-6 counts, so that
    equal rows are found at 1.0. Takes N * M * D multiplications, and memory for 64 MB and the pairs.
    Raises TooManyPairs above MOST_PAIRS, ValueError if the shapes do not match."""
    return _pairs(left, right, min_similarity, own=False)


def self_pairs(vectors: Vectors, *, min_similarity: float) -> Pairs:
    """Find all pairs i < j of rows of (N, D) vectors at least so similar. As `near_pairs`, in half the time."""
    return _pairs(vectors, vectors, min_similarity, own=True)


def most_alike(left: Vectors, right: Vectors) -> tuple[NDArray[np.float32], IntArray]:
    """Find for each row of left (N, D) the row of right (M, D) most like it: (N,) similarities and rows of right.

    Exact but for float32's rounding; of rows equally alike the first. Row -1 and similarity 0 where either side has
    nothing to compare (M is 0, or zeros)."""
    _check(left, right)
    best, where = np.zeros(len(left), np.float32), np.full(len(left), -1, np.int64)
    is_some = _some(right)
    for start in range(0, len(left) if is_some.any() else 0, LEFT_ROWS):
        rows = slice(start, start + LEFT_ROWS)
        top = np.full(len(best[rows]), -np.inf, np.float32)
        for first in range(0, len(right), RIGHT_ROWS):
            block = slice(first, first + RIGHT_ROWS)
            alike = left[rows] @ right[block].T
            alike[:, ~is_some[block]] = -np.inf
            place = alike.argmax(axis=1)
            value = alike[np.arange(len(place)), place]
            is_better = value > top
            top[is_better], where[rows][is_better] = value[is_better], first + place[is_better]
        best[rows] = top
    lacking = ~_some(left)
    best[lacking], where[lacking] = 0.0, -1
    return np.clip(best, -1.0, 1.0), where


def nearest(vectors: Vectors, *, k: int) -> tuple[NDArray[np.float32], IntArray]:
    """Find the k rows of (N, D) vectors most like each one, itself left out: (N, k) similarities and rows.

    Nearest first, of equally near rows the first ones. Where there are fewer than k others: similarity 0, row -1. Exact
    up to `neighbour_index.EXACT_ROWS` rows (of rows that are as near as the k-th to within float32's rounding, some
    may be left out for others); above, found by an inverted file, which misses some: see `NeighbourIndex`.
    Raises ValueError if k is less than 1."""
    if k < 1:
        raise ValueError(f"k is {k}, but at least 1 is wanted.")
    index = NeighbourIndex(vectors.shape[1], rows=len(vectors), sample=vectors)
    index.add(vectors)
    return index.others(vectors, own=np.arange(len(vectors)), k=k)


def similarities(left: Vectors, right: Vectors, pairs_left: IntArray, pairs_right: IntArray) -> NDArray[np.float64]:
    """Work out the similarity of single pairs of rows in float64: (P,). Zero rows have similarity 0."""
    found = np.zeros(len(pairs_left))
    for start in range(0, len(pairs_left), TOGETHER):
        some = slice(start, start + TOGETHER)
        one, other = left[pairs_left[some]].astype(np.float64), right[pairs_right[some]].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", other, other))
        np.divide(np.einsum("ij,ij->i", one, other), lengths, out=found[some], where=lengths > 0)
    return np.clip(found, -1.0, 1.0)


def _pairs(left: Vectors, right: Vectors, min_similarity: float, *, own: bool) -> Pairs:
    _check(left, right)
    has_left, has_right = _some(left), _some(right)
    found: list[tuple[Any, Any, Any]] = []
    count = 0
    for start in range(0, len(left), LEFT_ROWS):
        rows = slice(start, start + LEFT_ROWS)
        for first in range(start if own else 0, len(right), RIGHT_ROWS):
            block = slice(first, first + RIGHT_ROWS)
            near = left[rows] @ right[block].T >= np.float32(min_similarity - ROUNDING)
            near &= has_left[rows, None] & has_right[None, block]
            i, j = np.nonzero(near)
            i, j = i + start, j + first
            if own:
                i, j = i[i < j], j[i < j]
            if count + len(i) > MOST_PAIRS:
                raise TooManyPairs(MOST_PAIRS)
            similarity = similarities(left, right, i, j)
            is_near = similarity >= min_similarity - 1e-6
            found.append((i[is_near], j[is_near], similarity[is_near].astype(np.float32)))
            count += int(is_near.sum())
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    i, j, similarity = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((j, i))
    return i[order], j[order], similarity[order]


def _some(vectors: Vectors) -> BoolArray:
    is_some: BoolArray = np.asarray(vectors.any(axis=1))
    return is_some


def _check(left: Vectors, right: Vectors) -> None:
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[1]:
        raise ValueError(f"left is {left.shape} and right {right.shape}, but (N, D) and (M, D) are wanted.")
