"""64-bit hashes that differ in few bits, found without comparing each with each.

Hashes are cut into bands. Two that differ in at most r bits differ in at most r // BANDS bits in some band (by the
pigeonhole principle), so only those are compared that agree in a band once so many of its bits are flipped.
Source: Norouzi, Punjani and Fleet, "Fast search in Hamming space with multi-index hashing", CVPR 2012."""

from collections.abc import Iterator
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.errors import WinnowError
from curation.core.types import IntArray

Hashes: TypeAlias = NDArray[np.uint64] | NDArray[np.int64]
"""(N,) hashes; the signed numbers of a bigint column will do."""
BitPairs: TypeAlias = tuple[IntArray, IntArray, IntArray]
"""(P,) rows of left, (P,) rows of right, (P,) bits that differ; sorted by left, then right."""

BANDS, BAND_BITS = 4, 16
MOST_BITS = 11
"""Above, nearly every hash would have to be compared with every other."""
FEW = 2048
"""So many hashes or fewer are compared with each."""
TOGETHER = 1 << 17
"""Pairs compared at once: they stay in a core's own cache."""
MOST_PAIRS = 50_000_000
"""So many pairs fit into a worker's memory."""


class TooManyPairs(WinnowError):
    """More pairs are near than can be listed."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"More than {most:,} pairs are as near as that, so they were not listed. Ask for nearer ones (a higher "
            "similarity, fewer bits), or for the nearest of each row only."
        )


def hamming_pairs(hashes: Hashes, *, max_bits: int) -> BitPairs:
    """Find all pairs i < j of (N,) hashes that differ in at most max_bits bits. Exact. N may be 0.

    Equal hashes are compared once, however many there are. Raises TooManyPairs above MOST_PAIRS (for a hash that tens
    of thousands of black frames share), ValueError if max_bits is not 0 to MOST_BITS."""
    distinct, rows = _distinct(hashes)
    one, other = _near(distinct, distinct, max_bits, own=True)
    same = np.arange(len(distinct))
    i, j = _expand(np.concatenate([same, one]), np.concatenate([same, other]), rows, rows)
    i, j = i[i != j], j[i != j]
    i, j = np.minimum(i, j), np.maximum(i, j)
    # Pairs of equal hashes came both ways round.
    once = np.unique(i * len(hashes) + j)
    i, j = once // max(1, len(hashes)), once % max(1, len(hashes))
    return i, j, _bits(_unsigned(hashes)[i], _unsigned(hashes)[j])


def hamming_near(left: Hashes, right: Hashes, *, max_bits: int) -> BitPairs:
    """Find all pairs of one of (N,) left and one of (M,) right hashes that differ in at most max_bits bits. Exact.

    Raises as `hamming_pairs` does."""
    (left_distinct, left_rows), (right_distinct, right_rows) = _distinct(left), _distinct(right)
    one, other = _near(left_distinct, right_distinct, max_bits, own=False)
    i, j = _expand(one, other, left_rows, right_rows)
    order = np.lexsort((j, i))
    i, j = i[order], j[order]
    return i, j, _bits(_unsigned(left)[i], _unsigned(right)[j])


def hamming_nearest(left: Hashes, right: Hashes, *, max_bits: int) -> tuple[IntArray, IntArray]:
    """Find for each of (N,) left hashes the one of (M,) right that differs least, within max_bits: (N,) bits and rows.

    Of equally near ones the first. Bits and row are -1 where none is that near. However many hashes are equal, the
    answer has N rows: this never raises TooManyPairs for them."""
    (left_distinct, left_rows), (right_distinct, right_rows) = _distinct(left), _distinct(right)
    one, other = _near(left_distinct, right_distinct, max_bits, own=False)
    firsts = right_rows.firsts()[other]
    bits = _bits(left_distinct[one], right_distinct[other])
    order = np.lexsort((firsts, bits, one))
    near, at = np.unique(one[order], return_index=True)
    best_bits, best_row = np.full(len(left_distinct), -1, np.int64), np.full(len(left_distinct), -1, np.int64)
    best_bits[near], best_row[near] = bits[order][at], firsts[order][at]
    return best_bits[left_rows.of_row], best_row[left_rows.of_row]


class _Rows:
    """Which rows have each of the distinct hashes."""

    def __init__(self, of_row: IntArray, count: int) -> None:
        self.of_row = of_row
        self.order = np.argsort(of_row, kind="stable")
        self.starts = np.searchsorted(of_row[self.order], np.arange(count + 1))

    def firsts(self) -> IntArray:
        """Return the first row of each distinct hash."""
        firsts: IntArray = self.order[self.starts[:-1]]
        return firsts


def _unsigned(hashes: Hashes) -> NDArray[np.uint64]:
    return np.ascontiguousarray(hashes).view(np.uint64)


def _distinct(hashes: Hashes) -> tuple[NDArray[np.uint64], _Rows]:
    distinct, of_row = np.unique(_unsigned(hashes), return_inverse=True)
    return distinct, _Rows(of_row.astype(np.int64), len(distinct))


def _bits(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> IntArray:
    bits: IntArray = np.bitwise_count(one ^ other).astype(np.int64)
    return bits


def _expand(one: IntArray, other: IntArray, left: _Rows, right: _Rows) -> tuple[IntArray, IntArray]:
    """Turn pairs of distinct hashes into pairs of rows."""
    wide = np.diff(right.starts)[other]
    counts = np.diff(left.starts)[one] * wide
    total = int(counts.sum())
    if total > MOST_PAIRS:
        raise TooManyPairs(MOST_PAIRS)
    of_pair = np.repeat(np.arange(len(one)), counts)
    place = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    i = left.order[left.starts[one][of_pair] + place // wide[of_pair]]
    j = right.order[right.starts[other][of_pair] + place % wide[of_pair]]
    return i, j


def _near(
    left: NDArray[np.uint64], right: NDArray[np.uint64], max_bits: int, *, own: bool
) -> tuple[IntArray, IntArray]:
    """Find the pairs among distinct hashes; with `own` left is right, and each pair i < j comes once."""
    if not 0 <= max_bits <= MOST_BITS:
        raise ValueError(f"max_bits is {max_bits}, but 0 to {MOST_BITS} is wanted.")
    few = len(left) * len(right) <= FEW * FEW
    candidates = _all(left, right, max_bits) if few else _agreeing(left, right, max_bits, own=own)
    once: IntArray = np.empty(0, np.int64)
    more: list[IntArray] = []
    for i, j in candidates:
        if own:
            is_one = i < j if few else i != j
            i, j = np.minimum(i, j)[is_one], np.maximum(i, j)[is_one]
        more.append(i * len(right) + j)
        if sum(map(len, more)) > MOST_PAIRS:
            once = _merged(once, more)
    once = _merged(once, more)
    return once // max(1, len(right)), once % max(1, len(right))


def _merged(once: IntArray, more: list[IntArray]) -> IntArray:
    """Return all numbers once, since a pair may agree in several bands, and empty `more`."""
    merged: IntArray = np.unique(np.concatenate([once, *more]))
    more.clear()
    if len(merged) > MOST_PAIRS:
        raise TooManyPairs(MOST_PAIRS)
    return merged


def _all(left: NDArray[np.uint64], right: NDArray[np.uint64], max_bits: int) -> Iterator[tuple[IntArray, IntArray]]:
    i, j = np.nonzero(np.bitwise_count(left[:, None] ^ right) <= max_bits)
    yield i, j


def _agreeing(
    left: NDArray[np.uint64], right: NDArray[np.uint64], max_bits: int, *, own: bool
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the near pairs that agree in a band but for a few bits; some come more than once."""
    for band in range(BANDS):
        asking, sought = _Band(left, band), _Band(right, band)
        for flip in _flips(max_bits // BANDS):
            key = asking.keys ^ flip
            # A pair of one's own would come from both its sides.
            rows = np.flatnonzero(key >= asking.keys) if own else np.arange(len(key))
            first, last = sought.starts[key[rows]], sought.starts[key[rows] + 1]
            for i, j in _near_in_buckets(asking.hashes[rows], sought.hashes, first, last, max_bits):
                yield asking.order[rows[i]], sought.order[j]


class _Band:
    """Hashes in order of one band of theirs: a bucket is a stretch of them, and is read without jumps."""

    def __init__(self, hashes: NDArray[np.uint64], band: int) -> None:
        keys = (hashes >> np.uint64(band * BAND_BITS)).astype(np.int64) & (1 << BAND_BITS) - 1
        self.order = np.argsort(keys, kind="stable")
        self.keys, self.hashes = keys[self.order], hashes[self.order]
        self.starts = np.searchsorted(self.keys, np.arange((1 << BAND_BITS) + 1))


def _flips(most: int) -> Iterator[int]:
    for count in range(most + 1):
        for places in combinations(range(BAND_BITS), count):
            yield sum(1 << place for place in places)


def _near_in_buckets(
    asking: NDArray[np.uint64], sought: NDArray[np.uint64], first: IntArray, last: IntArray, max_bits: int
) -> Iterator[tuple[IntArray, IntArray]]:
    """Compare asking[i] with each of sought[first[i]:last[i]], about TOGETHER pairs at a time."""
    counts = last - first
    ends = np.cumsum(counts)
    start = 0
    while start < len(asking):
        before = int(ends[start] - counts[start])
        stop = max(start + 1, int(np.searchsorted(ends, before + TOGETHER, side="right")))
        some = counts[start:stop]
        shift = np.repeat(first[start:stop] - (ends[start:stop] - some - before), some)
        places = np.arange(len(shift)) + shift
        differing = np.repeat(asking[start:stop], some)
        np.bitwise_xor(differing, sought[places], out=differing)
        near = np.flatnonzero(np.bitwise_count(differing) <= max_bits)
        if len(near):
            yield start + np.searchsorted(ends[start:stop] - before, near, side="right"), places[near]
        start = stop
