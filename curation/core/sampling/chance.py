"""Chance that comes from what a frame is, not from where it stands: the same in any order, on any machine."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from curation.core.types import IntArray

_GOLDEN, _FIRST, _SECOND = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def digest_of(sha256: str) -> int:
    """Return the first 64 bits of a SHA-256 that is written in hexadecimal."""
    return int(sha256[:16], 16)


def chance_keys(digests: NDArray[np.uint64], pts_us: IntArray, *, seed: int) -> NDArray[np.uint64]:
    """Draw a whole number below 2**64 for each of (N,) frames from what it is: its file's digest and its place in it.

    Source: SplitMix64; Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014."""
    start = np.uint64(int.from_bytes(hashlib.sha256(f"winnow {seed}".encode()).digest()[:8]))
    with np.errstate(over="ignore"):
        return _mixed(_mixed(digests ^ start) + pts_us.astype(np.uint64) * _GOLDEN + start)


def chances_of(keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Turn keys into numbers above 0 and below 1."""
    chances: NDArray[np.float64] = ((keys >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return chances


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))
