"""Pass, fail, or not enough evidence yet."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from scipy.special import stdtrit

from evaluation.core.results import Verdict

Mode: TypeAlias = Literal["interval", "simple"]
MOST_GROUPS = 1_000_000
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Least:
    """What a scenario must stand on before it may pass or fail."""

    groups: int = 5
    images: int = 0
    instances: int = 0

    def __post_init__(self) -> None:
        for name in ("groups", "images", "instances"):
            if getattr(self, name) < 0:
                raise ValueError(f"Least: {name} is {getattr(self, name)}; it must be 0 or more.")


@dataclass(frozen=True)
class Judged:
    """`reason` is one sentence. `groups_needed`: how many further groups it would take; None: decided, or no number."""

    verdict: Verdict
    reason: str
    groups_needed: int | None = None


def judge(
    *,
    value: float | None,
    low: float | None,
    high: float | None,
    threshold: float,
    is_higher_better: bool,
    groups: int,
    images: int,
    instances: int,
    least: Least,
    mode: Mode = "interval",
    unit: str = "",
    confidence: float = 0.95,
) -> Judged:
    """Hold a figure against its threshold.

    "interval": pass if even the interval's worse end reaches the threshold, fail if even its better end does not, else
    inconclusive. "simple": the figure alone decides, whatever the number of groups. In both, too few images or objects
    are inconclusive. Raises ValueError if the threshold is not a number."""
    if not math.isfinite(threshold):
        raise ValueError(f"judge: threshold is {threshold}; it must be a number.")
    if value is None or not math.isfinite(value):
        return Judged("inconclusive", _nothing(images, instances, groups), None)
    lacking = _lacking(least, groups=groups if mode == "interval" else least.groups, images=images, instances=instances)
    sign = 1.0 if is_higher_better else -1.0
    if mode == "simple":
        return lacking or _by_figure(value, threshold, sign, groups, unit)
    if lacking:
        further = _further(value, low, high, threshold, groups, confidence)
        short = max(least.groups - groups, 0)
        needed = max(short, further or 0) if groups else short
        return Judged("inconclusive", lacking.reason, needed or None)
    if low is None or high is None:
        return Judged("inconclusive", f"{_text(value, unit)} is measured, but how sure it is cannot be said.", None)
    return _by_interval(value, low, high, threshold, sign, groups, unit, confidence)


def _nothing(images: int, instances: int, groups: int) -> str:
    if images == 0:
        return "There is nothing to measure: no image matches."
    return f"There is nothing to measure in {_count(images, 'image')} with {_count(instances, 'object')}."


def _lacking(least: Least, *, groups: int, images: int, instances: int) -> Judged | None:
    """Name what there is too little of, all of it in one sentence."""
    rows = (("group", groups, least.groups), ("image", images, least.images), ("object", instances, least.instances))
    short = [f"{_count(have, noun)} of the {want} that it takes" for noun, have, want in rows if have < want]
    return Judged("inconclusive", f"Too little to judge by: {' and '.join(short)}.") if short else None


def _by_figure(value: float, threshold: float, sign: float, groups: int, unit: str) -> Judged:
    is_met = sign * (value - threshold) >= -_TOLERANCE
    ours, limit = _apart(value, threshold, unit)
    words = f"{ours} {'reaches' if is_met else 'misses'} {limit}"
    return Judged(
        "pass" if is_met else "fail", f"{words}; only the figure was asked for, from {_count(groups, 'group')}."
    )


def _by_interval(
    value: float, low: float, high: float, threshold: float, sign: float, groups: int, unit: str, confidence: float
) -> Judged:
    worse, better = (low, high) if sign > 0 else (high, low)
    if sign * (worse - threshold) >= -_TOLERANCE:
        end, limit = _apart(worse, threshold, unit)
        return Judged("pass", f"Even the {'low' if sign > 0 else 'high'} end of the interval, {end}, reaches {limit}.")
    if sign * (better - threshold) < 0:
        end, limit = _apart(better, threshold, unit)
        return Judged("fail", f"Even the {'high' if sign > 0 else 'low'} end of the interval, {end}, misses {limit}.")
    further = _further(value, low, high, threshold, groups, confidence)
    span = f"{_text(threshold, unit)} lies within the interval from {_text(low, unit)} to {_text(high, unit)}"
    if further is None:
        return Judged("inconclusive", f"{span}, and the figure is too close to it for any number of groups to decide.")
    return Judged("inconclusive", f"{span}; about {_count(further, 'further group')} would decide.", further)


def _further(
    value: float, low: float | None, high: float | None, threshold: float, groups: int, confidence: float
) -> int | None:
    """Estimate how many further groups it takes for the interval to leave the threshold, if the figure stays.

    Half its width is t(groups - 1) x spread / sqrt(groups); of groups that are all at a limit it shrinks with groups.
    None where the figure is the threshold, where it takes none, or more than MOST_GROUPS."""
    if low is None or high is None or groups < 1:
        return None
    distance = abs(value - threshold)
    width = value - low if value > threshold else high - value
    if distance <= _TOLERANCE or width <= distance:
        return None
    if value in (low, high):
        needed = groups * _ratio_at_limit(value, low if value == high else high, threshold)
    else:
        scale = width * math.sqrt(groups) / _t(groups, confidence)
        needed = (_t(MOST_GROUPS, confidence) * scale / distance) ** 2
        for _ in range(50):  # the t of few groups is large, so it is found step by step
            needed = (_t(needed, confidence) * scale / distance) ** 2
    if not needed <= MOST_GROUPS:
        return None
    return max(math.ceil(needed - 1e-6) - groups, 1)


def _ratio_at_limit(value: float, end: float, threshold: float) -> float:
    from_limit, wanted = abs(value - end), abs(value - threshold)
    if value in (0.0, 1.0) and from_limit < 1.0 and wanted < 1.0:
        return math.log1p(-from_limit) / math.log1p(-wanted)
    return from_limit / wanted


def _t(groups: float, confidence: float) -> float:
    return float(stdtrit(max(groups - 1.0, 1.0), (1.0 + confidence) / 2))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _text(figure: float, unit: str, digits: int = 3) -> str:
    return f"{figure:.{digits}f}" + (f" {unit}" if unit else "")


def _apart(figure: float, threshold: float, unit: str) -> tuple[str, str]:
    """Write both with as many digits as it takes to see that they differ, 3 to 6."""
    for digits in range(3, 7):
        ours, limit = _text(figure, unit, digits), _text(threshold, unit, digits)
        if ours != limit:
            break
    return (ours, limit) if ours != limit else (_text(figure, unit), _text(threshold, unit))
