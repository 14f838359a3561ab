"""The figures over time of one model side by side, each with its interval: what `manage.py events measure` prints."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from curation.core.params import build
from evaluation.core.bootstrap import draw_groups, interval_of, whole
from evaluation.core.events import FootageEvidence
from evaluation.core.metrics.contract import EventPart, Metric, groups_of
from evaluation.core.metrics.event_recall import EventRecall
from evaluation.core.metrics.false_alarms import FalseAlarms
from evaluation.core.metrics.time_to_detection import TimeToDetection


@dataclass(frozen=True)
class Figure:
    """`low` and `high` are the ends of the interval, None where it cannot be said; value None: nothing to measure."""

    kind: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    groups: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def event_figures(
    evidence: FootageEvidence, *, score: float, replicates: int = 2000, seed: int = 0, confidence: float = 0.95
) -> list[Figure]:
    """Measure event recall, false alarms and time to detection over all footage, with the metrics' usual parameters.

    Raises SpecError for a score outside 0 to 1, or below which no boxes were kept."""
    part = EventPart(evidence, np.ones(len(evidence.stretches), np.bool_))
    weights = draw_groups(groups_of(part), group_count=evidence.group_count, replicates=replicates, seed=seed)
    plain = {"score": score}
    recall, false = build(EventRecall, plain, where=EventRecall.kind), build(FalseAlarms, plain, where=FalseAlarms.kind)
    time = build(TimeToDetection, plain, where=TimeToDetection.kind)
    steps = ((recall, None), (false, false.step(part)), (time, time.step(part)))
    return [_figure(metric, part, weights, step=step, confidence=confidence) for metric, step in steps]


def _figure(metric: Metric, part: EventPart, weights: Any, *, step: float | None, confidence: float) -> Figure:
    value, groups = float(metric.measure(part, whole(part.evidence.group_count))[0]), metric.support(part).groups
    if not np.isfinite(value):
        return Figure(metric.kind, metric.unit, None, None, None, groups)
    ends = interval_of(
        metric.measure(part, weights),
        value=value,
        groups=groups,
        confidence=confidence,
        limits=(0.0, None if metric.unit else 1.0),
        step=step,
    )
    low, high = ends or (None, None)
    return Figure(metric.kind, metric.unit, value, low, high, groups)
