"""Rounds in words."""

from types import MappingProxyType
from typing import Final

from activelearning.core.round_report import Arm, Figure, RoundReport, ScenarioTurn, Spent
from evaluation.core.reports.words import MARKS, NONE, figure, interval

TURNS: Final = ("still green", "turned green", "undecided", "still red", "turned red")
"""What needs a look stands last."""
CHANGES: Final = MappingProxyType({"better": "▲ better", "worse": "▼ worse", "same": "= same", "unknown": "? unknown"})


def worst_last(report: RoundReport) -> list[ScenarioTurn]:
    """Order scenarios for a terminal: those that the round was about behind the others, red ones behind green."""
    return sorted(report.scenarios, key=lambda one: (one.is_target, TURNS.index(one.turn), one.critical))


def worst_first(report: RoundReport) -> list[ScenarioTurn]:
    return list(reversed(worst_last(report)))


def shown(one: Figure, unit: str, *, threshold: float | None = None) -> str:
    """Write a figure with its verdict's mark: "✗ 0.731 [0.669, 0.785]".

    >>> shown(Figure(0.731, 0.669, 0.785, "fail"), "")
    '✗ 0.731 [0.669, 0.785]'
    """
    ends = interval(one.low, one.high, unit, apart_from=threshold)
    said = f"{MARKS[one.verdict]} {figure(one.value, unit, apart_from=threshold)}"
    return said if ends == NONE else f"{said} {ends}"


def objects(one: ScenarioTurn) -> str:
    return f"+{one.fixed:,} -{one.broken:,}" if one.fixed or one.broken else NONE


def price(spent: Spent) -> str:
    """Say what the labels cost.

    >>> price(Spent(120, 310, 4, 42.0, 21.0, "EUR"))
    '120 frames labelled (310 boxes), 4 skipped, 42 min of people, 21.00 EUR'
    """
    parts = [f"{spent.frames:,} frames labelled ({spent.boxes:,} boxes)"]
    if spent.skipped:
        parts.append(f"{spent.skipped:,} skipped")
    if spent.minutes is not None:
        parts.append(f"{spent.minutes:.0f} min of people" if spent.minutes >= 1 else "less than a minute of people")
    if spent.cost is not None:
        parts.append(f"{spent.cost:.2f} {spent.currency}".rstrip())
    return ", ".join(parts)


def control_sentence(report: RoundReport) -> str:
    """Compare the arms in a sentence; "" without a control."""
    arms = {arm.name: arm for arm in report.arms}
    if len(arms) != 2:
        return ""
    mine, other = arms["strategy"], arms["control"]
    gains = [_gain(one, mine, other) for one in report.targets]
    known = [gain for gain in gains if gain is not None]
    ahead = sum(gain > 0 for gain in known)
    return (
        f"With {mine.labels} labels each, those that the strategy chose did better than random ones in {ahead} of "
        f"{len(known)} scenarios that the round was about."
    )


def _gain(one: ScenarioTurn, mine: Arm, other: Arm) -> float | None:
    a, b = mine.figures.get(one.name), other.figures.get(one.name)
    if a is None or b is None or a.value is None or b.value is None:
        return None
    return (a.value - b.value) * (1 if one.is_higher_better else -1)
