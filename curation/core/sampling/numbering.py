"""Numbering keys from 0 without sorting them, where they lie close together."""

import numpy as np

from curation.core.types import IntArray

SPARSE = 16


def numbered(keys: IntArray) -> tuple[IntArray, IntArray]:
    """Return the different keys, rising, and the place of each of (N,) keys among them: np.unique, but quicker."""
    if not len(keys):
        return keys, keys
    low, high = int(keys.min()), int(keys.max())
    if high - low >= SPARSE * len(keys):
        return np.unique(keys, return_inverse=True)
    there = np.zeros(high - low + 1, bool)
    there[keys - low] = True
    place = np.cumsum(there) - 1
    return np.flatnonzero(there) + low, place[keys - low]
