"""How often do intervals of nominal 95% hold the truth, by groups? Winnow's beside percentiles, BCa and Student's.

    python -m bench.interval_coverage [--samples 2000]

Footage is simulated whose truth is known (bench/_clustered.py): groups differ, and what lies in a group is alike. Each
sample is measured and resampled as a scenario is, and each method says its interval. Coverage should be 95%; below it
verdicts are given that the data does not bear out. Prints Markdown."""

import argparse
import math
import time

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from bench import _clustered as worlds
from evaluation.core.bootstrap import draw_groups, interval_of

GROUPS = (5, 10, 20, 50, 200)
REPLICATES = 1000
MISS = 0.05
DRAWS_KEPT = 50
"""Samples that share a set of draws: in a scenario too, the draws depend on the seed alone."""


def percentile(figures, value, left_out, groups, limits):
    return np.quantile(figures, [MISS / 2, 1 - MISS / 2])


def expanded(figures, value, left_out, groups, limits):
    """Percentiles further out for few groups (Hesterberg 2015)."""
    end = ndtr(-math.sqrt(groups / (groups - 1)) * stdtrit(groups - 1, 1 - MISS / 2))
    return np.quantile(figures, [end, 1 - end])


def bca(figures, value, left_out, groups, limits):
    """Bias-corrected and accelerated (Efron 1987)."""
    lean = left_out[np.isfinite(left_out)].mean() - left_out[np.isfinite(left_out)]
    total = (lean**2).sum()
    acceleration = (lean**3).sum() / (6 * total**1.5) if total > 0 else 0.0
    below = (figures < value).mean() + (figures == value).mean() / 2
    bias = ndtri(np.clip(below, 1 / len(figures), 1 - 1 / len(figures)))
    ends = bias + ndtri(np.array([MISS / 2, 1 - MISS / 2]))
    return np.quantile(figures, ndtr(bias + ends / (1 - acceleration * ends)))


def student(figures, value, left_out, groups, limits):
    half = stdtrit(groups - 1, 1 - MISS / 2) * math.sqrt(figures.var() * groups / (groups - 1))
    return value - half, value + half


def winnow(figures, value, left_out, groups, limits):
    # Groups last an hour on average, so one more false alarm in each is 1 an hour more.
    interval = interval_of(figures, value=value, groups=groups, limits=limits, step=1.0 if limits[1] is None else None)
    return interval or (math.nan, math.nan)


METHODS = {
    "percentile": percentile,
    "expanded percentile": expanded,
    "BCa": bca,
    "Student's t": student,
    "Winnow": winnow,
}
WORLDS = [
    lambda: worlds.recall(0.5, 0.05),
    lambda: worlds.recall(0.8, 0.2),
    lambda: worlds.recall(0.8, 0.5),
    lambda: worlds.recall(0.95, 0.1),
    lambda: worlds.recall(0.95, 0.4),
    lambda: worlds.recall(0.99, 0.2),
    lambda: worlds.recall(0.9, 0.3, mean=40),
    lambda: worlds.recall(0.8, 0.2, unevenness=0.5),
    lambda: worlds.precision(0.8, 0.2),
    lambda: worlds.precision(0.95, 0.2),
    lambda: worlds.ap50(2.0, 1.0, 2.0),
    lambda: worlds.ap50(0.0, 1.0, 6.0),
    lambda: worlds.ap50(1.5, 2.0, 4.0),
    lambda: worlds.difference(0.9, 0.5),
    lambda: worlds.difference(0.9, 0.1, clumps=0.2),
    lambda: worlds.rate(0.3, 0.0),
    lambda: worlds.rate(2.0, 0.0),
    lambda: worlds.rate(1.0, 1.0),
]


def coverage(world, groups, samples):
    """Return for each method the share of samples whose interval holds the truth, lies above it, and the mean width."""
    chance = np.random.default_rng([groups, len(world.name)])
    tallies = {name: np.zeros(3) for name in METHODS}
    for sample in range(samples):
        if sample % DRAWS_KEPT == 0:
            drawn = draw_groups(np.arange(groups), group_count=groups, replicates=REPLICATES, seed=sample)
            weights = drawn.astype(np.float64)
        value, figures, left_out = world.figures(chance, groups, weights)
        figures = figures[np.isfinite(figures)]
        for name, method in METHODS.items():
            low, high = method(figures, value, left_out, groups, world.limits)
            holds = low <= world.truth + 1e-12 and world.truth <= high + 1e-12
            tallies[name] += (holds, low > world.truth + 1e-12, np.nan_to_num(high - low))
    return {name: tally / samples for name, tally in tallies.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000, help="samples of each world and number of groups")
    samples = parser.parse_args().samples
    started_s = time.perf_counter()
    outcomes, kinds = {}, {}
    for make in WORLDS:
        world = make()
        kinds[world.name] = world.kind
        slow = isinstance(world, worlds.Curve)
        outcomes[world.name] = [coverage(world, groups, samples // 4 if slow else samples) for groups in GROUPS]
    print(
        f"{samples} samples (AP50: {samples // 4}), {REPLICATES} draws each, {time.perf_counter() - started_s:.0f} s.\n"
    )
    _table("Winnow", outcomes)
    _summary(outcomes, kinds)


def _table(method, outcomes):
    print(f"Coverage of {method}'s intervals, %, and their mean width:\n")
    print("| truth | " + " | ".join(f"{groups} groups" for groups in GROUPS) + " |")
    print("|---" * (len(GROUPS) + 1) + "|")
    for name, row in outcomes.items():
        print(f"| {name} | " + " | ".join(f"{100 * one[method][0]:.1f} ({one[method][2]:.2f})" for one in row) + " |")


def _summary(outcomes, kinds):
    for kind in ("share", "difference", "rate"):
        rows = [row for name, row in outcomes.items() if kinds[name] == kind]
        print(f"\n{kind}s: lowest coverage, mean coverage, %, and mean width, over {len(rows)} kinds of footage:\n")
        print("| method | " + " | ".join(f"{groups} groups" for groups in GROUPS) + " |")
        print("|---" * (len(GROUPS) + 1) + "|")
        for method in METHODS:
            cells = []
            for place in range(len(GROUPS)):
                figures = np.array([row[place][method] for row in rows])
                lowest, mean = 100 * figures[:, 0].min(), 100 * figures[:, 0].mean()
                cells.append(f"{lowest:.1f}, {mean:.1f} ({figures[:, 2].mean():.2f})")
            print(f"| {method} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
