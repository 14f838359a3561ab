"""P2: the twelve COCO figures of many slices, and bootstrap, beside pycocotools, faster-coco-eval and hotcoco.

    python -m bench.metrics [--rounds 5] [--slow 4]

10,000 images, 84,000 detections, 3 labels, 200 overlapping slices, everything in this process. Prints seconds by the
clock and of CPU (medians of rounds in turn). pycocotools' and faster-coco-eval's loops over slices take minutes:
`--slow` slices are measured and scaled by the images in them."""

import argparse
import contextlib
import dataclasses
import io
import os
import resource
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import faster_coco_eval
import hotcoco
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from bench._coco_world import overlapping_slices, truth_and_models
from bench._cpu import verdict
from curation.core.types import BoolArray, FloatArray
from evaluation.core.boxes import Evidence
from evaluation.core.coco_figures import TWELVE, coco_figures, twelve, weighted_figures
from evaluation.core.coco_files import coco_evidence
from evaluation.core.metrics.average_precision import AveragePrecision
from evaluation.core.metrics.contract import BoxPart

SLICES, MANY_SLICES, REPLICATES = 200, 1000, 200
Document = dict[str, Any]
Rows = list[dict[str, Any]]


class Clock:
    """One piece of work: its times by the clock and of CPU, and its last result."""

    def __init__(self, name: str, work: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> None:
        self.name, self._work, self._before = name, work, before
        self.wall_s: list[float] = []
        self.cpu_s: list[float] = []
        self.result: Any = None

    def __call__(self) -> None:
        self._before()
        wall, cpu = time.perf_counter(), time.process_time()
        self.result = self._work()
        self.wall_s.append(time.perf_counter() - wall)
        self.cpu_s.append(time.process_time() - cpu)

    def line(self) -> str:
        return f"{self.name:58} {median(self.wall_s):8.3f} {min(self.wall_s):8.3f} {median(self.cpu_s):8.3f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow", type=int, default=4, help="Slices that the slow peers are measured on.")
    options = parser.parse_args()
    truth, detections, better = truth_and_models()
    slices = overlapping_slices(SLICES)
    ours = [coco_evidence(truth, rows).evidence for rows in (detections, better)]
    print(
        f"{ours[0].image_count:,} images, {len(ours[0].found.score):,} detections, {len(ours[0].truths.image):,} "
        f"objects, {SLICES} slices of {slices.mean():.1%} of the images on average; load {os.getloadavg()[0]:.1f}"
    )
    _memory(ours)
    slice_s = _slices(truth, detections, ours[0], slices, options.rounds)
    _slow_peers(truth, detections, ours[0], slices[: options.slow], slices, slice_s)
    _bootstrap(truth, (detections, better), ours, options.rounds)
    return 0


def _memory(ours: list[Evidence]) -> None:
    """Compile, then 1,000 slices, before any peer holds its own copy."""
    started = time.perf_counter()
    coco_figures(_afresh(ours[0]), np.ones((2, ours[0].image_count), bool))
    print(f"first call: {time.perf_counter() - started:.1f} s (compiles, or reads what was compiled before)")
    before = _peak_mb()
    many = Clock(f"{MANY_SLICES:,} slices", partial(coco_figures, ours[0], overlapping_slices(MANY_SLICES, seed=6)))
    many()
    print(
        f"{MANY_SLICES:,} slices: {many.wall_s[0]:.2f} s with matching; the process grew from {before:.0f} MB to "
        f"{_peak_mb():.0f} MB at most"
    )
    print(verdict(_peak_mb() / 1024, 1, what="1 GB of memory, the files' own dicts included", at_most=True))


def _slices(truth: Document, detections: Rows, ours: Evidence, slices: BoolArray, rounds: int) -> float:
    """Time matching and slices; return our seconds a round for all slices with matching."""
    hot = _hotcoco(truth, detections)
    ids = np.arange(1, ours.image_count + 1)
    named = {f"{number:03d}": ids[slice_].tolist() for number, slice_ in enumerate(slices)}
    kept = _afresh(ours)
    works = [
        Clock("Winnow, matching and the 12 figures of all images", lambda: twelve(_afresh(ours))),
        Clock(f"Winnow, the 12 figures of {len(slices)} slices", lambda: coco_figures(kept, slices)),
        Clock("Winnow, matching and slices", lambda: coco_figures(_afresh(ours), slices)),
        Clock("hotcoco, evaluate", lambda: _quiet(hot.evaluate)),
        Clock(f"hotcoco, slice_by of {len(slices)} slices", lambda: hot.slice_by(named)),
    ]
    twelve(kept)
    for _ in range(rounds):
        for work in works:
            work()
    print(f"\n{'':58} {'clock':>8} {'lowest':>8} {'CPU':>8}   s")
    for work in works:
        print(work.line())
    alone, whole, evaluated, sliced = works[1], works[2], works[3], works[4]
    figures = sliced.result
    theirs = np.array([[figures[name][figure] for figure in TWELVE] for name in named])
    print(f"largest difference to hotcoco: {np.abs(theirs - alone.result).max():.1e}")
    for what, left, right in (
        ("slice_by by the clock", median(alone.wall_s), median(sliced.wall_s)),
        ("slice_by, CPU", median(alone.cpu_s), median(sliced.cpu_s)),
        ("evaluate + slice_by by the clock", median(whole.wall_s), median(evaluated.wall_s) + median(sliced.wall_s)),
    ):
        print(verdict(left / right, 0.5, what=what, at_most=True))
    return median(whole.wall_s)


def _slow_peers(
    truth: Document, detections: Rows, ours: Evidence, few: BoolArray, slices: BoolArray, slice_s: float
) -> None:
    """Time the peers that know no slices on a few, and hold our figures against pycocotools'."""
    ids, expected = np.arange(1, ours.image_count + 1), coco_figures(ours, few)
    scale = slices.sum() / few.sum()
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        found = coco.loadRes([dict(one) for one in detections])
        fast = faster_coco_eval.COCO(truth, use_deepcopy=True)
        fast_found = fast.loadRes([dict(one) for one in detections])
    for name, make in (
        ("pycocotools", lambda: COCOeval(coco, found, "bbox")),
        ("faster-coco-eval", lambda: faster_coco_eval.COCOeval_faster(fast, fast_found, "bbox")),
    ):
        started, off = time.perf_counter(), 0.0
        for slice_, row in zip(few, expected, strict=True):
            peer = make()
            peer.params.imgIds = ids[slice_].tolist()
            off = max(off, float(np.abs(np.array(_stats(peer)) - row).max()))
        spent = (time.perf_counter() - started) * scale
        exact = f", within 1e-12: {'yes' if off < 1e-12 else 'NO'}"
        print(
            f"{name}: {len(few)} slices, scaled to {len(slices)}: {spent:.1f} s, {spent / slice_s:,.0f} x ours with "
            f"matching; largest difference {off:.1e}{exact}"
        )


def _bootstrap(truth: Document, models: tuple[Rows, Rows], ours: list[Evidence], rounds: int) -> None:
    """Compare two models over draws of images: the same work as hotcoco's `compare`, and what one scenario needs."""
    peers = [_hotcoco(truth, rows) for rows in models]
    for evidence in ours:
        twelve(evidence)
    count = ours[0].image_count
    chance = np.random.default_rng(7)
    weights = chance.multinomial(count, np.full(count, 1 / count), REPLICATES).astype(np.int32)
    parts = [BoxPart(evidence, np.ones(count, bool)) for evidence in ours]
    works = [
        Clock("Winnow, 12 figures of two models", lambda: [weighted_figures(one, weights) for one in ours]),
        Clock("Winnow, AP of two models", lambda: [AveragePrecision().measure(part, weights) for part in parts]),
        Clock("hotcoco, compare (12 figures of two models)", lambda: _compare(peers)),
    ]
    for _ in range(rounds):
        for work in works:
            work()
    print(f"\n{REPLICATES} replicates{'':43} {'clock':>8} {'lowest':>8} {'CPU':>8}   s")
    for work in works:
        print(f"{work.line()}   {1e3 * median(work.wall_s) / REPLICATES:.2f} ms a replicate")
    low, high = np.percentile(works[1].result[1] - works[1].result[0], [2.5, 97.5])
    print(f"95% of the draws' differences of AP: {low:.4f} to {high:.4f}; hotcoco's: {_interval(works[2].result)}")
    for what, left in (("12 figures", works[0]), ("AP", works[1])):
        ratio = median(works[2].wall_s) / median(left.wall_s)
        print(verdict(ratio, 3, what=f"faster a replicate than compare, {what}"))


def _hotcoco(truth: Document, detections: Rows) -> Any:
    coco = hotcoco.COCO(truth)
    peer = hotcoco.COCOeval(coco, coco.load_res(detections), "bbox")
    _quiet(peer.evaluate)
    return peer


def _compare(peers: list[Any]) -> Any:
    return hotcoco.compare(peers[0], peers[1], n_bootstrap=REPLICATES)


def _interval(compared: dict[str, Any]) -> str:
    said = compared["ci"]["AP"]
    return f"{said['lower']:.4f} to {said['upper']:.4f}"


def _stats(peer: Any) -> FloatArray:
    def run() -> None:
        peer.evaluate()
        peer.accumulate()
        peer.summarize()

    _quiet(run)
    return np.array(peer.stats[:12], np.float64)


def _quiet(work: Callable[[], Any]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return work()


def _afresh(evidence: Evidence) -> Evidence:
    """The same evidence of which nothing is matched yet."""
    return dataclasses.replace(evidence, cache={})


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    raise SystemExit(main())
