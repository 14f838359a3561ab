"""Chance by identity: known numbers, so that a change of the code that would change every dataset is seen."""

import numpy as np

from curation.core.sampling.chance import chance_keys, chances_of, digest_of


def keys(digests, pts_us, seed=7):
    return chance_keys(np.asarray(digests, np.uint64), np.asarray(pts_us, np.int64), seed=seed)


def test_keys_are_the_same_for_ever():
    assert digest_of("00000000000000ff" + "0" * 48) == 255
    assert keys([1, 1, 2**64 - 1], [0, 40_000, -5]).tolist() == [
        13964071971116699290,
        6512188959910885262,
        7560165330064272020,
    ]


def test_keys_depend_on_the_file_the_time_and_the_seed_and_not_on_the_place():
    digests, times = np.arange(1000) // 10, np.arange(1000) % 10 * 40_000
    all_keys = keys(digests, times)
    assert len(set(all_keys.tolist())) == 1000
    assert keys(digests[::-1], times[::-1]).tolist() == all_keys[::-1].tolist()
    assert (keys(digests, times, seed=8) != all_keys).all()


def test_chances_are_even_and_never_0_or_1():
    chances = chances_of(keys(np.zeros(100_000), np.arange(100_000)))
    assert 0 < chances.min() < chances.max() < 1
    counts, _ = np.histogram(chances, bins=10, range=(0, 1))
    assert np.abs(counts - 10_000).max() < 500
    edges = chances_of(np.asarray([0, 2**64 - 1], np.uint64))
    assert 0 < edges[0] < edges[1] < 1


def test_neighbours_in_time_are_not_alike():
    chances = chances_of(keys(np.full(10_000, 12345), np.arange(10_000) * 40_000))
    assert abs(np.corrcoef(chances[1:], chances[:-1])[0, 1]) < 0.05


def test_no_frames_have_no_keys():
    assert keys([], []).tolist() == []
