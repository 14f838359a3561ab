"""Scenarios against models: what all reports of a trend show."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.core.reports.words import MARKS, NONE, value_of
from evaluation.core.results import RunRecord, ScenarioRecord


@dataclass(frozen=True)
class Trend:
    """A row for each scenario, a cell for each run: None where the run's suite had no such scenario."""

    runs: tuple[RunRecord, ...]
    names: tuple[str, ...]
    cells: tuple[tuple[ScenarioRecord | None, ...], ...]


def trend_of(records: Sequence[RunRecord]) -> Trend:
    """Set runs side by side in the order in which they come, scenarios as the newest run has them.

    Scenarios are the same where their names are. Those that only earlier runs had follow after the others."""
    found = [{one.name: one for one in record.scenarios} for record in records]
    names = tuple(dict.fromkeys(name for scenarios in reversed(found) for name in scenarios))
    return Trend(tuple(records), names, tuple(tuple(one.get(name) for one in found) for name in names))


def cell(one: ScenarioRecord | None) -> str:
    """Write a verdict's mark and a figure: "✓ 0.931"."""
    return NONE if one is None else f"{MARKS[one.verdict]} {value_of(one)}"


def is_critical(row: Sequence[ScenarioRecord | None]) -> bool:
    """Say whether a scenario is critical: as its newest run has it."""
    return next((one.critical for one in reversed(row) if one is not None), False)


def caution(trend: Trend) -> str:
    """Say what makes the figures hard to compare; "" where nothing does."""
    differs = [
        word
        for word, values in (
            ("datasets", {(run.dataset, run.dataset_sha256) for run in trend.runs}),
            ("versions of the suite", {run.suite for run in trend.runs}),
        )
        if len(values) > 1
    ]
    return f"The runs are of different {' and '.join(differs)}, so their figures compare loosely." if differs else ""
