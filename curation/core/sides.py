"""Finding what stands on both sides of a split: look-alikes and neighbours in time. Arrays in, leaks out."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.core.hamming import hamming_nearest
from curation.core.leakage import Between, Leak
from curation.core.neighbours import most_alike
from curation.core.phash import FLAT
from curation.core.splits import SPLITS
from curation.core.types import BoolArray, IntArray

NEVER = np.iinfo(np.int64).max
NO_TIME = np.iinfo(np.int64).min
ROUNDING = 1e-5
"""Equal vectors are found at a similarity of 1."""


@dataclass(frozen=True)
class Asked:
    """From where on two frames are too near each other."""

    min_similarity: float = 0.95
    max_bits: int = 6
    within_s: float = 10.0
    embedder: str = ""
    limit: int = 100


@dataclass(frozen=True)
class Sides:
    """(N,) frames and the split of each. Times are microseconds, NO_TIME where they are not known; hashes FLAT and rows
    of zeros are of frames that cannot be compared by them."""

    ids: IntArray
    splits: NDArray[np.str_]
    video: IntArray
    camera: IntArray
    pts_us: IntArray
    clock_us: IntArray
    hashes: IntArray
    vectors: NDArray[np.float32]

    @property
    def has_vector(self) -> BoolArray:
        return np.asarray(self.vectors.any(axis=1))

    @property
    def has_hash(self) -> BoolArray:
        return np.asarray(self.hashes != FLAT)


def in_order(splits: Iterable[str]) -> list[str]:
    """Sort the names of splits: the known ones in their order, then the others by name."""
    return sorted(set(splits), key=lambda name: (SPLITS.index(name) if name in SPLITS else len(SPLITS), name))


def between(frames: Sides, left: str, right: str, asked: Asked) -> tuple[Between, list[Leak]]:
    """Compare the frames of two splits; each frame of `right` is put down with the frame most like it."""
    a, b = np.flatnonzero(frames.splits == left), np.flatnonzero(frames.splits == right)
    similarity, like = most_alike(frames.vectors[b], frames.vectors[a])
    by_vector = (like >= 0) & (similarity >= asked.min_similarity - ROUNDING)
    bits, same = _by_hash(frames, a, b, asked.max_bits)
    by_hash = (bits >= 0) & ~by_vector
    away_us, neighbour = _in_time(frames, a, b)
    by_time = away_us <= asked.within_s * 1e6
    ids = frames.ids
    found = [
        Leak("alike", int(ids[a[like[n]]]), int(ids[b[n]]), left, right, similarity=round(float(similarity[n]), 6))
        for n in np.flatnonzero(by_vector)
    ]
    found += [
        Leak("hash", int(ids[a[same[n]]]), int(ids[b[n]]), left, right, bits=int(bits[n]))
        for n in np.flatnonzero(by_hash)
    ]
    found += [
        Leak("time", int(ids[a[neighbour[n]]]), int(ids[b[n]]), left, right, seconds=round(float(away_us[n]) / 1e6, 6))
        for n in np.flatnonzero(by_time)
    ]
    compared = similarity[like >= 0]
    figures = Between(
        left=left,
        right=right,
        frames=len(b),
        alike=int(np.count_nonzero(by_vector | by_hash)),
        near=int(np.count_nonzero(by_time)),
        closest=round(float(compared.max()), 6) if len(compared) else None,
        videos=_count_both_sides(frames.video, frames.splits == left, frames.splits == right),
    )
    return figures, found


def _by_hash(frames: Sides, left: IntArray, right: IntArray, max_bits: int) -> tuple[IntArray, IntArray]:
    """Return for each frame of `right` the bits that differ from the nearest hash of `left`, and its row there; -1."""
    bits, same = np.full(len(right), -1, np.int64), np.full(len(right), -1, np.int64)
    has_left, has_right = frames.has_hash[left], frames.has_hash[right]
    found, rows = hamming_nearest(frames.hashes[right][has_right], frames.hashes[left][has_left], max_bits=max_bits)
    bits[has_right] = found
    same[has_right] = np.where(rows >= 0, np.flatnonzero(has_left)[rows] if has_left.any() else -1, -1)
    return bits, same


def _in_time(frames: Sides, left: IntArray, right: IntArray) -> tuple[IntArray, IntArray]:
    """Return how far each frame of `right` is from the nearest of `left` in its video, or by its camera's clock."""
    best, row = np.full(len(right), np.iinfo(np.int64).max), np.full(len(right), -1, np.int64)
    for place, time in ((frames.video, frames.pts_us), (frames.camera, frames.clock_us)):
        mine, theirs = time[right] != NO_TIME, time[left] != NO_TIME
        away, which = nearest_in_time(
            place[right][mine], time[right][mine], place[left][theirs], time[left][theirs]
        )  # fmt: skip
        nearer = np.flatnonzero(mine)[away < best[mine]]
        picked = which[away < best[mine]]
        best[nearer], row[nearer] = away[away < best[mine]], np.flatnonzero(theirs)[picked]
    return best, row


def nearest_in_time(
    place: IntArray, time: IntArray, other_place: IntArray, other_time: IntArray
) -> tuple[IntArray, IntArray]:
    """Find for each of (N,) moments the nearest of (M,) others at the same place: (N,) distances and rows of others.

    Distance NEVER and row -1 where there is none. Times are of any unit; of two equally near the earlier one."""
    distance = np.full(len(time), NEVER, np.int64)
    row = np.full(len(time), -1, np.int64)
    order = np.lexsort((other_time, other_place))
    for one in np.intersect1d(place, other_place):
        mine = np.flatnonzero(place == one)
        start, end = np.searchsorted(other_place[order], [one, one + 1])
        theirs = order[start:end]
        after = np.searchsorted(other_time[theirs], time[mine])
        for candidate in (np.maximum(after - 1, 0), np.minimum(after, len(theirs) - 1)):
            away = np.abs(other_time[theirs[candidate]] - time[mine])
            nearer = away < distance[mine]
            distance[mine[nearer]], row[mine[nearer]] = away[nearer], theirs[candidate][nearer]
    return distance, row


def _count_both_sides(values: NDArray[np.int64], left: NDArray[np.bool_], right: NDArray[np.bool_]) -> int:
    """Count the distinct values that occur on both sides."""
    return len(np.intersect1d(values[left], values[right]))
