"""Whether a model may go into use: all critical scenarios, and one figure weighted by use."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from curation.core.types import FloatArray
from evaluation.core.bootstrap import interval_of
from evaluation.core.results import Readiness, RunVerdict, Verdict


class Judgeable(Protocol):
    """What of a ScenarioRecord is looked at."""

    @property
    def name(self) -> str: ...
    @property
    def critical(self) -> bool: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def value(self) -> float | None: ...
    @property
    def model_value(self) -> float | None: ...
    @property
    def is_relative(self) -> bool: ...
    @property
    def share(self) -> float | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def is_higher_better(self) -> bool: ...


def readiness_of(
    scenarios: Sequence[Judgeable],
    *,
    replicates: FloatArray | None = None,
    groups: int = 0,
    confidence: float = 0.95,
) -> Readiness:
    """Say whether all critical scenarios pass, and weigh the figures by the shares expected in use.

    replicates are (S, R): the model's own figures (not differences from a baseline) of each scenario for the same draws
    of groups, so that frames that lie in several scenarios count in all; NaN where a draw had nothing of a scenario:
    the others' shares then stand for it. None: a figure without an interval. `groups` counts the groups of all of them.
    Into the figure go scenarios that name a share, have a figure, no unit, and are better when higher.
    ready: all critical pass. failed: one critical fails. undecided: else, and where no scenario is critical."""
    critical = [scenario for scenario in scenarios if scenario.critical]
    failed = [scenario.name for scenario in critical if scenario.verdict == "fail"]
    passed = sum(scenario.verdict == "pass" for scenario in critical)
    verdict: RunVerdict = "undecided"
    if failed:
        verdict = "failed"
    elif critical and passed == len(critical):
        verdict = "ready"
    value, low, high, covered = _weighted(scenarios, replicates, groups, confidence)
    return Readiness(
        verdict=verdict,
        value=value,
        low=low,
        high=high,
        critical=len(critical),
        critical_passed=passed,
        critical_failed=len(failed),
        covered_share=covered,
        sentence=_sentence(verdict, critical, failed),
    )


def _own(scenario: Judgeable) -> float | None:
    if scenario.is_relative or scenario.model_value is not None:
        return scenario.model_value
    return scenario.value


def _weighted(
    scenarios: Sequence[Judgeable], replicates: FloatArray | None, groups: int, confidence: float
) -> tuple[float | None, float | None, float | None, float]:
    rows, shares, figures = [], [], []
    for row, scenario in enumerate(scenarios):
        figure = _own(scenario)
        if not scenario.share or scenario.unit or not scenario.is_higher_better:
            continue
        if figure is not None and np.isfinite(figure):
            rows.append(row)
            shares.append(scenario.share)
            figures.append(figure)
    if not rows:
        return None, None, None, 0.0
    weights = np.asarray(shares, np.float64)
    value = float(np.average(figures, weights=weights))
    covered = float(weights.sum())
    if replicates is None:
        return value, None, None, covered
    drawn = np.asarray(replicates, np.float64)[rows]
    there = np.isfinite(drawn)
    total = weights @ there
    with np.errstate(invalid="ignore", divide="ignore"):
        joint = (weights @ np.where(there, drawn, 0.0)) / total
    interval = interval_of(joint, value=value, groups=groups, confidence=confidence, limits=(0.0, 1.0))
    low, high = interval or (None, None)
    return value, low, high, covered


def _sentence(verdict: RunVerdict, critical: Sequence[Judgeable], failed: Sequence[str]) -> str:
    count = len(critical)
    if not critical:
        return "Undecided: no scenario is critical, so nothing says when the model is ready; mark those that must hold."
    every = "the critical scenario passes" if count == 1 else f"all {count} critical scenarios pass"
    if verdict == "ready":
        return f"Ready: {every}."
    if verdict == "failed":
        return f"Not ready: {len(failed)} of {count} critical scenarios failed: {', '.join(failed)}."
    open_ones = [scenario.name for scenario in critical if scenario.verdict == "inconclusive"]
    return f"Undecided: {len(open_ones)} of {count} critical scenarios lack evidence: {', '.join(open_ones)}."
