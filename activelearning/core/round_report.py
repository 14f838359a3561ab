"""What a round brought: every scenario before and after, what the labels cost, and the control beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from evaluation.core.comparison_record import Change, ComparisonRecord, ScenarioComparison
from evaluation.core.results import RunRecord, RunVerdict, ScenarioRecord, Verdict

Turn: TypeAlias = Literal["turned green", "turned red", "still green", "still red", "undecided"]


@dataclass(frozen=True)
class Figure:
    """A scenario's figure in one test run, with its interval; None where it has none."""

    value: float | None
    low: float | None
    high: float | None
    verdict: Verdict


@dataclass(frozen=True)
class ScenarioTurn:
    """A scenario before and after. `change` is what the paired comparison of both models says of the difference."""

    name: str
    critical: bool
    is_target: bool
    metric: str
    unit: str
    is_higher_better: bool
    threshold: float
    before: Figure
    after: Figure
    turn: Turn
    change: Change = "unknown"
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    fixed: int = 0
    broken: int = 0
    """Objects that only the new model finds, and that only the old one found."""


@dataclass(frozen=True)
class Spent:
    """What the labels cost. cost is None where nobody said what an hour costs."""

    frames: int
    boxes: int
    skipped: int = 0
    minutes: float | None = None
    cost: float | None = None
    currency: str = ""


@dataclass(frozen=True)
class Arm:
    """A model that was taught with the labels of one arm alone, as many as of the other."""

    name: Literal["strategy", "control"]
    labels: int
    model: str
    dataset: str
    test_run: int
    figures: Mapping[str, Figure]
    """Of the scenarios that the round is about."""


@dataclass(frozen=True)
class RoundReport:
    """Everything that a person wants to know of a closed round."""

    round: int
    suite: str
    dataset: str
    test_run: int
    retest: int
    model_before: str
    model_after: str
    verdict_before: RunVerdict
    verdict_after: RunVerdict
    training_version: str
    spent: Spent
    scenarios: tuple[ScenarioTurn, ...]
    arms: tuple[Arm, ...] = ()
    shares: Mapping[str, Any] = field(default_factory=dict)
    """Of scenarios in the training set: see Training.shares."""
    notes: tuple[str, ...] = ()
    sentence: str = ""

    @property
    def targets(self) -> tuple[ScenarioTurn, ...]:
        return tuple(one for one in self.scenarios if one.is_target)

    @property
    def told_shares(self) -> tuple[Mapping[str, Any], ...]:
        """Shares of what the training set shows at all, or was asked for; that of everything says nothing."""
        achieved = self.shares.get("achieved")
        found = [one for one in achieved if isinstance(one, Mapping)] if isinstance(achieved, list | tuple) else []
        return tuple(
            one
            for one in found
            if one.get("asked") is not None or (one.get("query") != "*:*" and (one["before"] or one["after"]))
        )


def report_of(
    *,
    round_id: int,
    before: RunRecord,
    after: RunRecord,
    targets: Sequence[str],
    spent: Spent,
    training_version: str,
    comparison: ComparisonRecord | None = None,
    arms: Sequence[Arm] = (),
    shares: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
) -> RoundReport:
    """Put two test runs of one suite side by side. Scenarios keep the suite's order."""
    compared = {one.name: one for one in comparison.scenarios} if comparison else {}
    old = {one.name: one for one in before.scenarios}
    scenarios = tuple(
        _turn(old[one.name], one, is_target=one.name in targets, compared=compared.get(one.name))
        for one in after.scenarios
        if one.name in old
    )
    return RoundReport(
        round=round_id,
        suite=after.suite,
        dataset=after.dataset,
        test_run=before.id,
        retest=after.id,
        model_before=before.model,
        model_after=after.model,
        verdict_before=before.verdict,
        verdict_after=after.verdict,
        training_version=training_version,
        spent=spent,
        scenarios=scenarios,
        arms=tuple(arms),
        shares=dict(shares or {}),
        notes=tuple(notes),
        sentence=_sentence(scenarios, spent),
    )


def figure_of(record: ScenarioRecord) -> Figure:
    return Figure(record.value, record.low, record.high, record.verdict)


def shortfall(figure: Figure, *, threshold: float, is_higher_better: bool) -> float:
    """Tell how far the figure's interval is from the threshold, 0 where it passes; inf where there is no figure.

    The near end counts, as it does for the verdict: a loop makes progress while this shrinks."""
    if figure.verdict == "pass":
        return 0.0
    near = figure.low if is_higher_better else figure.high
    near = figure.value if near is None else near
    if near is None:
        return float("inf")
    return max(0.0, threshold - near if is_higher_better else near - threshold)


def _turn(
    old: ScenarioRecord, new: ScenarioRecord, *, is_target: bool, compared: ScenarioComparison | None
) -> ScenarioTurn:  # fmt: skip
    return ScenarioTurn(
        name=new.name,
        critical=new.critical,
        is_target=is_target,
        metric=new.metric,
        unit=new.unit,
        is_higher_better=new.is_higher_better,
        threshold=new.threshold,
        before=figure_of(old),
        after=figure_of(new),
        turn=_word(old.verdict, new.verdict),
        change=compared.verdict if compared else "unknown",
        difference=compared.difference if compared else None,
        low=compared.low if compared else None,
        high=compared.high if compared else None,
        fixed=compared.fixed_count if compared else 0,
        broken=compared.broken_count if compared else 0,
    )


def _word(before: Verdict, after: Verdict) -> Turn:
    if after == "inconclusive":
        return "undecided"
    if after == "pass":
        return "still green" if before == "pass" else "turned green"
    return "still red" if before == "fail" else "turned red"


def _sentence(scenarios: Sequence[ScenarioTurn], spent: Spent) -> str:
    targets = [one for one in scenarios if one.is_target]
    green = [one.name for one in targets if one.after.verdict == "pass"]
    worse = [one.name for one in scenarios if one.before.verdict == "pass" and one.after.verdict == "fail"]
    said = f"With {spent.frames} labelled frames {len(green)} of {len(targets)} scenarios that it was about pass."
    better = [one.name for one in targets if one.after.verdict != "pass" and one.change == "better"]
    if better:
        said += f" Better, but not there yet: {', '.join(better)}."
    if worse:
        said += f" Red now, and green before: {', '.join(worse)}."
    return said
