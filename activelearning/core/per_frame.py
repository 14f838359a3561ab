"""From what is known of boxes to what is known of their frames."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import numpy as np

from curation.core.types import FloatArray, IntArray

Over: TypeAlias = Literal["max", "mean", "sum"]


def best_boxes(frame: IntArray, value: FloatArray) -> IntArray:
    """Return the box with the highest value of each frame that has any, by rising frame; of equals the first.

    frame (M,) rises. best_boxes([3, 3, 8], [0.1, 0.7, 0.2]) -> [1, 2]"""
    if not len(frame):
        return np.zeros(0, np.int64)
    is_start = np.append(True, np.diff(frame) > 0)
    top = np.maximum.reduceat(value, np.flatnonzero(is_start))
    at_top = np.flatnonzero(value == top[np.cumsum(is_start) - 1])
    first: IntArray = at_top[np.append(True, np.diff(frame[at_top]) > 0)]
    return first


def over_boxes(frame: IntArray, value: FloatArray, *, frames: int, over: Over) -> FloatArray:
    """Aggregate (M,) values over the boxes of each of `frames` frames: (frames,), NaN where there is no box."""
    count = np.bincount(frame, minlength=frames)
    if over == "max":
        found = np.full(frames, np.nan)
        best = best_boxes(frame, value)
        found[frame[best]] = value[best]
        return found
    total = np.bincount(frame, weights=value, minlength=frames)
    return np.where(count > 0, total / np.maximum(count, 1) if over == "mean" else total, np.nan)


def whole_frames(frame: IntArray, *, boxes: int) -> Iterator[slice]:
    """Cut (M,) boxes, in order of frame, into blocks of about so many that hold all boxes of their frames.

    list(whole_frames([0, 0, 1, 1, 1, 2], boxes=3)) -> [0:5, 5:6]"""
    start = 0
    while start < len(frame):
        last = frame[min(start + boxes, len(frame)) - 1]
        end = start + int(np.searchsorted(frame[start:], last, side="right"))
        yield slice(start, end)
        start = end
