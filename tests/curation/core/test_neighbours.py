"""Near pairs and nearest rows of vectors, beside comparing each with each in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import neighbour_index, neighbours
from curation.core.neighbour_index import NeighbourIndex
from curation.core.neighbours import TooManyPairs, most_alike, near_pairs, nearest, self_pairs, similarities


def clusters(count, *, dimension=16, groups=8, seed=0, spread=0.3):
    """Return unit vectors in groups, some of them equal, some zero."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, dimension))
    rows = centres[rng.integers(0, groups, count)] + spread * rng.normal(size=(count, dimension))
    rows[count // 2 : count // 2 + count // 8] = rows[: count // 8]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[count // 3 : count // 3 + 2] = 0
    return rows.astype(np.float32)


def cosines(left, right):
    left, right = left.astype(np.float64), right.astype(np.float64)
    lengths = np.linalg.norm(left, axis=1)[:, None] * np.linalg.norm(right, axis=1)
    return np.where(lengths > 0, left @ right.T / np.where(lengths > 0, lengths, 1), np.nan)


def brute_pairs(left, right, least):
    cosine = cosines(left, right)
    i, j = np.nonzero(cosine >= least - 1e-6)
    return i, j, cosine[i, j]


def unit(*rows):
    made = np.array(rows, np.float32).reshape(len(rows), -1)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(neighbours, "LEFT_ROWS", 7)
    monkeypatch.setattr(neighbours, "RIGHT_ROWS", 11)
    monkeypatch.setattr(neighbours, "TOGETHER", 5)
    monkeypatch.setattr(neighbour_index, "QUERIES", 9)


def test_pairs_by_hand():
    vectors = unit([1, 0], [1, 1], [0, 1], [1, 0])

    i, j, similarity = self_pairs(vectors, min_similarity=0.7)

    assert list(zip(i.tolist(), j.tolist(), strict=True)) == [(0, 1), (0, 3), (1, 2), (1, 3)]
    assert similarity == pytest.approx([0.5**0.5, 1, 0.5**0.5, 0.5**0.5])


def test_equal_rows_are_found_at_1():
    vectors = clusters(50)

    i, j, similarity = near_pairs(vectors[:10], vectors[:10], min_similarity=1.0)

    assert i.tolist() == j.tolist() == list(range(10))
    assert (similarity == 1).all()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("least", [-0.5, 0.0, 0.3, 0.8, 0.99, 1.0])
def test_all_pairs_are_found_in_order(least):
    left, right = clusters(60), clusters(45, seed=1)
    right[:5] = left[:5]

    i, j, similarity = near_pairs(left, right, min_similarity=least)
    wanted = brute_pairs(left, right, least)
    assert np.array_equal(i, wanted[0])
    assert np.array_equal(j, wanted[1])
    assert similarity == pytest.approx(wanted[2])

    i, j, _ = self_pairs(left, min_similarity=least)
    wanted = brute_pairs(left, left, least)
    assert np.array_equal(np.stack([i, j]), np.stack(wanted[:2])[:, wanted[0] < wanted[1]])


def test_the_blocks_do_not_show():
    vectors = clusters(300)
    whole = self_pairs(vectors, min_similarity=0.6)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "LEFT_ROWS", 13)
        patch.setattr(neighbours, "RIGHT_ROWS", 17)
        parts = self_pairs(vectors, min_similarity=0.6)

    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))


def test_nothing_is_near_to_nothing():
    empty, some = np.empty((0, 4), np.float32), unit([1, 0, 0, 0])

    for left, right in ((empty, empty), (empty, some), (some, empty)):
        assert [len(column) for column in near_pairs(left, right, min_similarity=0.1)] == [0, 0, 0]
        similarity, rows = most_alike(left, right)
        assert rows.tolist() == [-1] * len(left)
        assert similarity.tolist() == [0] * len(left)
    assert nearest(empty, k=3)[0].shape == (0, 3)
    assert nearest(some, k=3)[1].tolist() == [[-1, -1, -1]]


def test_more_pairs_than_fit_are_refused(monkeypatch):
    monkeypatch.setattr(neighbours, "MOST_PAIRS", 40)

    with pytest.raises(TooManyPairs, match="More than 40 pairs"):
        self_pairs(np.ones((20, 2), np.float32), min_similarity=0.9)


def test_vectors_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="wanted"):
        near_pairs(np.ones((2, 3), np.float32), np.ones((2, 4), np.float32), min_similarity=0.5)
    with pytest.raises(ValueError, match="k is 0"):
        nearest(np.ones((2, 3), np.float32), k=0)


@pytest.mark.usefixtures("small_blocks")
def test_most_alike_is_the_best_of_each():
    left, right = clusters(40), clusters(33, seed=2)

    similarity, rows = most_alike(left, right)

    cosine = cosines(left, right)
    has = left.any(axis=1)
    assert similarity[has] == pytest.approx(np.nanmax(cosine[has], axis=1), abs=1e-6)
    assert similarity[has] == pytest.approx(cosine[has, rows[has]], abs=1e-6)
    assert (rows[~has] == -1).all()
    assert right[rows[has]].any(axis=1).all()


def test_of_equally_alike_rows_the_first_is_most_alike():
    assert most_alike(unit([1, 0]), unit([0, 1], [1, 0], [1, 0]))[1].tolist() == [1]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("k", [1, 5, 100])
def test_nearest_are_the_best_k_others(k):
    vectors = clusters(60)

    similarity, rows = nearest(vectors, k=k)

    cosine = np.where(np.eye(60, dtype=bool), np.nan, cosines(vectors, vectors))
    wanted = -np.sort(-np.nan_to_num(cosine, nan=-9), axis=1)[:, :k]
    there = wanted > -9
    assert np.array_equal((rows >= 0)[:, : there.shape[1]], there)
    assert similarity[:, : there.shape[1]][there] == pytest.approx(wanted[there], abs=1e-6)
    assert not (rows == np.arange(60)[:, None]).any()
    assert not np.isin(rows, np.flatnonzero(~vectors.any(axis=1))).any()


def test_of_equally_near_rows_the_first_come_first():
    vectors = unit([1, 0], [0, 1], [1, 0], [1, 0], [1, 0])

    _, rows = nearest(vectors, k=3)

    assert rows.tolist() == [[2, 3, 4], [0, 2, 3], [0, 3, 4], [0, 2, 4], [0, 2, 3]]


@pytest.fixture
def many(monkeypatch):
    """Vectors that are too many to be compared each with each."""
    monkeypatch.setattr(neighbour_index, "EXACT_ROWS", 100)
    return clusters(4000, dimension=32, groups=50)


def test_an_inverted_file_finds_nearly_all(many):
    similarity, rows = nearest(many, k=10)

    cosine = np.nan_to_num(cosines(many, many), nan=-9)
    np.fill_diagonal(cosine, -9)
    has = many.any(axis=1)
    wanted = np.argsort(-cosine, axis=1)[:, :10]
    recall = np.mean([len(set(f) & set(w)) / 10 for f, w in zip(rows[has], wanted[has], strict=True)])
    assert recall > 0.95
    found = rows[has][:, 0] >= 0
    assert similarity[has][found, 0] == pytest.approx(cosine[has][found, rows[has][found, 0]], abs=2e-3)
    assert (rows[~has] == -1).all()


def test_the_same_vectors_give_the_same_neighbours(many):
    assert np.array_equal(nearest(many, k=5)[1], nearest(many.copy(), k=5)[1])


def test_a_fresh_index_is_empty_and_leaves_the_first_alone(many):
    index = NeighbourIndex(32, rows=len(many), sample=many)
    index.add(many[:2000])

    other = index.fresh()
    other.add(many[2000:2010])

    assert (index.count, other.count) == (2000, 10)
    assert set(other.search(many[2000:2010], k=1)[1].ravel().tolist()) == set(range(10))
    assert index.search(many[:5], k=1)[1].max() < 2000


def test_a_crowd_of_equal_vectors_does_not_stop_an_inverted_file(monkeypatch):
    monkeypatch.setattr(neighbour_index, "EXACT_ROWS", 100)
    vectors = np.vstack([np.repeat(unit([1, 0, 0]), 5000, axis=0), clusters(200, dimension=3)])

    similarity, rows = nearest(vectors, k=3)

    assert (similarity[:5000] > 0.999).all()
    assert (rows[:5000] >= 0).all()


@given(st.integers(0, 30), st.integers(0, 30), st.floats(-1, 1), st.integers(0, 100))
def test_pairs_do_not_depend_on_which_side_is_left(left, right, least, seed):
    rng = np.random.default_rng(seed)
    one, other = (np.sign(rng.normal(size=(n, 3))).astype(np.float32) / np.float32(3**0.5) for n in (left, right))

    i, j, similarity = near_pairs(one, other, min_similarity=least)
    back_j, back_i, again = near_pairs(other, one, min_similarity=least)

    order = np.lexsort((back_j, back_i))
    assert np.array_equal(i, back_i[order])
    assert np.array_equal(j, back_j[order])
    assert np.array_equal(similarity, again[order])


def test_similarities_of_single_pairs():
    vectors = np.array([[3, 0], [0, 2], [1, 1], [0, 0]], np.float32)

    assert similarities(vectors, vectors, np.array([0, 0, 0, 0]), np.array([0, 1, 2, 3])) == pytest.approx(
        [1, 0, 0.5**0.5, 0]
    )
