"""Quotas as an integer programme: the best there is, found by trying all on small tasks."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.core.sampling.contract import Cut, Supply
from curation.core.sampling.programme import Demand, largest_size, nearest


def cells(*members, of):
    return np.isin(np.arange(of), members)


def solve(available, demands, size, cuts=()):
    return nearest(demands, supply=Supply(np.asarray(available, np.int64), tuple(cuts)), size=size)


def test_overlapping_quotas_are_met_together():
    # Cells: neither, dark, rain, dark and rain.
    demands = [Demand(cells(1, 3, of=4), 40), Demand(cells(2, 3, of=4), 30)]
    answer = solve([500, 80, 60, 10], demands, 100)
    assert answer.missing.tolist() == [0, 0]
    assert answer.counts.sum() == 100
    assert (answer.counts[[1, 3]].sum(), answer.counts[[2, 3]].sum()) == (40, 30)


def test_frames_that_count_twice_make_room_for_quotas_above_all():
    demands = [Demand(cells(1, 3, of=4), 80), Demand(cells(2, 3, of=4), 70)]
    answer = solve([100, 100, 100, 100], demands, 100)
    assert answer.missing.tolist() == [0, 0]
    assert answer.counts[3] >= 50


def test_the_rest_comes_as_it_is():
    # Half is to be dark; the others are three times as often dim as bright, and stay so.
    answer = solve([20, 300, 100], [Demand(cells(0, of=3), 20)], 40)
    assert answer.counts.tolist() == [20, 15, 5]


def test_a_quota_whose_frames_are_too_few_misses_what_is_lacking_and_the_rest_fills_up():
    answer = solve([30, 1000], [Demand(cells(0, of=2), 40)], 100)
    assert (answer.counts.tolist(), answer.missing.tolist()) == ([30, 70], [10])


def test_quotas_that_do_not_fit_share_the_shortfall_in_proportion():
    demands = [Demand(cells(0, of=2), 90), Demand(cells(1, of=2), 30)]
    answer = solve([500, 500], demands, 100)
    assert (answer.counts.tolist(), answer.missing.tolist()) == ([75, 25], [15, 5])


def test_an_exact_quota_is_a_ceiling_and_one_of_at_least_is_not():
    assert solve([500, 10], [Demand(cells(0, of=2), 40)], 100).counts.tolist() == [40, 10]
    assert solve([500, 10], [Demand(cells(0, of=2), 40, is_ceiling=False)], 100).counts.tolist() == [98, 2]


def test_cuts_hold():
    cut = Cut(cells(0, 1, of=3), 12, "max_per_video")
    answer = solve([50, 50, 50], [Demand(cells(0, of=3), 10)], 40, [cut])
    assert answer.counts[:2].sum() <= 12
    assert answer.counts[0] == 10
    assert answer.counts.sum() == 40


def test_nothing_to_give_or_nothing_asked():
    assert solve([], [Demand(cells(of=0), 3)], 5).missing.tolist() == [3]
    assert solve([0, 0], [Demand(cells(0, of=2), 3)], 5).missing.tolist() == [3]
    assert solve([4, 4], [], 5).counts.sum() == 5
    assert solve([4, 4], [Demand(cells(0, of=2), 0)], 5).counts.tolist() == [0, 4]


def test_the_largest_size_at_which_all_quotas_hold():
    supply = Supply(np.asarray([1000, 30]))
    demands = [Demand(cells(1, of=2), 40)]
    assert largest_size(demands, np.asarray([0.4]), supply=supply) == 75
    assert (
        largest_size([Demand(cells(0, of=2), 60), Demand(cells(1, of=2), 60)], np.asarray([0.6, 0.6]), supply=supply)
        == 0
    )
    # A quota of 20 frames, whatever the size.
    assert largest_size([Demand(cells(1, of=2), 20)], np.asarray([0.0]), supply=supply) == 1020


def test_many_cells_and_quotas_are_met_and_stay_near_to_what_is_there():
    chance = np.random.default_rng(5)
    available = chance.integers(1, 400, 300)
    inside = chance.random((12, 300)) < 0.3
    natural = available * 2000 / available.sum()
    demands = [Demand(members, int(natural[members].sum())) for members in inside]
    answer = solve(available, demands, 2000)
    assert not answer.missing.any()
    assert answer.counts.sum() == 2000
    assert np.abs(answer.counts - natural).max() < 5


def test_many_cells_that_fall_short_miss_little_more_than_the_least():
    chance = np.random.default_rng(6)
    inside = chance.random((12, 400)) < 0.3
    available = np.where(inside[0] | inside[1], 0, chance.integers(1, 60, 400))
    available[np.flatnonzero(inside[0])[:20]] = 3
    demands = [Demand(members, 700) for members in inside]
    answer = solve(available, demands, 2000)
    supply = np.minimum(700, inside @ available)
    assert (answer.missing >= 700 - supply).all()
    assert (answer.missing[2:] <= 1).all()
    assert (inside @ answer.counts <= 700).all()
    assert 1990 <= answer.counts.sum() <= 2000


def brute_force(available, demands, size, cuts):
    """Rate every choice there is: largest shortfall as a share, all shortfalls, frames."""
    best = None
    for counts in product(*(range(n + 1) for n in available)):
        counts = np.asarray(counts)
        if counts.sum() > size or any(counts[cut.members].sum() > cut.most for cut in cuts):
            continue
        given = [int(counts[d.cells].sum()) for d in demands]
        if any(d.is_ceiling and g > d.wanted for d, g in zip(demands, given, strict=True)):
            continue
        rating = rate(demands, given, int(counts.sum()))
        best = rating if best is None else min(best, rating)
    return best


def rate(demands, given, total):
    missing = [max(0, d.wanted - g) for d, g in zip(demands, given, strict=True)]
    shares = [m / d.wanted for m, d in zip(missing, demands, strict=True) if d.wanted]
    return (round(max(shares, default=0), 9), sum(missing), -total)


@st.composite
def tasks(draw):
    count = draw(st.integers(1, 4))
    available = draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))
    mask = st.lists(st.booleans(), min_size=count, max_size=count)
    demands = [
        Demand(np.asarray(draw(mask)), draw(st.integers(0, 7)), is_ceiling=draw(st.booleans()))
        for _ in range(draw(st.integers(1, 3)))
    ]
    cuts = [Cut(np.asarray(draw(mask)), draw(st.integers(0, 5)), "") for _ in range(draw(st.integers(0, 2)))]
    return available, demands, draw(st.integers(1, 10)), cuts


@given(task=tasks())
def test_no_choice_is_better(task):
    available, demands, size, cuts = task
    answer = solve(available, demands, size, cuts)
    counts = answer.counts
    assert (counts >= 0).all()
    assert (counts <= available).all()
    assert counts.sum() <= size
    assert all(counts[cut.members].sum() <= cut.most for cut in cuts)
    given = [int(counts[d.cells].sum()) for d in demands]
    assert all(g <= d.wanted for d, g in zip(demands, given, strict=True) if d.is_ceiling)
    assert answer.missing.tolist() == [max(0, d.wanted - g) for d, g in zip(demands, given, strict=True)]
    assert rate(demands, given, int(counts.sum())) == brute_force(available, demands, size, cuts)
