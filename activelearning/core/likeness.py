"""How alike rows and seeds are, for many rows: a block at a time, so that memory stays bounded."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from activelearning.core.pool import Vectors
from curation.core.types import IntArray

Nearest: TypeAlias = tuple[NDArray[np.float32], IntArray]
"""(K,) highest similarities, 0 to 1, and (K,) places of the seeds that have them."""
ROWS = 8192
"""Rows compared at once: 10 MB of similarities to 300 seeds."""
DIGITS = 5
"""Similarities are rounded, so that the last bits of float32, which hang on the machine, decide nothing."""


def nearest_of_each(rows: Vectors, seeds: Vectors, groups: Sequence[IntArray]) -> list[Nearest]:
    """Find for each row of (K, D) the seed most like it in each group; a group names its rows of seeds, (S, D).

    Unlike is 0: cosine similarities below 0, rows of zeros. Of seeds equally alike the first of the group."""
    if rows.shape[1:] != seeds.shape[1:]:
        raise ValueError(f"rows are {rows.shape} and seeds {seeds.shape}, but (K, D) and (S, D) are wanted.")
    order = np.concatenate([np.zeros(0, np.int64), *groups])
    ends = np.cumsum([len(group) for group in groups])
    sought = np.ascontiguousarray(seeds[order].T, np.float32)
    found = [(np.zeros(len(rows), np.float32), np.zeros(len(rows), np.int64)) for _ in groups]
    for start in range(0, len(rows), ROWS):
        some = slice(start, start + ROWS)
        alike = rows[some].astype(np.float32, copy=False) @ sought
        for group, end, (best, where) in zip(groups, ends, found, strict=True):
            if not len(group):
                continue
            part = alike[:, end - len(group) : end]
            place = part.argmax(axis=1)
            best[some] = part[np.arange(len(part)), place]
            where[some] = group[place]
    return [(np.round(np.clip(best, 0.0, 1.0), DIGITS).astype(np.float32), where) for best, where in found]
