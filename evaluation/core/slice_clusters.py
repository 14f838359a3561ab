"""Frames that look alike, as a factor of slices."""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from curation.core.types import BoolArray, IntArray
from evaluation.core.slices import Factor

SAMPLE = 20_000
ROUNDS = 20
_BLOCK_ROWS = 8_192


def cluster_factor(
    vectors: NDArray[np.float32], has_one: BoolArray, *, clusters: int, seed: int = 0, name: str = "looks like"
) -> Factor:
    """Sort (N,) images by their (N, dimension) vectors into at most `clusters` crowds, the largest first.

    has_one (N,) says which images have a vector. k-means with seeded k-means++ starts, on at most SAMPLE images. There
    is no query for a crowd, so that its slices have none. No vectors: a factor without values."""
    if clusters < 1:
        raise ValueError(f"cluster_factor: clusters is {clusters}; it must be 1 or more.")
    rows = np.flatnonzero(has_one)
    codes = np.full(len(vectors), -1, np.int64)
    if not len(rows):
        return Factor(name, (), (), codes)
    chance = np.random.default_rng([seed % 2**64, clusters])
    sample = rows if len(rows) <= SAMPLE else np.sort(chance.choice(rows, SAMPLE, replace=False))
    known = np.asarray(vectors[sample], np.float64)
    wanted = min(clusters, len(np.unique(known, axis=0)))
    centres, _ = kmeans2(known, wanted, iter=ROUNDS, minit="++", seed=chance, missing="warn") if wanted > 1 else (
        known.mean(axis=0, keepdims=True), None
    )  # fmt: skip
    nearest = _nearest(vectors, rows, centres)
    sizes = np.bincount(nearest, minlength=len(centres))
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] > 0]
    place = np.zeros(len(centres), np.int64)
    place[order] = np.arange(len(order))
    codes[rows] = place[nearest]
    return Factor(name, tuple(f"cluster {number + 1}" for number in range(len(order))), ("",) * len(order), codes)


def _nearest(vectors: NDArray[np.float32], rows: IntArray, centres: NDArray[np.float64]) -> IntArray:
    """Return (R,) the nearest centre of each row, by blocks: of a million vectors there is no second copy."""
    half = (centres**2).sum(axis=1) / 2
    blocks = [rows[start : start + _BLOCK_ROWS] for start in range(0, len(rows), _BLOCK_ROWS)]
    return np.concatenate([np.argmax(vectors[block] @ centres.T - half, axis=1) for block in blocks])
