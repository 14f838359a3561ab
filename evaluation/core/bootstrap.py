"""Intervals by resampling independent groups. docs/verdicts.md says how often they hold, by simulation."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri, stdtrit

from curation.core.types import FloatArray, IntArray
from evaluation.core.metrics.contract import Weights

LEAST_REPLICATES = 20
WHOLE_GROUP = 0.25
"""How much of one more group, wholly found or wholly missed, is added to what was seen: see `_effective_count`."""
_STREAM = int.from_bytes(b"groups", "big")
_BLOCK_CELLS = 4_000_000


def draw_groups(groups: IntArray, *, group_count: int, replicates: int, seed: int) -> Weights:
    """Draw as many groups as there are, with replacement, again and again: (replicates, group_count) counts.

    groups are the numbers of the groups that stand for the part, each once; column j counts group j, and columns of
    others stay 0. No groups: all 0. The same groups, replicates and seed give the same draws on any machine."""
    size = len(groups)
    if size and not 0 <= int(groups.min()) <= int(groups.max()) < group_count:
        raise ValueError(f"draw_groups: groups go from {groups.min()} to {groups.max()}; group_count is {group_count}.")
    weights = np.zeros((replicates, group_count), np.int32)
    if size == 0:
        return weights
    chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed % 2**64, _STREAM])))
    rows = max(1, _BLOCK_CELLS // size)
    for start in range(0, replicates, rows):
        stop = min(start + rows, replicates)
        drawn = chance.integers(size, size=(stop - start, size))
        drawn += np.arange(stop - start)[:, None] * size
        counts = np.bincount(drawn.ravel(), minlength=(stop - start) * size).reshape(-1, size)
        weights[start:stop, groups] = counts
    return weights


def whole(group_count: int) -> Weights:
    """Return the one row that counts every group once: what a metric measures by it is the figure itself."""
    return np.ones((1, group_count), np.int32)


def interval_of(
    figures: FloatArray,
    *,
    value: float,
    groups: int,
    confidence: float = 0.95,
    limits: tuple[float | None, float | None] = (0.0, 1.0),
    step: float | None = None,
) -> tuple[float, float] | None:
    """Return the interval around `value` that the figure of all such footage lies in; None where it cannot be said.

    figures are (R,), one for each draw of `draw_groups`; NaN, where a draw had nothing to measure, is left out.
    `groups` counts the independent groups that the figure stands on. limits are what the figure can be at all, None: no
    limit: (0, 1) for shares, (0, None) for rates and errors, (-1, 1) for differences of shares, (None, None) for other
    differences. `step` is by how much a figure without an upper limit would rise if each group had one more event:
    without it nothing can be said of "none in any group".

    Shares: Wilson's interval (1927) for as many independent trials as would spread as much as the figures do (the idea
    of Korn and Graubard 1998), made wider for few groups. All groups at a limit: the exact one-sided bound over groups,
    0.05 ** (1 / groups) for 95%: "3 of 3" is 0.37 to 1. Rates: the gamma interval of Fay and Feuer (1997). Differences,
    and what has no limits: Student's. Plain percentiles and BCa are off by far for few groups: bench/RESULTS.md."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"interval_of: confidence is {confidence}; it must lie between 0 and 1.")
    kept: NDArray[np.float64] = np.asarray(figures, np.float64)
    kept = kept[np.isfinite(kept)]
    if groups < 1 or not math.isfinite(value) or len(kept) < LEAST_REPLICATES:
        return None
    # A draw of n groups spreads by (n - 1) / n of what the figure does.
    spread = float(kept.var()) * groups / (groups - 1) if groups > 1 else math.nan
    low, high = limits
    if low is not None and high is not None and (low, high) != (-1.0, 1.0):
        a, b = _share((value - low) / (high - low), spread / (high - low) ** 2, groups, confidence)
        return low + a * (high - low), low + b * (high - low)
    if groups < 2:
        return None
    if low is not None and high is None:
        return _rate(value, low, spread, groups, confidence, step)
    return _plain(value, spread, groups, confidence, limits, step)


def _share(value: float, spread: float, groups: int, confidence: float) -> tuple[float, float]:
    miss = 1.0 - confidence
    value = min(max(value, 0.0), 1.0)
    is_flat = math.isnan(spread) or spread <= 1e-18
    surest = miss ** (1.0 / groups)
    if is_flat and not 1e-9 < value < 1.0 - 1e-9:
        return (surest, 1.0) if value > 0.5 else (0.0, 1.0 - surest)
    count = float(groups) if is_flat else _effective_count(value, spread * _widening(groups, confidence) ** 2, groups)
    z = float(ndtri(1.0 - miss / 2))
    middle = (value + z**2 / (2 * count)) / (1.0 + z**2 / count)
    half = z * math.sqrt(value * (1.0 - value) / count + (z / (2 * count)) ** 2) / (1.0 + z**2 / count)
    # Who missed something is never surer than who missed nothing.
    return max(0.0, min(middle - half, value, surest)), min(1.0, max(middle + half, value, 1.0 - surest))


def _effective_count(value: float, spread: float, groups: int) -> float:
    """Say of how many independent trials a share is that spreads so much.

    p(1-p) / spread, with a part of one more group added that goes wrong as a whole. Where hardly anything went wrong
    the spread cannot show yet whether it goes wrong in clumps; where nothing did, this gives the number of groups."""
    return (value * (1.0 - value) + WHOLE_GROUP / groups) / (spread + WHOLE_GROUP / groups**2)


def _widening(groups: int, confidence: float) -> float:
    """Return how much wider Student's interval is than the normal one: the spread of few groups is itself unsure."""
    upper = (1.0 + confidence) / 2
    return float(stdtrit(groups - 1, upper) / ndtri(upper))


def _rate(
    value: float, low: float, spread: float, groups: int, confidence: float, step: float | None
) -> tuple[float, float] | None:
    miss = 1.0 - confidence
    excess = value - low
    if excess <= 0.0:
        return None if step is None else (low, low + step * (1.0 - miss ** (1.0 / groups)))
    if spread <= 0.0:
        if step is None:
            return None
        spread = excess * step / groups  # as of events that come independently
    count = (excess / _widening(groups, confidence)) ** 2 / spread
    below = float(gammaincinv(count, miss / 2)) * excess / count
    above = float(gammaincinv(count + 1.0, 1.0 - miss / 2)) * excess / count
    return low + below, low + above


def _plain(
    value: float,
    spread: float,
    groups: int,
    confidence: float,
    limits: tuple[float | None, float | None],
    step: float | None,
) -> tuple[float, float] | None:
    low, high = limits
    if low is not None and high is not None:
        step = (high - low) / 2
    if step is not None:
        # As of shares: where two models hardly ever differ, the spread cannot show yet that they do so in clumps.
        spread += WHOLE_GROUP * (step / groups) ** 2
    if spread <= 0.0:
        return None
    half = float(stdtrit(groups - 1, (1.0 + confidence) / 2)) * math.sqrt(spread)
    below, above = value - half, value + half
    return (below if low is None else max(below, low)), (above if high is None else min(above, high))
