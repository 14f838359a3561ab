"""The seed most like each row."""

import numpy as np
import pytest

from activelearning.core import likeness
from activelearning.core.likeness import Sought
from tests.activelearning.core.pools import unit


def nearest(rows, seeds, groups):
    return Sought(seeds, groups).nearest(rows, np.arange(len(rows)))


def test_each_row_finds_the_seed_most_like_it_in_each_group():
    seeds = unit([1, 0], [0, 1], [1, 1])
    rows = unit([1, 0.1], [0, 2], [-1, -1], [0, 0])
    one, other = nearest(rows, seeds, [np.asarray([0, 1]), np.asarray([2])])
    assert one[1][:2].tolist() == [0, 1]
    assert one[0] == pytest.approx([0.99504, 1, 0, 0], abs=1e-5)
    assert other[1][:2].tolist() == [2, 2]
    assert other[0] == pytest.approx([0.77396, 0.70711, 0, 0], abs=1e-5)


def test_of_seeds_equally_alike_the_first_of_the_group_is_found():
    seeds = unit([1, 0], [1, 0], [0, 1])
    ((_, where),) = nearest(unit([1, 0]), seeds, [np.asarray([1, 0, 2])])
    assert where.tolist() == [1]


def test_empty_groups_rows_and_lists_of_groups_are_fine():
    seeds = unit([1, 0])
    ((alike, _),) = nearest(unit([1, 0]), seeds, [np.zeros(0, np.int64)])
    assert alike.tolist() == [0]
    ((alike, where),) = nearest(np.zeros((0, 2), np.float32), seeds, [np.asarray([0])])
    assert len(alike) == len(where) == 0
    assert nearest(unit([1, 0]), seeds, []) == []
    assert Sought(seeds, [np.zeros(0, np.int64), np.asarray([0])]).highest(unit([1, 0])).tolist() == [[0], [1]]
    assert Sought(seeds, []).highest(unit([1, 0])).shape == (0, 1)


def test_vectors_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match=r"rows are \(1, 3\) and seeds \(1, 2\)"):
        nearest(unit([1, 0, 0]), unit([1, 0]), [np.asarray([0])])


def test_the_answer_does_not_hang_on_how_many_rows_are_compared_at_once(monkeypatch):
    chance = np.random.default_rng(0)
    rows, seeds = unit(*chance.normal(size=(300, 24))), unit(*chance.normal(size=(40, 24)))
    groups = [np.arange(0, 40, 2), np.arange(1, 40, 2)]
    whole = nearest(rows, seeds, groups)
    monkeypatch.setattr(likeness, "ROWS", 7)
    for (alike, where), (again, there) in zip(whole, nearest(rows, seeds, groups), strict=True):
        assert (alike == again).all()
        assert (where == there).all()
    assert (np.stack([alike for alike, _ in whole]) == Sought(seeds, groups).highest(rows)).all()
    slow = rows.astype(np.float64) @ seeds[groups[0]].astype(np.float64).T
    assert whole[0][0] == pytest.approx(slow.max(axis=1).clip(0), abs=2e-5)


def test_half_precision_is_read_as_well():
    ((alike, _),) = nearest(unit([3, 4]).astype(np.float16), unit([3, 4]), [np.asarray([0])])
    assert alike == pytest.approx([1], abs=1e-3)
