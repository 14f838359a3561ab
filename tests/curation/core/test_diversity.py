"""Diverse picks: those of plain greedy, whatever is skipped on the way to them."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.diversity import ROUNDING, Apart, Limit, k_center
from curation.core.nearness import EXACT, on_grid, side_of_grid

CIRCLE = np.asarray([[1, 0], [0.8, 0.6], [0, 1], [-0.6, 0.8], [-1, 0], [0, -1]], np.float32)


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def plain_greedy(vectors, *, count, centres=None, limits=(), apart=None, most_similar=1.0):
    """Compare every row with every pick, in whole numbers; count limits anew each time."""
    grid = on_grid(vectors).astype(np.int64)
    around = [] if centres is None else list(on_grid(centres).astype(np.int64))
    exact = [] if centres is None else list(np.float64(centres))
    picks, banned = [], set()
    most_similar = np.inf if most_similar == 1 else most_similar
    for row in range(len(vectors)):  # vectors that are too close to the centres from the start are never farthest
        if exact and max(np.float64(vectors[row]) @ e for e in exact) > most_similar + ROUNDING:
            banned.add(row)
    while len(picks) < count:
        best = None
        for row in range(len(vectors)):
            if row in banned or row in picks or _is_full(row, picks, limits):
                continue
            near = max((int(grid[row] @ centre) for centre in around), default=-(10**12))
            if best is None or near < best[0]:
                best = (near, row)
        if best is None:
            break
        row = best[1]
        picks.append(row)
        around.append(grid[row])
        exact.append(np.float64(vectors[row]))
        if apart is not None:
            banned |= set(apart.order[apart.start[row] : apart.stop[row]].tolist())
        banned |= {r for r in range(len(vectors)) if np.float64(vectors[r]) @ exact[-1] > most_similar + ROUNDING}
    return picks


def _is_full(row, picks, limits):
    return any(
        limit.groups[row] >= 0
        and sum(limit.groups[p] == limit.groups[row] for p in picks) >= limit.caps[limit.groups[row]]
        for limit in limits
    )


def test_each_pick_is_the_farthest_and_the_first_is_the_first():
    assert k_center(CIRCLE, count=4).tolist() == [0, 4, 2, 5]


def test_centres_outside_count_as_picked():
    assert k_center(CIRCLE, count=2, centres=CIRCLE[:1]).tolist() == [4, 2]
    assert k_center(CIRCLE, count=1, centres=CIRCLE[[0, 4, 2]]).tolist() == [5]


def test_of_rows_equally_far_the_first_is_picked():
    same = np.repeat(CIRCLE[:1], 5, axis=0)
    assert k_center(same, count=3).tolist() == [0, 1, 2]
    assert k_center(np.concatenate([same, CIRCLE[4:5], CIRCLE[4:5]]), count=2).tolist() == [0, 5]


def test_nothing_to_pick_from_or_nothing_to_pick():
    nothing = np.zeros((0, 2), np.float32)
    assert k_center(nothing, count=3).tolist() == []
    assert k_center(nothing, count=3, centres=CIRCLE).tolist() == []
    assert k_center(CIRCLE, count=0).tolist() == []
    assert k_center(CIRCLE[:1], count=9).tolist() == [0]


def test_all_are_picked_once_where_all_are_asked_for():
    assert sorted(k_center(CIRCLE, count=99)) == [0, 1, 2, 3, 4, 5]


def test_a_full_group_gives_no_more():
    groups = np.asarray([0, 0, 1, 1, 0, -1])
    picks = k_center(CIRCLE, count=6, limits=[Limit(groups, np.asarray([1, 1]))])
    assert picks.tolist() == [0, 3, 5]
    assert k_center(CIRCLE, count=6, limits=[Limit(groups, np.asarray([0, 0]))]).tolist() == [5]


def test_a_pick_rules_its_neighbours_out():
    order, place = np.arange(6), np.arange(6)
    apart = Apart(order, np.maximum(place - 1, 0), np.minimum(place + 2, 6))
    assert k_center(CIRCLE, count=6, apart=apart).tolist() == [0, 4, 2]


def test_nothing_above_a_similarity_is_picked():
    assert k_center(CIRCLE, count=6, most_similar=0.5).tolist() == [0, 4, 2, 5]
    assert k_center(CIRCLE, count=6, most_similar=0.7).tolist() == [0, 4, 2, 5]
    # 0.8 is the similarity of rows 0 and 1, and of 2 and 3: it may be reached, not passed.
    assert k_center(CIRCLE, count=6, most_similar=0.8).tolist() == [0, 4, 2, 5, 1, 3]
    assert k_center(CIRCLE, count=6, centres=CIRCLE, most_similar=0.99).tolist() == []


def test_sums_on_the_grid_are_exact_in_any_order():
    chance = np.random.default_rng(3)
    for dimension in (2, 64, 512, 2048):
        grid = on_grid(unit(chance.normal(size=(64, dimension))))
        worst = np.abs(grid).astype(np.float64) @ np.abs(grid).T.astype(np.float64)
        assert worst.max() <= EXACT
        assert np.array_equal((grid @ grid.T).astype(np.int64), grid.astype(np.int64) @ grid.T.astype(np.int64))
        assert side_of_grid(dimension) > 4000


@pytest.mark.parametrize("pools", [(8192, 512), (40, 7)])
def test_many_rows_in_scenes_are_picked_as_plain_greedy_does(pools):
    chance = np.random.default_rng(4)
    scenes = chance.normal(size=(12, 16))
    vectors = unit(scenes[chance.integers(0, 12, 400)] + 0.3 * chance.normal(size=(400, 16)))
    groups = chance.integers(0, 30, 400)
    limits = [Limit(groups, np.full(30, 4))]
    with mock.patch.multiple("curation.core.nearness", POOLS=pools, BLOCK=5, STRIDE=2, POOL_SHARE=10**6):
        picks = k_center(vectors, count=60, centres=vectors[:3], limits=limits, most_similar=0.9)
    assert picks.tolist() == plain_greedy(
        vectors, count=60, centres=vectors[:3], limits=limits, most_similar=0.9
    )  # fmt: skip


@st.composite
def tasks(draw):
    """Few directions, so that many rows are equally far."""
    rows, dimension = draw(st.integers(0, 24)), draw(st.integers(1, 3))
    number = st.integers(-2, 2)
    vectors = unit(
        draw(st.lists(st.lists(number, min_size=dimension, max_size=dimension), min_size=rows, max_size=rows))
        or np.zeros((0, dimension))
    )
    centres = vectors[: draw(st.integers(0, min(3, rows)))] if draw(st.booleans()) else None
    limits = [
        Limit(
            np.asarray(draw(st.lists(st.integers(-1, 3), min_size=rows, max_size=rows)), np.int64),
            np.asarray(draw(st.lists(st.integers(0, 3), min_size=4, max_size=4))),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    order = np.asarray(draw(st.permutations(range(rows))), np.int64)
    place, reach = np.argsort(order), draw(st.integers(0, 3))
    apart = Apart(order, np.maximum(place - reach, 0), np.minimum(place + reach + 1, rows))
    return {
        "vectors": vectors,
        "count": draw(st.integers(0, 12)),
        "centres": centres,
        "limits": limits,
        "apart": draw(st.sampled_from([None, apart])),
        "most_similar": draw(st.sampled_from([1.0, 0.95, 0.5, 0.0])),
    }


@given(task=tasks(), pools=st.sampled_from([(8192, 512), (5, 2), (3,), (1, 1)]))
def test_picks_are_those_of_plain_greedy(task, pools):
    vectors = task.pop("vectors")
    with mock.patch.multiple("curation.core.nearness", POOLS=pools, BLOCK=3, STRIDE=1, POOL_SHARE=10**6):
        picks = k_center(vectors, **task)
    assert picks.tolist() == plain_greedy(vectors, **task)
