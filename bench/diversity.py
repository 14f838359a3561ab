"""P4: what it costs to pick frames that cover, beside LightlyStudio's selector, plain greedy, and apricot.

    python -m bench.diversity [--rows 100000] [--picks 1000] [--rounds 3] [--peer-picks N] [--threads 1] [--only NAME]

Prints the CPU time of all picks (medians of rounds in turn), what of it is loading the vectors, milliseconds a pick,
how well the picks cover, and ratios. All use as many threads: one, as each worker does. The peers take the same time
for every pick, so `--peer-picks` may ask them for fewer, and their time for all of them is reckoned; apricot, whose
cost grows with the square of the rows, gets 10,000 rows at most."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
import torch

from bench._cpu import verdict
from curation.core.diversity import Vectors, k_center
from curation.core.nearness import on_grid

DIMENSION = 512
APRICOT_ROWS, APRICOT_PICKS = 10_000, 20
CHECKED = 2_000
"""So many rows are asked how far their nearest pick is."""


@dataclass
class Peer:
    """A way to pick; `goal` is how many times less CPU Winnow should take."""

    name: str
    load: Callable[[Vectors], Any]
    pick: Callable[[Any, int], list[int]]
    goal: float = 1.0
    load_s: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    picks: list[int] = field(default_factory=list)

    def run(self, vectors: Vectors, count: int) -> None:
        spent_s = time.process_time()
        loaded = self.load(vectors)
        self.load_s.append(time.process_time() - spent_s)
        spent_s = time.process_time()
        self.picks = list(self.pick(loaded, count))
        self.ms.append(1e3 * (time.process_time() - spent_s) / count)

    def total_s(self, count: int) -> float:
        """Return the CPU time of `count` picks, loading included."""
        return median(self.load_s) + median(self.ms) * count / 1e3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--picks", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-picks", type=int, help="Default: as many as --picks.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", choices=("footage", "noise"))
    options = parser.parse_args()
    _use_threads(options.threads)
    for name, about, make in (
        ("footage", "scenes of many near-duplicates", scenes),
        ("noise", "no two rows alike", noise),
    ):
        if options.only in (None, name):
            _compare(f"{name}: {about}", make(options.rows), options)
    return 0


def _compare(name: str, vectors: Vectors, options: argparse.Namespace) -> None:
    ours = Peer("Winnow", _as_they_are, _winnow)
    peers = [
        Peer("lightly-mundig", _load_mundig, _mundig, goal=15),
        Peer("plain greedy, numpy", _as_they_are, _numpy_greedy, goal=7),
        Peer("plain greedy, torch", torch.from_numpy, _torch_greedy, goal=7),
    ]
    fewer = options.peer_picks or options.picks
    for _ in range(options.rounds):
        ours.run(vectors, options.picks)
        for peer in peers:
            peer.run(vectors, fewer)
    print(f"\n{name}; {len(vectors):,} x {DIMENSION}, {options.picks:,} picks, load {os.getloadavg()[0]:.1f}")
    print(f"{'':20} {'CPU s':>8} {'loading':>8} {'ms a pick':>9} {'lowest to highest':>18}  farthest from a pick")
    for peer in (ours, *peers):
        _print(peer, vectors, options.picks)
    exact = _numpy_greedy(on_grid(vectors), min(fewer, 200))
    print("picks are those of plain greedy on the same grid:", ours.picks[: len(exact)] == exact)
    for peer in peers:
        ratio = peer.total_s(options.picks) / ours.total_s(options.picks)
        print(verdict(ratio, peer.goal, what=f"less CPU than {peer.name}"))
    _compare_with_apricot(vectors[:APRICOT_ROWS])


def _print(peer: Peer, vectors: Vectors, count: int) -> None:
    covered = f"{_radius(vectors, peer.picks):.4f}" if len(peer.picks) == count else f"({len(peer.picks)} picks made)"
    span = f"{min(peer.ms):.3f} to {max(peer.ms):.3f}"
    total = f"{peer.total_s(count):8.2f} {median(peer.load_s):8.2f} {median(peer.ms):9.3f}"
    print(f"{peer.name:20} {total} {span:>18}  {covered}")


def _compare_with_apricot(vectors: Vectors) -> None:
    try:
        from apricot import FacilityLocationSelection  # type: ignore[import-untyped]
    except ImportError as error:
        print(f"apricot cannot be loaded ({error}); it needs scikit-learn.")
        return

    def apricot(rows: Vectors, count: int) -> list[int]:
        chosen = FacilityLocationSelection(count, metric="cosine", optimizer="lazy").fit(rows)
        return [int(row) for row in chosen.ranking]

    ours, peer = Peer("", _as_they_are, _winnow), Peer("apricot", _as_they_are, apricot)
    ours.run(vectors, APRICOT_PICKS)
    peer.run(vectors, APRICOT_PICKS)
    how = f"facility location, {len(vectors):,} rows, {APRICOT_PICKS} picks, {peer.ms[0]:.0f} ms each"
    print(verdict(peer.ms[0] / ours.ms[0], 1, what=f"less CPU than apricot ({how})"))


def _use_threads(count: int) -> None:
    """Start anew with so many threads: the libraries ask when they are loaded."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
    wanted = dict.fromkeys(names, str(count))
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, "-m", "bench.diversity", *sys.argv[1:]], os.environ | wanted)


def _as_they_are(vectors: Vectors) -> Vectors:
    return vectors


def _winnow(vectors: Vectors, count: int) -> list[int]:
    return [int(row) for row in k_center(vectors, count=count)]


def _load_mundig(vectors: Vectors) -> Any:
    from lightly_mundig import Selection  # type: ignore[import-untyped]

    selection = Selection()
    selection.add_diversifying_strategy(vectors, 1.0)
    return selection, len(vectors)


def _mundig(loaded: Any, count: int) -> list[int]:
    selection, rows = loaded
    return list(selection.run_selection([0], rows, count))


def _numpy_greedy(vectors: Vectors, count: int) -> list[int]:
    near, picks = np.full(len(vectors), -np.inf, np.float32), [0]
    while len(picks) < count:
        np.maximum(near, vectors @ vectors[picks[-1]], out=near)
        picks.append(int(near.argmin()))
    return picks


def _torch_greedy(rows: torch.Tensor, count: int) -> list[int]:
    near, picks = torch.full((len(rows),), -torch.inf), [0]
    while len(picks) < count:
        torch.maximum(near, rows @ rows[picks[-1]], out=near)
        picks.append(int(near.argmin()))
    return picks


def _radius(vectors: Vectors, picks: list[int]) -> float:
    """Return how far the farthest of some rows is from its nearest pick: 1 - cosine similarity."""
    asked = vectors[np.linspace(0, len(vectors) - 1, CHECKED).astype(int)]
    return float(1 - (asked @ vectors[picks].T).max(axis=1).min())


def scenes(rows: int) -> Vectors:
    """Make vectors as footage gives them: a few thousand scenes, some far more frequent than others."""
    chance = np.random.default_rng(1)
    centres = noise(2000)
    weight = chance.pareto(1.2, len(centres)) + 0.05
    spread = (chance.gamma(2, 0.15, (rows, 1)) / np.sqrt(DIMENSION)).astype(np.float32)
    made = chance.standard_normal((rows, DIMENSION), np.float32)
    made *= spread
    made += centres[chance.choice(len(centres), rows, p=weight / weight.sum())]
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def noise(rows: int) -> Vectors:
    """Make directions by chance alone: the hardest there is, since all are about equally far from each other."""
    made = np.random.default_rng(0).standard_normal((rows, DIMENSION), np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


if __name__ == "__main__":
    sys.exit(main())
