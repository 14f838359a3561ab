"""From matched detections to precision and recall of many weighted samples at once."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.boxes import Truths
from evaluation.core.matching import Matched

RECALLS: FloatArray = np.linspace(0, 1, 101)
_ROWS = 32
"""Samples that a thread takes at once."""


@dataclass(frozen=True)
class Tallied:
    """What (R,) samples make of matched detections, for K labels and T IoUs."""

    precision: FloatArray
    """(R, K, T) mean of the best precision at or past each of 101 recalls; NaN where a label has no truth."""
    hits: IntArray
    """(R, K, T) right detections."""
    positives: IntArray
    """(R, K) truth to be found."""

    @property
    def recall(self) -> FloatArray:
        """(R, K, T); NaN where a label has no truth."""
        return shares(self.hits, self.positives[:, :, None])


@dataclass(frozen=True)
class Sorted:
    """(N,) detections that can matter, by label and falling score; `group` is the column of the weights."""

    start: IntArray
    group: IntArray
    rank: IntArray
    hits: NDArray[np.int32]
    ignored: NDArray[np.int32]

    def where(self, kept: BoolArray) -> "Sorted":
        before = np.append(0, np.cumsum(kept))
        return Sorted(before[self.start], self.group[kept], self.rank[kept], self.hits[kept], self.ignored[kept])


def sort_out(matched: Matched, *, group: IntArray, images: BoolArray, labels: IntArray) -> Sorted:
    """Pick the detections of some images (I,) and labels, without those that are ignored at every IoU.

    group (I,): which column of the weights counts an image."""
    starts = matched.label_start
    picked = np.zeros(len(matched.index), bool)
    for label in labels:
        picked[starts[label] : starts[label + 1]] = True
    picked &= images[matched.image] & (matched.ignored != (1 << len(matched.ious)) - 1)
    before = np.append(0, np.cumsum(picked))
    return Sorted(
        np.append(before[starts[labels]], before[-1]) if len(labels) else np.zeros(1, np.int64),
        group[matched.image[picked]],
        matched.rank[picked],
        matched.hits[picked],
        matched.ignored[picked],
    )


def count_positives(
    truths: Truths,
    counts: BoolArray,
    *,
    group: IntArray,
    images: BoolArray,
    labels: IntArray,
    weights: NDArray[np.int32],
) -> IntArray:
    """Count the truth of each label that each of R samples has to find, (R, K). counts (T,): whether truth counts."""
    width, kept = weights.shape[1], counts & images[truths.image]
    number = np.full(max(truths.label.max(initial=-1), labels.max(initial=-1)) + 1, -1)
    number[labels] = np.arange(len(labels))
    of_label = number[truths.label[kept]]
    cells = group[truths.image[kept]] * len(labels) + of_label
    often = np.bincount(cells[of_label >= 0], minlength=width * len(labels)).reshape(width, len(labels))
    positives = np.zeros((len(weights), len(labels)), np.int64)
    for first in range(0, len(weights), _ROWS):  # as floats, whose products are fast and exact
        positives[first : first + _ROWS] = weights[first : first + _ROWS].astype(np.float64) @ often
    return positives


def tally(detections: Sorted, weights: NDArray[np.int32], positives: IntArray, *, ious: int) -> Tallied:
    """Sweep over the detections for each row of weights (R, G); threads share the rows."""
    from evaluation.core.sweep_kernel import sweep

    shape = (len(weights), len(detections.start) - 1, ious)
    precision, hits = np.empty(shape), np.zeros(shape, np.int64)

    def some(rows: slice) -> None:
        sweep(
            weights[rows], detections.start, detections.group, detections.hits, detections.ignored, positives[rows],
            RECALLS, precision[rows], hits[rows],
        )  # fmt: skip

    over_rows(some, len(weights))
    return Tallied(precision, hits, positives)


def hit_counts(detections: Sorted, weights: NDArray[np.int32], *, ious: int) -> IntArray:
    """Count the right detections of each label and IoU in each sample, (R, K, T)."""
    from evaluation.core.sweep_kernel import count_hits

    detections = detections.where(detections.hits != 0)
    hits = np.zeros((len(weights), len(detections.start) - 1, ious), np.int64)

    def some(rows: slice) -> None:
        count_hits(weights[rows], detections.start, detections.group, detections.hits, hits[rows])

    over_rows(some, len(weights))
    return hits


def over_rows(work: Callable[[slice], None], count: int) -> None:
    """Do work on slices of rows, in as many threads as there are cores; the threads end with it, so a fork is safe."""
    slices = [slice(first, first + _ROWS) for first in range(0, count, _ROWS)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = min(len(slices), cores)
    if threads < 2:
        for rows in slices:
            work(rows)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, slices))


def shares(part: NDArray[np.number], whole: NDArray[np.number]) -> FloatArray:
    """Divide; NaN where the whole is 0."""
    part, whole = np.broadcast_arrays(part, whole)
    divided: FloatArray = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
    return divided


def mean_known(figures: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    """Average over axes what is not NaN; NaN where nothing is left."""
    known = ~np.isnan(figures)
    return shares(np.where(known, figures, 0.0).sum(axis=axes), known.sum(axis=axes))
