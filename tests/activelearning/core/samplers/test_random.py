"""Chance."""

from activelearning.core.pool import Seeds
from activelearning.core.samplers.random import Random
from tests.activelearning.core.pools import pool, rows_of


def draw(frames, seed):
    return rows_of(Random().propose(pool(frames), Seeds.none(), seed=seed))


def test_every_frame_may_come_and_the_seed_says_in_which_order():
    (first,) = draw(40, seed=1)
    assert sorted(first) == list(range(40))
    assert draw(40, seed=1) == [first]
    assert draw(40, seed=2) != [first]
    assert draw(0, seed=1) == []


def test_every_frame_has_the_same_chance():
    firsts = [row for seed in range(600) for row in draw(6, seed)[0][:2]]
    counts = [firsts.count(row) for row in range(6)]
    assert min(counts) > 140  # 200 each are expected, give or take 12
    assert max(counts) < 260
