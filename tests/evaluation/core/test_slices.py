"""Discovery of weak slices: planted ones come out, chance does not, and what says the same is said once."""

import numpy as np
import pytest

from evaluation.core.slices import Factor, discover

VISITS, A_VISIT = 150, 20


def factor(name, codes, size):
    values = tuple(f"v{value}" for value in range(size))
    return Factor(name, values, tuple(f"{name}:{value}" for value in values), np.asarray(codes, np.int64))


def footage(seed, *, factors=6, likeness=0.3, found=0.8, weak=(), by=0.5, visits=VISITS):
    """Visits that differ; half of the factors are the same all through a visit. `weak` conditions cost hits."""
    chance = np.random.default_rng(seed)
    group = np.repeat(np.arange(visits), A_VISIT)
    coded = []
    for place in range(factors):
        codes = chance.integers(3, size=visits)[group]
        if place % 2:
            codes = np.where(chance.random(len(group)) < 0.5, codes, chance.integers(3, size=len(group)))
        codes = np.where(chance.random(len(group)) < 0.02, -1, codes)
        coded.append(factor(f"f{place}", codes, 3))
    strength = 1 / likeness - 1
    rate = chance.beta(found * strength, (1 - found) * strength, visits)[group]
    for conditions in weak:
        rate = np.where(np.logical_and.reduce([coded[f].codes == value for f, value in conditions]), rate * by, rate)
    of = chance.poisson(2, len(group))
    return coded, {"hits": chance.binomial(of, rate), "of": of, "group": group}


def names(found):
    return {one.name for one in found.slices}


@pytest.mark.parametrize("weak", [((0, 1),), ((1, 0), (2, 2)), ((1, 2), (3, 0))])
def test_a_planted_weak_slice_is_found_and_nothing_else(weak):
    factors, counts = footage(5, weak=[weak], visits=400)
    found = discover(factors, **counts)
    assert names(found) == {", ".join(f"f{place} v{value}" for place, value in weak)}
    (one,) = found.slices
    assert one.query == " AND ".join(f"f{place}:v{value}" for place, value in weak)
    assert one.rate < 0.6 < 0.7 < one.rest_rate
    assert one.q <= 0.05
    assert found.tested > 300


def test_a_weak_combination_of_three_values_is_found():
    factors, counts = footage(3, weak=[((0, 1), (2, 0), (4, 2))], by=0.3, visits=900)
    assert names(discover(factors, **counts)) == {"f0 v1, f2 v0, f4 v2"}
    assert names(discover(factors, **counts, most_factors=1)) <= {"f0 v1", "f2 v0", "f4 v2"}


def test_two_weak_slices_are_told_apart():
    factors, counts = footage(2, weak=[((0, 1),), ((2, 0),)], visits=400)
    assert names(discover(factors, **counts)) >= {"f0 v1", "f2 v0"}
    assert len(discover(factors, **counts, limit=1).slices) == 1


def test_chance_is_seldom_taken_for_a_weak_slice():
    """Of 60 worlds without one, about 3 may have a false one at a rate of 5%."""
    worlds = [footage(seed, likeness=likeness) for likeness in (0.1, 0.3, 0.6) for seed in range(20)]
    assert sum(bool(discover(factors, **counts).slices) for factors, counts in worlds) <= 3


def test_frames_of_one_visit_are_no_evidence():
    """One bad visit of 40 frames: no group but one is worse, so nothing is said of what its frames have in common."""
    group = np.repeat(np.arange(20), 40)
    codes = np.where(group == 3, 1, 0)
    counts = {"hits": np.where(group == 3, 0, 2), "of": np.full(800, 2), "group": group}
    assert discover([factor("fog", codes, 2)], **counts).slices == ()
    assert discover([factor("fog", codes, 2)], **counts, least_groups=2).tested <= 1


def test_two_factors_that_say_the_same_are_one_slice():
    factors, counts = footage(1, weak=[((0, 1),)], visits=300)
    twin = factor("twin", factors[0].codes, 3)
    (one,) = discover([factors[0], factors[2], twin], **counts).slices
    assert one.conditions in [(("f0", "v1"),), (("twin", "v1"),)]
    assert {"f0 v1", "twin v1"} - {one.name} <= set(one.also)


def test_worse_inside_a_weak_slice_is_its_own_slice():
    factors, counts = footage(4, weak=[((0, 1),)], by=0.7, visits=900, likeness=0.05)
    inside = (factors[0].codes == 1) & (factors[1].codes == 0)
    counts["hits"] = np.where(inside, counts["hits"] // 2, counts["hits"])
    assert {"f0 v1", "f0 v1, f1 v0"} <= names(discover(factors, **counts))


def test_rows_pick_images_out_of_longer_factors_and_come_back():
    factors, counts = footage(6, weak=[((0, 1),)], visits=400)
    rows = np.flatnonzero(np.arange(len(counts["of"])) % 3 > 0)
    (one,) = discover(factors, **{name: counts[name][rows] for name in counts}, rows=rows).slices
    assert one.images.tolist() == rows[factors[0].codes[rows] == 1].tolist()
    assert one.of == counts["of"][one.images].sum()
    assert one.rate == pytest.approx(counts["hits"][one.images].sum() / one.of)


def test_the_order_of_images_does_not_matter():
    factors, counts = footage(7, weak=[((1, 0), (2, 2))], visits=300)
    order = np.random.default_rng(0).permutation(len(counts["of"]))
    straight = discover(factors, **counts)
    mixed = discover(factors, **{name: counts[name][order] for name in counts}, rows=order)
    assert [(one.name, one.images.tolist()) for one in mixed.slices] == [
        (one.name, one.images.tolist()) for one in straight.slices
    ]


def test_a_slice_has_a_query_only_if_all_of_its_factors_have():
    factors, counts = footage(1, weak=[((0, 1), (2, 0))], visits=400)
    plain = Factor("f0", factors[0].names, ("f0:v0 OR f0:x",) * 3, factors[0].codes)
    (one,) = discover([plain, factors[2]], **counts).slices
    assert one.query == "(f0:v0 OR f0:x) AND f2:v0"
    blind = Factor("f0", factors[0].names, ("",) * 3, factors[0].codes)
    assert discover([blind, factors[2]], **counts).slices[0].query == ""


def test_empty_and_perfect_and_hopeless_input():
    nothing = np.zeros(0, np.int64)
    assert discover([], hits=nothing, of=nothing, group=nothing).slices == ()
    factors, counts = footage(0)
    assert discover([], **counts).slices == ()
    assert discover([Factor("empty", (), (), factors[0].codes * 0 - 1)], **counts).tested == 0
    for hits in (counts["of"], counts["of"] * 0):
        assert discover(factors, **{**counts, "hits": hits}).slices == ()
    assert discover(factors, **{**counts, "of": counts["of"] * 0}).tested == 0
    assert discover(factors, **counts, limit=0).slices == ()


def test_odd_input_is_refused():
    factors, counts = footage(0)
    with pytest.raises(ValueError, match="lengths"):
        discover(factors, **{**counts, "of": counts["of"][:-1]})
    with pytest.raises(ValueError, match="least_groups 2"):
        discover(factors, **counts, least_groups=1)
    with pytest.raises(ValueError, match="1 names and 2 queries"):
        Factor("f", ("a",), ("", ""), np.zeros(1, np.int64))
