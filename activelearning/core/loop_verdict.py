"""When a loop is over, and what it says then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from activelearning.core.round_report import figure_of, shortfall
from evaluation.core.results import RunRecord

Ended: TypeAlias = Literal["ready", "budget", "rounds", "no_progress"]
LEAST_GAIN = 0.002
"""A shortfall that shrank by less is none: a figure moves by as much when a single object is found or lost."""


@dataclass(frozen=True)
class LoopLimits:
    """budget is in frames; a loop gives up after `patience` rounds without progress."""

    budget: int
    rounds: int
    patience: int = 2


@dataclass(frozen=True)
class Standing:
    """Where a loop stands after a test run: how far its scenarios are from green, together, and how many are."""

    test_run: int
    model: str
    is_ready: bool
    shortfall: float
    green: int
    targets: int


def standing_of(record: RunRecord, *, targets: Sequence[str], whole_suite: bool) -> Standing:
    """Judge a test run. With `whole_suite` a loop is ready when the suite is, else when all of its targets pass."""
    chosen = [one for one in record.scenarios if one.name in targets]
    green = sum(one.verdict == "pass" for one in chosen)
    is_ready = record.verdict == "ready" if whole_suite else green == len(chosen)
    far = sum(
        shortfall(figure_of(one), threshold=one.threshold, is_higher_better=one.is_higher_better) for one in chosen
    )
    return Standing(record.id, record.model, is_ready, far, green, len(chosen))


def best_of(standings: Sequence[Standing]) -> Standing:
    """Return the best so far; of equals the first, which cost least."""
    return min(standings, key=lambda one: (-one.is_ready, one.shortfall, -one.green))


def is_over(standings: Sequence[Standing], *, spent: int, limits: LoopLimits) -> Ended | None:
    """Tell why a loop ends now; None if it goes on. `standings` are the first test's and one a closed round."""
    if standings[-1].is_ready:
        return "ready"
    if spent >= limits.budget:
        return "budget"
    if len(standings) - 1 >= limits.rounds:
        return "rounds"
    return "no_progress" if _is_stuck(standings, limits.patience) else None


def share_of_budget(limits: LoopLimits, *, spent: int, rounds_done: int) -> int:
    """Tell how many frames the next round may ask for: what is left, spread over the rounds that are left."""
    left, rounds = limits.budget - spent, max(1, limits.rounds - rounds_done)
    return max(0, min(left, -(-left // rounds)))


def sentence_of(ended: Ended, standings: Sequence[Standing], *, spent: int, limits: LoopLimits) -> str:
    """Say how a loop ended, with figures."""
    first, best, rounds = standings[0], best_of(standings), len(standings) - 1
    where = (
        f"{first.green} of {first.targets} scenarios passed before, {best.green} of {best.targets} do with {best.model}"
    )
    cost = f"{spent} labels in {rounds} round{'s' if rounds != 1 else ''}"
    match ended:
        case "ready":
            return f"Ready after {cost}: {where}."
        case "budget":
            return (
                f"The budget of {limits.budget} labels is spent ({rounds} round{'s' if rounds != 1 else ''}): {where}."
            )
        case "rounds":
            return f"The {limits.rounds} rounds that were allowed are over ({spent} labels): {where}."
        case "no_progress":
            return f"The last {limits.patience} rounds brought nothing ({cost} in all): {where}."


def _is_stuck(standings: Sequence[Standing], patience: int) -> bool:
    """Tell whether the best before the last `patience` rounds is as good as anything since."""
    if len(standings) <= patience:
        return False
    before = min(one.shortfall for one in standings[:-patience])
    since = min(one.shortfall for one in standings[-patience:])
    return since > before - LEAST_GAIN
