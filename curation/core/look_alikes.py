"""For each picture the one of another set that is most like it, by vector and by perceptual hash. Exact."""

import numpy as np
from numpy.typing import NDArray

from curation.core.types import IntArray

BLOCK_CELLS = 1 << 24
"""So many similarities at a time: 64 MB."""


def most_alike(vectors: NDArray[np.float32], others: NDArray[np.float32]) -> tuple[NDArray[np.float32], IntArray]:
    """Find for each of (N, D) unit vectors the most similar of (M, D): its cosine similarity, and its place.

    Where M is 0: similarity -1 and place -1. The first of a tie counts."""
    best = np.full(len(vectors), -1.0, np.float32)
    place = np.full(len(vectors), -1, np.int64)
    if len(others) == 0:
        return best, place
    step = max(1, BLOCK_CELLS // len(others))
    for start in range(0, len(vectors), step):
        similar = vectors[start : start + step] @ others.T
        place[start : start + step] = similar.argmax(axis=1)
        best[start : start + step] = np.take_along_axis(similar, place[start : start + step, None], axis=1)[:, 0]
    return best, place


def fewest_bits(hashes: IntArray, others: IntArray) -> tuple[IntArray, IntArray]:
    """Find for each of (N,) 64-bit hashes the nearest of (M,): how many bits differ, and its place.

    Where M is 0: 65 bits and place -1. The first of a tie counts."""
    best = np.full(len(hashes), 65, np.int64)
    place = np.full(len(hashes), -1, np.int64)
    if len(others) == 0:
        return best, place
    mine, theirs = hashes.view(np.uint64), others.view(np.uint64)
    step = max(1, BLOCK_CELLS // len(others))
    for start in range(0, len(mine), step):
        bits = np.bitwise_count(mine[start : start + step, None] ^ theirs[None, :])
        place[start : start + step] = bits.argmin(axis=1)
        best[start : start + step] = np.take_along_axis(bits, place[start : start + step, None], axis=1)[:, 0]
    return best, place
