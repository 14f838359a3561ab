"""Of scenarios that are inconclusive: if as many groups as the reason names are added, how many are decided?

    python -m bench.groups_needed [--samples 400]

Recall 0.9 of objects that are alike within groups (bench/_clustered.py)."""

import argparse

import numpy as np

from bench._clustered import recall
from evaluation.core.bootstrap import draw_groups, interval_of
from evaluation.core.verdict import Least, judge

MOST = 2000


def judged(found, of, threshold):
    groups = len(of)
    weights = draw_groups(np.arange(groups), group_count=groups, replicates=500, seed=1)
    value = found.sum() / of.sum()
    low, high = interval_of(weights @ found / (weights @ of), value=value, groups=groups)
    return judge(
        value=value, low=low, high=high, threshold=threshold, is_higher_better=True, groups=groups, images=groups,
        instances=int(of.sum()), least=Least(),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=400, help="samples of each kind")
    samples = parser.parse_args().samples
    world = recall(0.9, 0.2)
    print("| recall 0.9, threshold | groups | inconclusive | median of further groups named | then decided |")
    print("|---|---|---|---|---|")
    for threshold in (0.8, 0.85, 0.95):
        for groups in (10, 20, 40):
            chance, named, decided = np.random.default_rng(groups), [], []
            for _ in range(samples):
                found, of = world.draw(chance, groups)
                further = judged(found, of, threshold).groups_needed
                if further is None or further > MOST:
                    continue
                more_found, more_of = world.draw(chance, further)
                after = judged(np.r_[found, more_found], np.r_[of, more_of], threshold)
                named.append(further)
                decided.append(after.verdict != "inconclusive")
            shares = [f"{100 * share:.0f}%" for share in (len(named) / samples, np.mean(decided))]
            print(f"| {threshold} | {groups} | {shares[0]} | {np.median(named):.0f} | {shares[1]} |", flush=True)


if __name__ == "__main__":
    main()
