"""What is kept of a scenario that was tried: figures, verdict, errors, curves, and its worst frames."""

import numpy as np

from curation.core.types import BoolArray
from evaluation.core.confusion import counted
from evaluation.core.curves import curves_of
from evaluation.core.error_kinds import errors_of
from evaluation.core.metrics.contract import BoxPart
from evaluation.core.results import Curves, Errors, ScenarioRecord, ShownFrame
from evaluation.core.suite import AREAS, Scenario
from evaluation.core.trial import Trial
from evaluation.core.worst_frames import shown_boxes, worst
from evaluation.services.version_truth import VersionTruth

MOST_FRAMES = 12
CURVE_POINTS = 101


def record_of_boxes(
    scenario: Scenario, trial: Trial, part: BoxPart, *, truth: VersionTruth, reviewed: BoolArray, score: float
) -> ScenarioRecord:
    """Say all of a scenario on frames. Errors are counted at `score`; reviewed (T,) are the labels left out."""
    errors = errors_of(part, score=score, iou=iou_of(scenario))
    frames = []
    for image, misses, false_alarms in worst(part, errors, MOST_FRAMES):
        shot = truth.shots[image]
        frames.append(
            ShownFrame(
                frame_id=shot.frame_id,
                identity=shot.identity,
                image=shot.image,
                width_px=shot.width_px,
                height_px=shot.height_px,
                camera=shot.camera,
                video=shot.video,
                pts_us=shot.pts_us,
                misses=misses,
                false_alarms=false_alarms,
                boxes=shown_boxes(part, errors, image),
            )
        )
    return _record(
        scenario,
        trial,
        link_query=link_query(scenario, truth),
        under_review=int(np.count_nonzero(reviewed & part.images[truth.image])) if len(reviewed) else 0,
        curves=curves_of(part, score=score),
        errors=counted(part, errors),
        frames=tuple(frames),
    )


def record_of_events(scenario: Scenario, trial: Trial) -> ScenarioRecord:
    """Say all of a scenario over time."""
    return _record(scenario, trial, link_query="")


def iou_of(scenario: Scenario) -> float:
    """Return the IoU at which a scenario's errors are told apart: its metric's, or 0.5."""
    return float(getattr(scenario.metric, "iou", 0.5))


def link_query(scenario: Scenario, truth: VersionTruth) -> str:
    """Return the query that shows a scenario's frames as they are tagged today."""
    parts = [f'dataset:"{truth.version}"']
    if scenario.query not in ("", "*", "*:*"):
        parts.append(f"({scenario.query})")
    return " AND ".join(parts)


def metric_title(scenario: Scenario) -> str:
    """Name the figure, whose it is and of what size: "recall at IoU 0.5, score 0.3 of person, small"."""
    said = scenario.metric.title
    if scenario.labels:
        said += f" of {', '.join(scenario.labels)}"
    if scenario.area_px2 != AREAS["all"]:
        name = next((name for name, area in AREAS.items() if area == scenario.area_px2), "")
        low, high = scenario.area_px2
        said += f", {name}" if name else f", {low:g} to {high:g} px²"
    return said


def _record(
    scenario: Scenario,
    trial: Trial,
    *,
    link_query: str,
    under_review: int = 0,
    curves: Curves | None = None,
    errors: Errors | None = None,
    frames: tuple[ShownFrame, ...] = (),
) -> ScenarioRecord:
    return ScenarioRecord(
        name=scenario.name,
        why=scenario.why,
        critical=scenario.critical,
        query=scenario.query,
        link_query=link_query,
        metric=metric_title(scenario),
        kind=scenario.metric.kind,
        unit=scenario.metric.unit,
        is_higher_better=scenario.metric.is_higher_better,
        value=trial.value,
        low=trial.low,
        high=trial.high,
        threshold=trial.threshold,
        is_relative=scenario.not_worse_by is not None,
        model_value=trial.model_value,
        baseline_value=trial.baseline_value,
        images=trial.support.images,
        instances=trial.support.instances,
        groups=trial.support.groups,
        verdict=trial.judged.verdict,
        reason=trial.judged.reason,
        groups_needed=trial.judged.groups_needed,
        share=scenario.share,
        under_review=under_review,
        curves=curves or Curves(),
        errors=errors or Errors(),
        frames=frames,
    )
