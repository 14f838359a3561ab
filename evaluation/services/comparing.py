"""Two models on exactly the same frames: what became better, what worse, and which objects."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from curation.core.params import build
from curation.core.types import BoolArray
from curation.models import DatasetVersion, Job
from curation.services.datasets import find_version
from curation.services.jobs import Progress, Work, start_job
from evaluation.core.bootstrap import draw_groups, whole
from evaluation.core.comparison_record import ChangedObject, ComparisonRecord, ScenarioComparison
from evaluation.core.error_kinds import PartErrors, errors_of
from evaluation.core.explaining import FOUND
from evaluation.core.metrics.contract import BoxPart, groups_of
from evaluation.core.paired import Compared, compare
from evaluation.core.record_json import to_plain
from evaluation.core.suite import Options, Scenario
from evaluation.core.trial import Part, step_of
from evaluation.models import ModelVersion, SuiteVersion
from evaluation.services.model_registry import find_model
from evaluation.services.scenario_record import link_query, metric_title
from evaluation.services.suites import find_suite, spec_of
from evaluation.services.test_bench import Bench
from evaluation.services.test_records import TestRunError
from evaluation.services.testing import refuse_locked
from evaluation.services.version_truth import VersionTruth

KIND = "compare"
MOST_LISTED = 200
WORDS = {
    "better": "is better in", "worse": "is worse in", "same": "does the same in", "unknown": "cannot be told apart in",
}  # fmt: skip


def request_comparison(
    *,
    suite: SuiteVersion,
    model: ModelVersion,
    other: ModelVersion,
    version: DatasetVersion | None = None,
    margin: float = 0.01,
    options: Mapping[str, Any] | None = None,
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
) -> Job:
    """Write a comparison of `other` with `model`, which came before, down as a job; its result is the record.

    Whoever calls rings for it, or runs it with `here`. Raises TestRunError, HoldoutError, SpecError."""
    spec = spec_of(suite)
    if model.pk == other.pk:
        raise TestRunError(f"{model} cannot be compared with itself; name two models.")
    if not 0 <= margin < 1e6:
        raise TestRunError(f"margin is {margin}; it must be 0 or more, in the unit of the figures.")
    if spec.needs_frames and version is None:
        if not spec.dataset:
            raise TestRunError(f"{suite} names no dataset; say on which version to compare: --dataset NAME@2")
        version = find_version(spec.dataset)
    refuse_locked(version)
    kept = build(Options, {**dataclasses.asdict(spec.options), **(options or {})}, where="options")
    params = {
        "suite": str(suite),
        "a": model.name,
        "b": other.name,
        "dataset": str(version) if version else "",
        "margin": margin,
        "options": dataclasses.asdict(kept),
    }
    return start_job(kind=KIND, params=params, user=user, here=here)


def compare_models(job: Job) -> Work:
    """Do a comparison; the result is a ComparisonRecord in plain values."""
    asked = job.params
    suite, a, b = find_suite(asked["suite"]), find_model(asked["a"]), find_model(asked["b"])
    version = find_version(asked["dataset"]) if asked["dataset"] else None
    options = build(Options, asked["options"], where="options")
    spec = dataclasses.replace(spec_of(suite), options=options)
    bench = Bench(spec=spec, model=b, baseline=a, version=version)
    yield from bench.gather()
    compared: list[ScenarioComparison] = []
    for done, scenario in enumerate(spec.scenarios):
        yield Progress(done, len(spec.scenarios), scenario.name, {})
        compared.append(_compared(bench, scenario, options, margin=float(asked["margin"])))
    record = ComparisonRecord(
        suite=str(suite),
        dataset=str(version) if version else "",
        dataset_sha256=version.manifest_sha256 if version else "",
        model_a=a.name,
        model_a_sha256=a.weights_sha256,
        model_b=b.name,
        model_b_sha256=b.weights_sha256,
        margin=float(asked["margin"]),
        options=dataclasses.asdict(options),
        code_version=settings.WINNOW_VERSION,
        created_at=job.created_at.isoformat(),
        scenarios=tuple(compared),
        notes=tuple(bench.notes),
    )
    return to_plain(record)


def _compared(bench: Bench, scenario: Scenario, options: Options, *, margin: float) -> ScenarioComparison:
    scenario = bench.settled(scenario)
    new, old = bench.parts(scenario)
    assert old is not None
    metric, support = scenario.metric, scenario.metric.support(new)
    count = new.evidence.group_count
    weights = draw_groups(groups_of(new), group_count=count, replicates=options.replicates, seed=options.seed)
    values = [float(metric.measure(part, whole(count))[0]) for part in (new, old)]
    is_share = metric.unit == ""
    found = compare(
        metric.measure(new, weights),
        metric.measure(old, weights),
        value_a=values[0],
        value_b=values[1],
        is_higher_better=metric.is_higher_better,
        groups=support.groups,
        confidence=options.confidence,
        margin=margin,
        limits=(-1.0, 1.0) if is_share else (None, None),
        step=step_of(metric, new),
        is_identical=_same(new, old),
    )
    fixed, broken = _changes(bench, scenario, new, old)
    return ScenarioComparison(
        name=scenario.name,
        critical=scenario.critical,
        metric=metric_title(scenario),
        unit=metric.unit,
        is_higher_better=metric.is_higher_better,
        a=_figure(values[1]),
        b=_figure(values[0]),
        difference=found.difference,
        low=found.low,
        high=found.high,
        verdict=found.verdict,
        reason=_reason(found, bench, support.groups, margin),
        images=support.images,
        instances=support.instances,
        groups=support.groups,
        link_query=link_query(scenario, bench.truth) if bench.truth and not scenario.events else "",
        fixed_count=len(fixed),
        broken_count=len(broken),
        fixed=tuple(fixed[:MOST_LISTED]),
        broken=tuple(broken[:MOST_LISTED]),
    )


def _changes(
    bench: Bench, scenario: Scenario, new: Part, old: Part
) -> tuple[list[ChangedObject], list[ChangedObject]]:  # fmt: skip
    if not isinstance(new, BoxPart) or not isinstance(old, BoxPart) or bench.truth is None:
        return [], []
    iou = float(getattr(scenario.metric, "iou", 0.5))
    score = getattr(scenario.metric, "score", None)
    errors = [
        errors_of(part, score=bench.best_score(scenario, part.evidence) if score is None else score, iou=iou)
        for part in (new, old)
    ]
    found = [one.truth == FOUND for one in errors]
    lost = [one.is_lost for one in errors]
    pair = (new, old)
    fixed = _objects(bench.truth, pair, errors, found[0] & lost[1])
    broken = _objects(bench.truth, pair, errors, found[1] & lost[0])
    return fixed, broken


def _objects(
    truth: VersionTruth, parts: tuple[BoxPart, BoxPart], errors: list[PartErrors], which: BoolArray
) -> list[ChangedObject]:
    listed = []
    for row in np.flatnonzero(which).tolist():
        shot = truth.shots[int(truth.image[row])]
        x1, y1, x2, y2 = map(float, truth.xyxy[row])
        scores = [
            float(part.evidence.found.score[int(one.found_of[row])])
            if one.truth[row] == FOUND and one.found_of[row] >= 0
            else None
            for part, one in zip(parts, errors, strict=True)
        ]
        listed.append(
            ChangedObject(
                frame_id=shot.frame_id,
                identity=shot.identity,
                label=truth.labels[int(truth.label[row])],
                box=(x1, y1, x2, y2),
                score_a=scores[1],
                score_b=scores[0],
                image=shot.image,
                camera=shot.camera,
                video=shot.video,
                pts_us=shot.pts_us,
            )
        )
    return listed


def _same(new: Part, old: Part) -> bool:
    """Tell whether both models found the very same boxes in the part's images."""
    if not isinstance(new, BoxPart) or not isinstance(old, BoxPart):
        return False
    mine, theirs = new.evidence.found, old.evidence.found
    ours = (new.images[mine.image], new.images[theirs.image])
    names = ("image", "label", "xywh", "score")
    return all(np.array_equal(getattr(mine, name)[ours[0]], getattr(theirs, name)[ours[1]]) for name in names)


def _reason(found: Compared, bench: Bench, groups: int, margin: float) -> str:
    words = f"{bench.model} {WORDS[found.verdict]} {groups} groups"
    if found.verdict == "same":
        return f"{words}, within a margin of {margin:g}."
    if found.verdict == "unknown" and found.low is not None:
        return f"{words}: the interval of the difference holds 0, or there are too few groups."
    return f"{words}."


def _figure(value: float) -> float | None:
    return value if np.isfinite(value) else None
