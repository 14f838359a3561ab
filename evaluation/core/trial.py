"""One scenario held against the evidence: its figure, how sure that is, and the verdict."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from curation.core.types import FloatArray
from evaluation.core.bootstrap import draw_groups, interval_of, whole
from evaluation.core.metrics.contract import BoxPart, EventPart, Metric, Support, groups_of
from evaluation.core.paired import difference_interval
from evaluation.core.suite import Options, Scenario
from evaluation.core.verdict import Judged, Least, judge

Part = BoxPart | EventPart


@dataclass(frozen=True)
class Trial:
    """`value` is the model's figure, or with a baseline the difference to it; None where there is nothing to measure.

    draws, (R,), are the model's own figures for draws of all groups, for readiness; None where they do not count."""

    value: float | None
    low: float | None
    high: float | None
    threshold: float
    model_value: float | None
    baseline_value: float | None
    support: Support
    judged: Judged
    draws: FloatArray | None


def try_scenario(scenario: Scenario, part: Part, *, baseline: Part | None, options: Options) -> Trial:
    """Measure a scenario and judge it. `baseline` is the same part of another model's evidence.

    Raises ValueError for a relative scenario without a baseline, SpecError where the metric cannot be measured."""
    metric, is_relative = scenario.metric, scenario.not_worse_by is not None
    if is_relative and baseline is None:
        raise ValueError(f"try_scenario: {scenario.name!r} is relative to a baseline, and there is none.")
    group_count = part.evidence.group_count
    one, support = whole(group_count), metric.support(part)
    own = _figure(metric.measure(part, one)[0])
    other = _figure(metric.measure(baseline, one)[0]) if is_relative and baseline is not None else None
    threshold = threshold_of(scenario)
    value, ends = own, None
    if is_relative:
        value = None if own is None or other is None else own - other
    if value is not None and options.mode == "interval":
        ends = _interval(scenario, part, baseline if is_relative else None, value, support, options)
    low, high = ends or (None, None)
    judged = judge(
        value=value,
        low=low,
        high=high,
        threshold=threshold,
        is_higher_better=metric.is_higher_better,
        groups=support.groups,
        images=support.images,
        instances=support.instances,
        least=Least(scenario.least_groups, scenario.least_images, scenario.least_instances),
        mode="simple" if options.mode == "simple" else "interval",
        unit=metric.unit,
        confidence=options.confidence,
    )
    draws = None
    if scenario.share and metric.unit == "" and metric.is_higher_better and own is not None:
        everyone = np.arange(group_count)
        joint = draw_groups(everyone, group_count=group_count, replicates=options.replicates, seed=options.seed)
        draws = metric.measure(part, joint)
    return Trial(value, low, high, threshold, own, other, support, judged, draws)


def threshold_of(scenario: Scenario) -> float:
    """Return what the figure is held against; of a relative scenario the least, or most, difference."""
    if scenario.not_worse_by is not None:
        return -scenario.not_worse_by if scenario.metric.is_higher_better else scenario.not_worse_by
    bound = scenario.at_least if scenario.at_least is not None else scenario.at_most
    assert bound is not None  # parse_suite saw to it
    return bound


def with_score(scenario: Scenario, score: float) -> Scenario:
    """Return the scenario with the score at which its metric counts boxes."""
    metric: Any = scenario.metric
    return dataclasses.replace(scenario, metric=dataclasses.replace(metric, score=score))


def needs_score(scenario: Scenario) -> bool:
    return hasattr(scenario.metric, "score") and (
        scenario.score_from is not None or getattr(scenario.metric, "score", None) is None
    )


def _interval(
    scenario: Scenario, part: Part, baseline: Part | None, value: float, support: Support, options: Options
) -> tuple[float, float] | None:
    metric, groups = scenario.metric, groups_of(part)
    weights = draw_groups(
        groups, group_count=part.evidence.group_count, replicates=options.replicates, seed=options.seed
    )
    figures = metric.measure(part, weights)
    is_share = metric.unit == ""
    step = step_of(metric, part)
    if baseline is not None:
        return difference_interval(
            figures,
            metric.measure(baseline, weights),
            difference=value,
            groups=support.groups,
            confidence=options.confidence,
            limits=(-1.0, 1.0) if is_share else (None, None),
            step=step,
        )
    return interval_of(
        figures,
        value=value,
        groups=support.groups,
        confidence=options.confidence,
        limits=(0.0, 1.0) if is_share else (0.0, None),
        step=step,
    )


def step_of(metric: Metric, part: Part) -> float | None:
    """Return how much a figure without an upper limit would rise if each group had one more event, if it can tell."""
    step: Callable[[Part], float] | None = getattr(metric, "step", None)
    return step(part) if step is not None else None


def _figure(figure: float) -> float | None:
    return float(figure) if np.isfinite(figure) else None
