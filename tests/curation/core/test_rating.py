"""Uniqueness, typicality, outliers and duplicates of frames, beside slow and obvious versions."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import rating
from curation.core.neighbour_index import NeighbourIndex
from curation.core.rating import (
    HASH_ONLY_BITS,
    LEAST_DISTANCE,
    NEIGHBOURS,
    Nearness,
    Rater,
    hash_leaders,
    joined,
    outlier_scores,
    typicality,
)


def rated(vectors, hashes=None, *, nearness=None, parts=1):
    vectors = np.asarray(vectors, np.float32)
    hashes = np.zeros(len(vectors), np.int64) if hashes is None else np.asarray(hashes, np.int64)
    index = NeighbourIndex(vectors.shape[1], rows=len(vectors), sample=vectors)
    index.add(vectors)
    rater = Rater(index, nearness=nearness or Nearness())
    cuts = np.linspace(0, len(vectors), parts + 1).astype(int)
    return joined([rater.rate(vectors[a:b], hashes[a:b]) for a, b in pairwise(cuts)])


def turned(*degrees):
    """Return unit vectors in a plane."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def by_degrees(degrees):
    return Nearness(min_similarity=float(np.cos(np.radians(degrees + 0.01))), hash_similarity=1.0, max_bits=0)


def slow_leaders(vectors, hashes, nearness):
    """Compare each frame with each leader before it."""
    leader = []
    for i, vector in enumerate(vectors):
        leaders = [j for j in range(i) if leader[j] == j]
        near = [
            j for j in leaders
            if nearness.near(np.float32(vector @ vectors[j])[None], hashes[i : i + 1], hashes[j : j + 1])[0]
        ]  # fmt: skip
        leader.append(near[0] if near else i)
    return leader


def test_a_frame_near_to_a_leader_is_its_duplicate():
    assert rated(turned(0, 5, 90, 3, 93), nearness=by_degrees(10)).leader.tolist() == [0, 0, 2, 0, 2]


def test_a_slow_pan_is_not_one_group():
    pan = turned(*range(0, 40, 4))

    leader = rated(pan, nearness=by_degrees(10)).leader

    assert leader.tolist() == [0, 0, 0, 3, 3, 3, 6, 6, 6, 9]


def test_of_two_leaders_the_first_counts_though_the_second_is_nearer():
    assert rated(turned(0, 12, 8), nearness=by_degrees(10)).leader.tolist() == [0, 1, 0]


def test_equal_hashes_make_duplicates_only_of_what_is_alike():
    nearness = Nearness(min_similarity=0.9999, hash_similarity=float(np.cos(np.radians(15.01))), max_bits=2)
    vectors = turned(0, 10, 10, 60, 10)

    # The second shares the hash; the third's is another; the fourth's is the same, but it looks different; the last has
    # none, and the vector of the third.
    assert rated(vectors, [0b111, 0b100, 0xFF00, 0b111, 0], nearness=nearness).leader.tolist() == [0, 0, 2, 3, 2]


def test_flat_pictures_are_no_duplicates_by_their_hash():
    nearness = Nearness(min_similarity=0.9999, hash_similarity=0.5, max_bits=4)

    assert rated(turned(0, 10), [0, 0], nearness=nearness).leader.tolist() == [0, 1]
    assert rated(turned(0, 10), [7, 7], nearness=nearness).leader.tolist() == [0, 0]


def test_neighbours_by_hand():
    found = rated(turned(0, 60, 180))

    away = 2 * np.sin(np.radians(np.array([60, 120, 180])) / 2)
    assert found.similarity == pytest.approx([0.5, 0.5, -0.5], abs=1e-6)
    assert found.distance == pytest.approx([(away[0] + away[2]) / 2, (away[0] + away[1]) / 2, (away[1] + away[2]) / 2])


def test_a_frame_alone_has_nothing_to_be_compared_with():
    found = rated(turned(0))

    assert np.isnan(found.similarity).all()
    assert np.isnan(found.distance).all()
    assert found.leader.tolist() == [0]
    assert len(rated(np.empty((0, 4))).leader) == 0


def test_only_the_ten_nearest_count():
    vectors = np.vstack([turned(*([0] * (NEIGHBOURS + 1))), turned(180, 180)])

    found = rated(vectors)

    assert found.distance[0] == pytest.approx(0, abs=1e-3)
    assert found.distance[-1] == pytest.approx(2 * (NEIGHBOURS - 1) / NEIGHBOURS)


@given(st.integers(0, 60), st.integers(1, 4), st.integers(1, 25), st.integers(0, 50))
def test_leaders_are_those_of_comparing_with_each_whatever_the_blocks(count, parts, block, seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(4, 3))[rng.integers(0, 4, count)] + 0.2 * rng.normal(size=(count, 3))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    hashes = rng.choice([0, 1, 3, 0xF0, 0xFF], count)
    nearness = Nearness(min_similarity=0.98, hash_similarity=0.9, max_bits=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rating, "BLOCK", block)
        leader = rated(vectors, hashes, nearness=nearness, parts=parts).leader.tolist()

    assert leader == slow_leaders(vectors, hashes, nearness)
    assert all(leader[row] == row and row <= i for i, row in enumerate(leader)), "a leader leads itself"


def test_going_on_from_what_was_rated_gives_the_same():
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(60, 2))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    hashes = rng.integers(1, 4, 60)
    whole = rated(vectors, hashes)

    index = NeighbourIndex(2, rows=60, sample=vectors)
    index.add(vectors)
    rater = Rater(index, nearness=Nearness())
    rater.go_on(vectors[:25], hashes[:25], leads=whole.leader[:25] == np.arange(25))
    rest = rater.rate(vectors[25:], hashes[25:])

    assert np.array_equal(rest.leader, whole.leader[25:])
    assert np.array_equal(rest.distance, whole.distance[25:])


def test_outlier_scores_by_hand():
    # The median is 3. Above and at it: 0, 1, 9, so the spread there is 1; below and at it: 0, 1, 2, so it is 1 too.
    scores = outlier_scores(np.array([1.0, 2.0, 3.0, 4.0, 12.0]))

    assert scores == pytest.approx(np.array([-2, -1, 0, 1, 9]) / 1.4826)


def test_many_near_duplicates_do_not_hide_what_is_far_off():
    # One spread for both sides would be that of the near-duplicates and of the rest together.
    near, usual, odd = [0.001] * 40, [0.02, 0.03, 0.04, 0.05] * 15, [0.9]
    scores = outlier_scores(np.array([*near, *usual, *odd]))

    assert scores[-1] > 20
    assert (scores[:-1] < 3.5).all()


def test_outlier_scores_where_most_are_equal():
    scores = outlier_scores(np.array([1, 1, 1, 1, 2.0]))

    assert scores == pytest.approx([0, 0, 0, 0, 1 / (1.2533 * 0.2)])
    assert outlier_scores(np.array([0.5, 0.5])).tolist() == [0, 0]


def test_outlier_scores_of_nothing_are_nothing():
    assert outlier_scores(np.array([])).tolist() == []
    assert np.isnan(outlier_scores(np.array([np.nan]))).all()
    assert np.isnan(outlier_scores(np.array([1.0, np.nan, 2.0]))).tolist() == [False, True, False]


def test_a_picture_unlike_all_others_is_an_outlier():
    rng = np.random.default_rng(0)
    alike = np.eye(20)[:1] + 0.1 * rng.normal(size=(300, 20))
    vectors = np.vstack([alike, -np.eye(20)[:1]])

    scores = outlier_scores(rated(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).distance)

    assert scores.argmax() == 300
    assert scores[300] > 3.5
    assert (scores > 3.5).sum() <= 3


def test_typicality_is_high_among_many_and_bounded():
    assert typicality(np.array([0.5, 0.0])).tolist() == [2, 1 / LEAST_DISTANCE]
    assert np.isnan(typicality(np.array([np.nan]))).all()


def test_hash_leaders_by_hand():
    hashes = np.array([0b1, 0, 0b11, 0b1, 0, 0b1111100, 0b11], np.int64)
    leads = np.array([True, False, False, True, False, False, True])

    assert hash_leaders(hashes, leads=leads).tolist() == [0, 1, 0, 3, 4, 5, 6]
    assert hash_leaders(np.array([], np.int64), leads=np.array([], bool)).tolist() == []


def test_a_chain_of_hashes_is_not_one_group():
    hashes = np.array([0b1, 0b111, 0b11111, 0b1111111], np.int64)

    assert hash_leaders(hashes, leads=np.zeros(4, bool)).tolist() == [0, 0, 2, 2]


@given(st.lists(st.tuples(st.integers(-2, 40), st.booleans()), max_size=40))
def test_hash_leaders_are_those_of_comparing_with_each(rows):
    hashes, leads = np.array([h for h, _ in rows], np.int64), np.array([lead for _, lead in rows], bool)

    leader = hash_leaders(hashes, leads=leads).tolist()

    for i, first in enumerate(leader):
        assert first <= i
        assert leader[first] == first
        if first != i:
            assert not leads[i]
            assert ((int(hashes[i]) ^ int(hashes[first])) & (1 << 64) - 1).bit_count() <= HASH_ONLY_BITS
    lone = [i for i, first in enumerate(leader) if first == i and not leads[i] and hashes[i] != 0]
    for i in lone:
        for j in range(i):
            if leader[j] == j and hashes[j] and hashes.tolist().index(hashes[j]) == j:
                assert ((int(hashes[i]) ^ int(hashes[j])) & (1 << 64) - 1).bit_count() > HASH_ONLY_BITS


@pytest.mark.parametrize(
    "wrong",
    [{"min_similarity": 0}, {"min_similarity": 1.1}, {"hash_similarity": 0}, {"max_bits": 12}, {"max_bits": -1}],
)
def test_thresholds_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Nearness(**wrong)
