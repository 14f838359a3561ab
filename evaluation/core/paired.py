"""Two models on exactly the same frames."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from curation.core.types import FloatArray
from evaluation.core.bootstrap import interval_of

Change: TypeAlias = Literal["better", "worse", "same", "unknown"]


@dataclass(frozen=True)
class Compared:
    """`difference` is the first's figure less the second's, whichever way is better; `verdict` knows which."""

    difference: float | None
    low: float | None
    high: float | None
    verdict: Change


def compare(
    figures_a: FloatArray,
    figures_b: FloatArray,
    *,
    value_a: float,
    value_b: float,
    is_higher_better: bool,
    groups: int,
    confidence: float = 0.95,
    margin: float = 0.01,
    limits: tuple[float | None, float | None] = (-1.0, 1.0),
    step: float | None = None,
    least_groups: int = 5,
    is_identical: bool = False,
) -> Compared:
    """Say whether a is better than b: the interval of the difference, from draws that both were measured by.

    figures_a and figures_b are (R,), for the same rows of weights. "same": the whole interval lies within the margin,
    in the metric's unit; then "better" or "worse": it lies on one side of 0; else, and with fewer than `least_groups`
    groups, "unknown". `is_identical`: both found the very same boxes, so there is nothing to estimate.
    Raises ValueError if the two have not the same length, or the margin is negative."""
    if len(figures_a) != len(figures_b):
        raise ValueError(f"compare: {len(figures_a)} figures of one model and {len(figures_b)} of the other.")
    if margin < 0:
        raise ValueError(f"compare: margin is {margin}; it must be 0 or more.")
    if not (np.isfinite(value_a) and np.isfinite(value_b)):
        return Compared(None, None, None, "unknown")
    difference = value_a - value_b
    if is_identical:
        return Compared(difference, difference, difference, "same")
    interval = difference_interval(
        figures_a, figures_b, difference=difference, groups=groups, confidence=confidence, limits=limits, step=step
    )
    if interval is None:
        return Compared(difference, None, None, "unknown")
    low, high = interval
    if groups < least_groups:
        return Compared(difference, low, high, "unknown")
    return Compared(difference, low, high, _change(low, high, margin, is_higher_better))


def difference_interval(
    figures_a: FloatArray,
    figures_b: FloatArray,
    *,
    difference: float,
    groups: int,
    confidence: float = 0.95,
    limits: tuple[float | None, float | None] = (-1.0, 1.0),
    step: float | None = None,
) -> tuple[float, float] | None:
    """Return the interval of a difference of two figures of the same draws; None where it cannot be said.

    `step`, of figures that are no shares, as in `interval_of`: without it nothing is said of two that never differ."""
    apart = np.asarray(figures_a, np.float64) - np.asarray(figures_b, np.float64)
    return interval_of(apart, value=difference, groups=groups, confidence=confidence, limits=limits, step=step)


def _change(low: float, high: float, margin: float, is_higher_better: bool) -> Change:
    if -margin <= low and high <= margin:
        return "same"
    if low > 0.0:
        return "better" if is_higher_better else "worse"
    if high < 0.0:
        return "worse" if is_higher_better else "better"
    return "unknown"
