"""Hashes that differ in few bits, beside comparing each with each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from curation.core import hamming
from curation.core.errors import WinnowError
from curation.core.hamming import MOST_BITS, hamming_near, hamming_nearest, hamming_pairs

NONE, ONE = np.array([], np.uint64), np.array([5], np.uint64)


def brute(left, right, max_bits):
    """Return (i, j, bits) of all near pairs, by comparing each with each."""
    bits = np.bitwise_count(left.view(np.uint64)[:, None] ^ right.view(np.uint64)[None]).astype(np.int64)
    i, j = np.nonzero(bits <= max_bits)
    return i, j, bits[i, j]


def brute_own(hashes, max_bits):
    i, j, bits = brute(hashes, hashes, max_bits)
    return i[i < j], j[i < j], bits[i < j]


def same(found, wanted):
    return all(np.array_equal(one, other) for one, other in zip(found, wanted, strict=True))


@st.composite
def crowds(draw):
    """Hashes some of which are equal or nearly so."""
    seeds = draw(arrays.arrays(np.uint64, st.integers(1, 12)))
    rows = draw(arrays.arrays(np.int64, st.integers(0, 40), elements=st.integers(0, len(seeds) - 1)))
    flips = draw(arrays.arrays(np.uint64, len(rows), elements=st.sampled_from([0, 1, 3, 1 << 63, 1 << 20, 0xFF << 30])))
    return seeds[rows] ^ flips


@pytest.fixture
def always_by_bands(monkeypatch):
    monkeypatch.setattr(hamming, "FEW", 0)
    monkeypatch.setattr(hamming, "TOGETHER", 7)


def test_pairs_by_hand():
    hashes = np.array([0b0000, 0b0001, 0b0111, 0b0000], np.uint64)

    assert same(hamming_pairs(hashes, max_bits=1), ([0, 0, 1], [1, 3, 3], [1, 0, 1]))
    assert same(hamming_pairs(hashes, max_bits=0), ([0], [3], [0]))


def test_signed_numbers_of_a_column_will_do():
    hashes = np.array([-1, 0, -2], np.int64)

    assert same(hamming_pairs(hashes, max_bits=1), ([0], [2], [1]))
    assert same(hamming_near(hashes, hashes.view(np.uint64), max_bits=0), ([0, 1, 2], [0, 1, 2], [0, 0, 0]))


@pytest.mark.parametrize(
    "left, right", [(NONE, NONE), (NONE, np.array([5], np.uint64)), (np.array([5], np.uint64), NONE)]
)
def test_nothing_is_near_to_nothing(left, right):
    assert same(hamming_near(left, right, max_bits=3), ([], [], []))
    assert same(hamming_pairs(left, max_bits=3), ([], [], []))
    bits, rows = hamming_nearest(left, right, max_bits=3)
    assert bits.tolist() == rows.tolist() == [-1] * len(left)


def test_one_hash_has_no_pair():
    assert same(hamming_pairs(np.array([7], np.uint64), max_bits=MOST_BITS), ([], [], []))


def test_nearest_is_the_first_of_equally_near_ones():
    left, right = np.array([0b1, 0b11110000], np.uint64), np.array([0b11, 0b0, 0b1, 0b1], np.uint64)

    bits, rows = hamming_nearest(left, right, max_bits=2)

    assert bits.tolist() == [0, -1]
    assert rows.tolist() == [2, -1]


@pytest.mark.parametrize("max_bits", [0, 1, 3, 4, 6, 8, MOST_BITS])
@pytest.mark.usefixtures("always_by_bands")
def test_bands_find_what_comparing_with_each_finds(max_bits):
    rng = np.random.default_rng(max_bits)
    seeds = rng.integers(0, 2**64, 60, dtype=np.uint64)
    noise = np.packbits(rng.random((600, 64)) < 0.05, axis=1).view(np.uint64).ravel()
    hashes = seeds[rng.integers(0, 60, 600)] ^ noise

    assert same(hamming_pairs(hashes, max_bits=max_bits), brute_own(hashes, max_bits))
    assert same(
        hamming_near(hashes[:250], hashes[200:], max_bits=max_bits), brute(hashes[:250], hashes[200:], max_bits)
    )


@given(crowds(), crowds(), st.integers(0, MOST_BITS))
def test_bands_find_what_comparing_with_each_finds_whatever_the_hashes(left, right, max_bits):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hamming, "FEW", 0)
        patch.setattr(hamming, "TOGETHER", 5)

        assert same(hamming_pairs(left, max_bits=max_bits), brute_own(left, max_bits))
        assert same(hamming_near(left, right, max_bits=max_bits), brute(left, right, max_bits))
        bits, rows = hamming_nearest(left, right, max_bits=max_bits)

    apart = np.bitwise_count(left[:, None] ^ right[None]).astype(int).tolist()
    wanted = [min(((b, j) for j, b in enumerate(row) if b <= max_bits), default=(-1, -1)) for row in apart]
    assert list(zip(bits.tolist(), rows.tolist(), strict=True)) == wanted


def test_a_crowd_of_black_frames_is_refused_as_pairs_and_answered_as_nearest():
    black = np.zeros(100_000, np.uint64)

    with pytest.raises(WinnowError, match="nearest of each"):
        hamming_pairs(black, max_bits=6)
    with pytest.raises(WinnowError, match="nearest of each"):
        hamming_near(black, black, max_bits=6)
    bits, rows = hamming_nearest(black, black, max_bits=6)
    assert not bits.any()
    assert not rows.any()


@pytest.mark.usefixtures("always_by_bands")
def test_too_many_pairs_are_noticed_before_they_fill_the_memory(monkeypatch):
    monkeypatch.setattr(hamming, "MOST_PAIRS", 100)
    hashes = np.arange(64, dtype=np.uint64)

    with pytest.raises(WinnowError, match="More than 100 pairs"):
        hamming_pairs(hashes, max_bits=6)


@pytest.mark.parametrize("max_bits", [-1, MOST_BITS + 1])
def test_as_many_bits_as_make_no_sense_are_refused(max_bits):
    with pytest.raises(ValueError, match="max_bits"):
        hamming_pairs(np.zeros(2, np.uint64), max_bits=max_bits)
