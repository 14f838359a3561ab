"""How many labels it takes to turn a red scenario green, by the strategy that chooses what is labelled.

    python -m bench.loop [--seeds 5] [--strategies default random …] [--labels 20 40 80 160 320] [--plot FILE.svg]

The demo world's fast detector fails "somebody on the ground": it was never shown one. For each seed a pool of ordinary
days is rendered (another one a seed), in which about one frame in eight shows somebody who lies there. Each
strategy chooses 20, 40, 80 … frames by the product's own samplers and planning; the detector is taught further on them,
and as often on pictures that it was taught with before, by the library and the settings that the product trains with;
then it is held against the scenario by the suite's own rule. Every training looks at as many pictures (--views),
however few labels there are, and begins from the detector that was tested. What was trained is written down line by
line, so that a run that was stopped goes on, and several may share a folder (--first-seed). A training takes three to
four minutes of a core; without arguments one seed of two strategies is run.

Prints the labels needed (a strategy that needs more than the most counts as twice the most), the share of frames that
are worth a label, and a ratio to random; --plot writes the curves. --only-picks trains nothing and counts how many of
the frames that each strategy chooses are worth a label: a quarter of an hour for five seeds."""

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("YOLO_OFFLINE", "true")

import numpy as np

from bench._loop_curves import Line, Picked, picks_table, plot, table
from bench._loop_exam import Mark, examine
from bench._loop_mining import Ground, ground, picked
from bench._loop_teacher import look, taught_with, teach, write_pictures
from bench._loop_world import Footage, footage
from curation.core.types import IntArray
from demo.footage import POOL_SEED, TRIAL_SEED

WEIGHTS = Path(__file__).parents[1] / "demo" / "weights"
DETECTORS = {320: WEIGHTS / "winnow_demo_fast.pt", 512: WEIGHTS / "winnow_demo.pt"}
STRATEGIES = ("default", "random", "similar", "uncertainty", "disagreement", "flicker", "attributes")
LABELS = (20, 40, 80, 160, 320)
WORK = Path(os.environ.get("WINNOW_DATA_DIR", "data")) / "bench-loop"
OTHERS = 6
"""Of the test's frames in which nobody lies, every so-manyth is looked at: to see that nothing else is forgotten."""


def main(arguments: list[str] | None = None) -> int:
    """Train what is not trained yet, print the table, and plot."""
    options = _options(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    if options.only_picks:
        print(picks_table(_picks(options)))
        return 0
    if not options.only_table:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            for line in _of_seed(seed, options):
                mark = line.mark
                print(
                    f"seed {line.seed}  {line.strategy:12} {line.labels:4} labels, {line.worth:3} of them worth it: "
                    f"recall {mark.recall:.3f} [{mark.low:.3f}, {mark.high:.3f}] {mark.verdict}; others: recall "
                    f"{mark.other_recall:.3f}, precision {mark.other_precision:.3f} ({line.seconds:.0f} s)",
                    flush=True,
                )
    lines = [line for line in _known(options) if line.strategy in options.strategies]
    print(table(lines, most=max(options.labels)))
    if options.plot:
        plot(lines, options.plot)
        print(f"Wrote {options.plot}.")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Labels needed to turn a red scenario green, by strategy.")
    parser.add_argument("--work", type=Path, default=WORK, help="folder for footage, pictures and what was trained")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--strategies", nargs="+", default=["default", "random"], help=", ".join(STRATEGIES))
    parser.add_argument("--labels", nargs="+", type=int, default=list(LABELS))
    parser.add_argument("--imgsz", type=int, choices=sorted(DETECTORS), default=320)
    parser.add_argument("--views", type=int, default=3_200, help="pictures that each training looks at")
    parser.add_argument("--learning-rate", type=float, default=0.002)
    parser.add_argument("--all", action="store_true", help="go on with more labels where the scenario is green")
    parser.add_argument("--plot", type=Path, help="where the curves are written: .svg or .png")
    parser.add_argument("--only-picks", action="store_true", help="train nothing; count the picks worth a label")
    parser.add_argument("--only-table", action="store_true", help="train nothing; print what is known")
    return parser.parse_args(arguments)


def _of_seed(seed: int, options: argparse.Namespace) -> Iterator[Line]:
    known = {(line.seed, line.strategy, line.labels): line for line in _known(options)}
    todo = [one for one in options.strategies if not _is_done(known, seed, one, options)]
    if not todo:
        return
    base = DETECTORS[options.imgsz]
    test = _test(options.work)
    pool, where = _ground(seed, test, options, with_other="disagreement" in todo)
    paths = write_pictures(pool, options.work / f"pictures-{seed}")
    kept = taught_with(options.work / f"taught-{options.imgsz}", imgsz=options.imgsz)
    for strategy in todo:
        for labels in sorted(options.labels):
            line = known.get((seed, strategy, labels))
            if line is None:
                # A budget is asked for as a whole: what is best among 40 is not the first 40 of 320.
                rows = picked(where, strategy, budget=labels, seed=seed)
                line = _trained(seed, strategy, rows, labels, base, (paths, kept), pool, test, options)
                _write(line, options)
                yield line
            if line.mark.verdict == "pass" and not options.all:
                break


def _picks(options: argparse.Namespace) -> Iterator[Picked]:
    test = _test(options.work)
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        pool, where = _ground(seed, test, options, with_other="disagreement" in options.strategies)
        for strategy in options.strategies:
            for labels in sorted(options.labels):
                rows = picked(where, strategy, budget=labels, seed=seed)
                yield Picked(seed, strategy, labels, int(pool.fallen[rows].sum()))


def _ground(
    seed: int, test: Footage, options: argparse.Namespace, *, with_other: bool
) -> tuple[Footage, Ground]:  # fmt: skip
    """Render a seed's pool, look at it and at the test, and say where the detector stands."""
    size = options.imgsz
    pool = footage(options.work / f"pool-{seed}", world="pool", seed=POOL_SEED + seed)
    seen, test_seen = (look(DETECTORS[size], some, imgsz=size) for some in (pool, test))
    other_size = next(one for one in DETECTORS if one != size)
    other = look(DETECTORS[other_size], pool, imgsz=other_size) if with_other else [[] for _ in seen]
    begin = examine(test, test_seen)
    print(f"seed {seed}  before: recall {begin.recall:.3f} {begin.verdict}; pool of {len(pool)}, "
          f"{int(pool.fallen.sum())} worth a label", flush=True)  # fmt: skip
    return pool, ground(pool, seen, other, test, test_seen)


def _trained(
    seed: int, strategy: str, rows: IntArray, labels: int, base: Path, paths: tuple[Sequence[Path], Sequence[Path]],
    pool: Footage, test: Footage, options: argparse.Namespace,
) -> Line:  # fmt: skip
    started = time.perf_counter()
    weights = teach(
        base, [paths[0][row] for row in rows], paths[1], options.work / f"training-{os.getpid()}", imgsz=options.imgsz,
        learning_rate=options.learning_rate, views=options.views, seed=seed,
    )  # fmt: skip
    mark = examine(test, look(weights, test, imgsz=options.imgsz))
    return Line(seed, strategy, labels, int(pool.fallen[rows].sum()), mark, round(time.perf_counter() - started, 1))


def _test(work: Path) -> Footage:
    whole = footage(work / "test", world="test", seed=TRIAL_SEED)
    others = np.flatnonzero(~whole.fallen)[::OTHERS]
    return whole.only(np.sort(np.concatenate([np.flatnonzero(whole.fallen), others])))


def _is_done(known: dict[Any, Line], seed: int, strategy: str, options: argparse.Namespace) -> bool:
    for labels in sorted(options.labels):
        line = known.get((seed, strategy, labels))
        if line is None:
            return False
        if line.mark.verdict == "pass" and not options.all:
            return True
    return True


def _file(options: argparse.Namespace) -> Path:
    """Name the file of what was trained in one way: another recipe has another."""
    return Path(options.work) / f"trained-{options.imgsz}-{options.views}-{options.learning_rate:g}.jsonl"


def _known(options: argparse.Namespace) -> list[Line]:
    path = _file(options)
    if not path.exists():
        return []
    rows = [json.loads(row) for row in path.read_text().splitlines() if row.endswith("}")]
    return [Line(**{**row, "mark": Mark(**row["mark"])}) for row in rows]


def _write(line: Line, options: argparse.Namespace) -> None:
    with _file(options).open("a") as out:
        out.write(json.dumps(dataclasses.asdict(line)) + "\n")
        out.flush()


if __name__ == "__main__":
    sys.exit(main())
