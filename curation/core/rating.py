"""What a frame is like beside the others: how unique, how typical, how far off, and of which one it is a duplicate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.core.hamming import MOST_BITS, hamming_pairs
from curation.core.neighbour_index import NeighbourIndex
from curation.core.phash import FLAT
from curation.core.types import BoolArray, FloatArray, IntArray

NEIGHBOURS = 10
LEAST_DISTANCE = 1e-3
"""Nearer vectors differ by no more than the rounding to half precision in which they are stored."""
LEADERS = 32
"""A frame is compared with so many of the leaders most like it."""
BLOCK = 2048
"""Frames rated together."""
HASH_ONLY_BITS = 2
"""Without vectors only hashes as near as that count: before a camera that stands still, two people differ by four."""
NORMAL = 1.4826
"""Standard deviations of a normal distribution in its median absolute deviation."""
MEAN_NORMAL = 1.2533


@dataclass(frozen=True)
class Nearness:
    """From when on two frames are near-duplicates: by their vectors, or by slightly less alike vectors and the hash.

    The hash alone would not do: to it, different people before the same wall look the same."""

    min_similarity: float = 0.99
    hash_similarity: float = 0.98
    """Needed besides hashes that differ in at most max_bits bits."""
    max_bits: int = 4

    def __post_init__(self) -> None:
        if not 0 < self.min_similarity <= 1:
            raise ValueError(f"min_similarity is {self.min_similarity}, but more than 0 and at most 1 is wanted.")
        if not 0 < self.hash_similarity <= 1:
            raise ValueError(f"hash_similarity is {self.hash_similarity}, but more than 0 and at most 1 is wanted.")
        if not 0 <= self.max_bits <= MOST_BITS:
            raise ValueError(f"max_bits is {self.max_bits}, but 0 to {MOST_BITS} is wanted.")

    def near(self, similarity: FloatArray, one: IntArray, other: IntArray) -> BoolArray:
        """Tell which pairs are near-duplicates from their similarities and hashes, arrays of one shape."""
        bits = np.bitwise_count(one.view(np.uint64) ^ other.view(np.uint64))
        by_hash = (similarity >= self.hash_similarity) & (bits <= self.max_bits) & (one != FLAT) & (other != FLAT)
        near: BoolArray = (similarity >= self.min_similarity - 1e-6) | by_hash
        return near


@dataclass(frozen=True)
class Rated:
    """Ratings of (N,) frames; NaN where there is nothing to compare with."""

    similarity: NDArray[np.float32]
    """To the frame most like it."""
    distance: NDArray[np.float32]
    """Mean Euclidean distance of unit vectors, 0 to 2, to its NEIGHBOURS nearest."""
    leader: IntArray
    """Row of the first frame that it is a near-duplicate of; its own where it is the first."""


class Rater:
    """Rates frames of an index in the order of its rows, a block at a time.

    A frame near to a leader before it is a duplicate of the first such leader; one near to none is a leader itself. So
    all duplicates are near to their leader, and a slow pan, each frame of which is near to the next, does not become
    one group. Compared are the LEADERS leaders most like a frame: exact as far as the index is."""

    def __init__(self, index: NeighbourIndex, *, nearness: Nearness) -> None:
        self._index, self._nearness = index, nearness
        self._leaders = index.fresh()
        self._rows: list[IntArray] = []
        self._hashes: list[IntArray] = []
        self.done = 0

    def go_on(self, vectors: NDArray[np.float32], hashes: IntArray, *, leads: BoolArray) -> None:
        """Take in the next (N,) rows as they were rated before; `leads` says which are leaders."""
        self._lead(vectors, hashes, np.arange(self.done, self.done + len(leads)), leads)
        self.done += len(leads)

    def rate(self, vectors: NDArray[np.float32], hashes: IntArray) -> Rated:
        """Rate the next (N, D) rows of the index, with their (N,) hashes (FLAT where there is none)."""
        parts = []
        for start in range(0, len(vectors), BLOCK):
            some = slice(start, start + BLOCK)
            rows = np.arange(self.done, self.done + len(vectors[some]))
            similarity, found = self._index.others(vectors[some], own=rows, k=NEIGHBOURS)
            leader = self._follow(vectors[some], hashes[some], rows)
            self._lead(vectors[some], hashes[some], rows, leader == rows)
            parts.append(Rated(*_beside(similarity, found >= 0), leader))
            self.done += len(rows)
        return joined(parts)

    def _follow(self, vectors: NDArray[np.float32], hashes: IntArray, rows: IntArray) -> IntArray:
        """Find the leader of each row of a block: one of before, else the first of the block."""
        leader = self._leader_before(vectors, hashes)
        near = np.triu(self._nearness.near(vectors @ vectors.T, *np.broadcast_arrays(hashes[:, None], hashes)), 1)
        for row in range(len(rows)):
            if leader[row] < 0:
                leader[row] = rows[row]
                leader[near[row] & (leader < 0)] = rows[row]
        return leader

    def _leader_before(self, vectors: NDArray[np.float32], hashes: IntArray) -> IntArray:
        """Find the first leader of earlier blocks that each row is near to, -1 where there is none."""
        none = np.iinfo(np.int64).max
        if not self._leaders.count:
            return np.full(len(vectors), -1, np.int64)
        all_rows, all_hashes = self._of_leaders()
        similarity, found = self._leaders.search(vectors, k=LEADERS)
        theirs, mine = np.broadcast_arrays(all_hashes[found], hashes[:, None])
        near = self._nearness.near(similarity, np.ascontiguousarray(mine), theirs) & (found >= 0)
        first: IntArray = np.where(near, all_rows[found], none).min(axis=1)
        return np.where(first == none, -1, first)

    def _of_leaders(self) -> tuple[IntArray, IntArray]:
        self._rows, self._hashes = [np.concatenate(self._rows)], [np.concatenate(self._hashes)]
        return self._rows[0], self._hashes[0]

    def _lead(self, vectors: NDArray[np.float32], hashes: IntArray, rows: IntArray, leads: BoolArray) -> None:
        self._leaders.add(vectors[leads])
        self._rows.append(rows[leads])
        self._hashes.append(hashes[leads])


def joined(parts: Sequence[Rated]) -> Rated:
    """Put ratings of rows that follow each other together. There may be none."""
    return Rated(
        np.concatenate([np.empty(0, np.float32), *(part.similarity for part in parts)]),
        np.concatenate([np.empty(0, np.float32), *(part.distance for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.leader for part in parts)]),
    )


def outlier_scores(distance: FloatArray) -> NDArray[np.float64]:
    """Say how far (N,) mean distances to the nearest lie above the usual, in robust standard deviations.

    About 0 for a usual frame, above 3.5 for an outlier (Iglewicz and Hoaglin, 1993). Footage is lopsided: most frames
    have near-duplicates, and one spread for both sides would hide what is far off. So each side has its own, the median
    absolute deviation of what lies there (double MAD; Rosenmai, 2013), the mean one where more than half are equal, and
    the score is 0 where all are. NaN stays NaN."""
    away: NDArray[np.float64] = distance.astype(np.float64)
    if np.isnan(away).all():
        return away
    away = away - np.nanmedian(away)
    above, below = _spread(away[away >= 0]), _spread(away[away <= 0])
    scores: NDArray[np.float64] = away / np.where(away > 0, above, below)
    return scores


def _spread(away: NDArray[np.float64]) -> float:
    sizes = np.abs(away)
    return float(NORMAL * np.median(sizes) or MEAN_NORMAL * np.mean(sizes) or np.inf)


def typicality(distance: FloatArray) -> NDArray[np.float64]:
    """Return 1 / (N,) mean distances to the nearest: high where many are like it. At most 1 / LEAST_DISTANCE.

    Source: Hacohen, Dekel and Weinshall, "Active Learning on a Budget" (TypiClust), ICML 2022."""
    typical: NDArray[np.float64] = 1.0 / np.maximum(distance.astype(np.float64), LEAST_DISTANCE)
    return typical


def hash_leaders(hashes: IntArray, *, leads: BoolArray) -> IntArray:
    """Find the first row that each of (N,) hashes is a near-duplicate of: its own row where it is the first.

    Rows that `leads` (N,) marks lead in any case. Hashes are near within HASH_ONLY_BITS bits; FLAT is near to none."""
    leader = np.arange(len(hashes))
    told = np.flatnonzero(hashes != FLAT)
    distinct, first, of_row = np.unique(hashes[told], return_index=True, return_inverse=True)
    by_time = np.argsort(first, kind="stable")
    place = np.argsort(by_time, kind="stable")[of_row]
    firsts = told[first[by_time]]
    one, other, _ = hamming_pairs(distinct[by_time], max_bits=HASH_ONLY_BITS)
    own: IntArray = np.arange(len(distinct))
    group = own.copy()
    # Where a hash is asked about, all before it are settled. Pairs come by the earlier one; wanted is by the later.
    for later, earlier in sorted(zip(other.tolist(), one.tolist(), strict=True)):
        if group[later] == later and group[earlier] == earlier and not leads[firsts[later]]:
            group[later] = earlier
    led = firsts[group[place]]
    leader[told] = np.where(leads[told], told, led)
    return leader


def _beside(similarity: NDArray[np.float32], is_there: BoolArray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the highest similarity and the mean distance of each row of (N, k) neighbours; NaN where there is none."""
    count = is_there.sum(axis=1)
    away = np.sqrt(np.maximum(2.0 - 2.0 * similarity, 0.0)) * is_there
    none = np.full(len(similarity), np.nan, np.float32)
    mean: NDArray[np.float32] = np.divide(away.sum(axis=1), count, out=none.copy(), where=count > 0)
    return np.where(count > 0, similarity[:, 0], none), mean
