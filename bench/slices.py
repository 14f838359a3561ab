"""Slice discovery: false discoveries where nothing is weak, weak slices found, and seconds for 100,000 images.

    python -m bench.slices [--worlds 200]

Beside a test that takes objects for independent, with the same correction, as one would write it by hand. Worlds are
150 visits of about 20 images, 8 factors of 2 to 5 values, of which half are the same all through a visit."""

import argparse
import time
from itertools import combinations

import numpy as np
from scipy.special import ndtr

from evaluation.core.slice_tests import false_discovery_rates
from evaluation.core.slices import Factor, discover

FACTORS = 8
IMAGES, BIG_FACTORS, BIG_VALUES = 100_000, 10, 5


def world(chance, *, found=0.8, likeness=0.3, visits=150, weak=(), by=0.5):
    group = np.repeat(np.arange(visits), 1 + chance.poisson(20, visits))
    factors = []
    for place in range(FACTORS):
        size = int(chance.integers(2, 6))
        shares = chance.dirichlet(np.full(size, 4.0))
        codes = chance.choice(size, visits, p=shares)[group]
        if place % 2:
            codes = np.where(chance.random(len(group)) < 0.6, codes, chance.choice(size, len(group), p=shares))
        factors.append(factor(place, codes, size))
    strength = 1.0 / likeness - 1.0
    rate = chance.beta(found * strength, (1.0 - found) * strength, visits)[group]
    if weak:
        rate = np.where(
            np.logical_and.reduce([factors[place].codes == value for place, value in weak]), rate * by, rate
        )
    of = chance.poisson(2, len(group))
    return factors, {"hits": chance.binomial(of, rate), "of": of, "group": group}


def factor(place, codes, size):
    names = tuple(map(str, range(size)))
    return Factor(f"f{place}", names, tuple(f"f{place}:{name}" for name in names), codes)


def found_by_hand(factors, *, hits, of, group):
    """Count slices found by a test of two proportions, with the same support and the same correction."""
    p = []
    for size in (1, 2, 3):
        for chosen in combinations(factors, size):
            code, cells = np.zeros(len(of), np.int64), 1
            for one in chosen:
                code, cells = code * len(one.names) + one.codes, cells * len(one.names)
            h, n = np.bincount(code, hits, cells), np.bincount(code, of, cells)
            is_tested = (np.bincount(code, minlength=cells) >= 20) & (n > 0) & (n < of.sum())
            h, n = h[is_tested], n[is_tested]
            rate, m = hits.sum() / of.sum(), of.sum() - n
            lag = h / n - (hits.sum() - h) / m
            p.append(ndtr(lag / np.sqrt(rate * (1 - rate) * (1 / n + 1 / m))))
    return int((false_discovery_rates(np.concatenate(p)) <= 0.05).sum())


def false_discoveries(worlds):
    print("| nothing is weak | worlds with a false slice, Winnow | by hand | false slices a world, Winnow | by hand |")
    print("|---|---|---|---|---|")
    for name, options in (
        ("80% found, likeness 0.3", {}),
        ("80% found, likeness 0.6", {"likeness": 0.6}),
        ("95% found, likeness 0.3", {"found": 0.95}),
        ("50% found, likeness 0.1", {"found": 0.5, "likeness": 0.1}),
        ("80% found, likeness 0.3, 40 visits", {"visits": 40}),
    ):
        chance, ours, theirs = np.random.default_rng(0), [], []
        for _ in range(worlds):
            factors, counts = world(chance, **options)
            ours.append(len(discover(factors, **counts).slices))
            theirs.append(found_by_hand(factors, **counts))
        shares = [f"{100 * np.mean(np.array(row) > 0):.1f}%" for row in (ours, theirs)]
        print(f"| {name} | {shares[0]} | {shares[1]} | {np.mean(ours):.3f} | {np.mean(theirs):.1f} |", flush=True)


def weak_slices(worlds):
    print("\n| planted | found exactly | slices beside it, a world |\n|---|---|---|")
    for name, weak, by, visits in (
        ("one value, 30% fewer found", ((0, 0),), 0.7, 300),
        ("two values, half found", ((1, 0), (2, 0)), 0.5, 300),
        ("three values, half found", ((0, 0), (3, 0), (4, 0)), 0.5, 600),
    ):
        chance, exact, others = np.random.default_rng(1), 0, 0
        wanted = tuple((f"f{place}", str(value)) for place, value in weak)
        for _ in range(worlds):
            factors, counts = world(chance, weak=weak, by=by, visits=visits)
            found = [one.conditions for one in discover(factors, **counts).slices]
            exact += wanted in found
            others += len(found) - (wanted in found)
        print(f"| {name}, {visits} visits | {100 * exact / worlds:.0f}% | {others / worlds:.2f} |", flush=True)


def speed():
    print(f"\n| {IMAGES:,} images, {BIG_FACTORS} factors of {BIG_VALUES} values | slices tested | s |\n|---|---|---|")
    for groups in (2_000, 100_000):
        chance = np.random.default_rng(2)
        group = np.sort(chance.integers(groups, size=IMAGES))
        factors = [factor(place, chance.integers(BIG_VALUES, size=IMAGES), BIG_VALUES) for place in range(BIG_FACTORS)]
        is_weak = (factors[0].codes == 1) & (factors[3].codes == 2)
        of = chance.poisson(2, IMAGES)
        hits = chance.binomial(of, np.where(is_weak, 0.5, 0.8))
        started_s = time.perf_counter()
        found = discover(factors, hits=hits, of=of, group=group)
        spent_s = time.perf_counter() - started_s
        assert [one.name for one in found.slices] == ["f0 1, f3 2"]
        print(f"| {groups:,} groups, one weak slice, found | {found.tested:,} | {spent_s:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=200, help="simulated worlds of each kind")
    worlds = parser.parse_args().worlds
    false_discoveries(worlds)
    weak_slices(worlds)
    speed()


if __name__ == "__main__":
    main()
