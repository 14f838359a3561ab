"""From flickering scores to steady stretches."""

import numpy as np

from curation.core.types import BoolArray, FloatArray, IntArray, Span


def median(pts_us: IntArray, scores: FloatArray, *, window_us: int) -> FloatArray:
    """Replace each score by the median of those at most half a window away, against flicker.

    Both are (N,), times rising. A window of 0 changes nothing, nor do fewer than three scores. Near the
    ends the window is cut, not padded. Of an even number the lower of the two in the middle is taken: what a look saw
    must not last into the next one that saw nothing."""
    if window_us <= 0 or len(scores) < 3:
        return scores
    half = window_us // 2
    first = np.searchsorted(pts_us, pts_us - half, side="left")
    last = np.searchsorted(pts_us, pts_us + half, side="right")
    medians = [np.sort(scores[a:b])[(b - a - 1) // 2] for a, b in zip(first, last, strict=True)]
    return np.array(medians, np.float64)


def hysteresis(scores: FloatArray, *, start: float, stop: float) -> BoolArray:
    """Tell which samples are on: on from a score of `start`, and on until one falls below `stop`.

    hysteresis([0, 5, 3, 3, 1, 3], start=4, stop=2) -> [F, T, T, T, F, F]. Raises ValueError if stop is above start."""
    if stop > start:
        raise ValueError(f"hysteresis: stop {stop} is above start {start}; it must be at most start.")
    on = scores >= start
    decided = on | (scores < stop)
    # Each undecided sample takes the last decided one's value.
    source = np.maximum.accumulate(np.where(decided, np.arange(len(scores)), -1))
    return np.where(source >= 0, on[np.maximum(source, 0)], False)


def stretches(pts_us: IntArray, on: BoolArray, *, end_us: int) -> list[Span]:
    """Return the stretches in which samples are on. A sample lasts until the next one, the last until `end_us`."""
    if len(pts_us) == 0:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], on, [False])).astype(np.int8)))
    ends = np.append(pts_us[1:], max(end_us, int(pts_us[-1]) + 1))
    return [Span(int(pts_us[a]), int(ends[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]
