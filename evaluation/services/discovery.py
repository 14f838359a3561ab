"""Slices that nobody thought of: where a model is worst, over all factors at once."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import yaml
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from curation.core.errors import SpecError, WinnowError
from curation.core.types import IntArray
from curation.models import DatasetVersion, Job
from curation.services.datasets import find_version
from curation.services.in_force import current_spec
from curation.services.jobs import Progress, Work, start_job
from curation.services.profile_axes import axes_of
from curation.services.vectors import default_embedder, frame_vectors
from evaluation.core.error_kinds import errors_of
from evaluation.core.explaining import FOUND
from evaluation.core.metrics.contract import BoxPart
from evaluation.core.slice_clusters import cluster_factor
from evaluation.core.slices import Factor, Slice, discover
from evaluation.core.suite import AREAS
from evaluation.core.visits import Grouping
from evaluation.models import ModelVersion
from evaluation.services.evidence import box_evidence, predicted
from evaluation.services.model_registry import find_model
from evaluation.services.reviewed_truth import without_reviewed
from evaluation.services.test_bench import counting_score
from evaluation.services.testing import refuse_locked
from evaluation.services.version_truth import VersionTruth, truth_of

KIND = "discover"
MOST_IDS = 200


class DiscoveryError(WinnowError):
    """Slices cannot be looked for as it was asked."""


def request_discovery(
    *,
    model: ModelVersion,
    version: DatasetVersion,
    labels: Sequence[str] = (),
    factors: Sequence[str] = (),
    query: str = "",
    most_factors: int = 3,
    least_images: int = 20,
    least_groups: int = 5,
    limit: int = 20,
    clusters: int = 0,
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
) -> Job:
    """Write a search for slices down as a job; its result lists them. Whoever calls rings for it, or runs it.

    Raises HoldoutError, SpecError."""
    refuse_locked(version)
    numbers = {
        "most_factors": (most_factors, 1, 3), "least_images": (least_images, 1, 10**6),
        "least_groups": (least_groups, 2, 10**6), "limit": (limit, 1, 1_000), "clusters": (clusters, 0, 200),
    }  # fmt: skip
    for name, (value, low, high) in numbers.items():
        if not low <= value <= high:
            raise SpecError(f"{name} is {value}; it must be from {low} to {high}.")
    params = {
        "model": model.name, "dataset": str(version), "labels": list(labels), "factors": list(factors), "query": query,
        **{name: value for name, (value, _, _) in numbers.items()},
    }  # fmt: skip
    return start_job(kind=KIND, params=params, user=user, here=here)


def discover_slices(job: Job) -> Work:
    """Look for slices; the result is {"slices": […], "overall": …, "tested": …, "score": …}."""
    asked = job.params
    model, version = find_model(asked["model"]), find_version(asked["dataset"])
    yield Progress(0, 4, f"reading {version}", {})
    truth, _ = without_reviewed(truth_of(version))
    run = yield from predicted(model, version)
    evidence = box_evidence(truth, run, labels=truth.labels, grouping=Grouping())
    images = truth.matching(asked["query"]) if asked["query"] else np.ones(evidence.image_count, bool)
    part = BoxPart(evidence, images, tuple(asked["labels"]), AREAS["all"])
    yield Progress(1, 4, "finding the errors", {})
    score = counting_score(part)
    errors = errors_of(part, score=score)
    count = evidence.image_count
    right = np.bincount(evidence.truths.image[errors.truth == FOUND], minlength=count)
    missed = np.bincount(evidence.truths.image[errors.is_lost], minlength=count)
    false = np.bincount(evidence.found.image[errors.is_false], minlength=count)
    yield Progress(2, 4, "sorting by factors", {})
    factors = _factors(truth, asked["factors"])
    if asked["clusters"]:
        factors.append(_clusters(truth, int(asked["clusters"])))
    yield Progress(3, 4, "comparing slices", {})
    found = discover(
        factors,
        hits=right[images],
        of=(right + missed + false)[images],
        group=evidence.group[images],
        rows=np.flatnonzero(images),
        most_factors=int(asked["most_factors"]),
        least_images=int(asked["least_images"]),
        least_groups=int(asked["least_groups"]),
        limit=int(asked["limit"]),
    )
    total = max(1, int((right + missed + false)[images].sum()))
    return {
        "model": model.name,
        "dataset": str(version),
        "labels": asked["labels"],
        "score": score,
        "overall": float(right[images].sum() / total),
        "tested": found.tested,
        "slices": [_plain(one, truth, right, missed, false) for one in found.slices],
    }


def suite_text(result: Mapping[str, Any]) -> str:
    """Write the slices as a suite's YAML: a scenario for each, asking for what the model does elsewhere."""
    scenarios = [
        {
            "name": one["name"][:120],
            "why": f"Found by discovery: {one['rate']:.2f} of objects right here, {one['rest_rate']:.2f} elsewhere.",
            "query": one["query"],
            **({"labels": result["labels"]} if result["labels"] else {}),
            "metric": {"kind": "f1", "iou": 0.5, "score": round(result["score"], 4)},
            "at_least": round(2 * one["rest_rate"] / (1 + one["rest_rate"]), 2),
        }
        for one in result["slices"]
        if one["query"]
    ]
    plain = {"suite": "discovered", "dataset": result["dataset"], "scenarios": scenarios}
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)


def _factors(truth: VersionTruth, wanted: Sequence[str]) -> list[Factor]:
    known = axes_of(truth.table, current_spec()).by_name
    for name in wanted:
        if name not in known:
            raise DiscoveryError(f"There is no factor {name!r} in {truth.version}. There are: {', '.join(known)}.")
    chosen = [known[name] for name in wanted] if wanted else list(known.values())
    return [Factor(axis.name, axis.codes.names, axis.queries, axis.codes.codes.astype(np.int64)) for axis in chosen]


def _clusters(truth: VersionTruth, count: int) -> Factor:
    embedder = default_embedder()
    if embedder is None:
        raise DiscoveryError("No frame has a vector, so that there is nothing to cluster: run a cascade with embed.")
    vectors, has_one = frame_vectors(truth.frame_ids, embedder=embedder)
    return cluster_factor(vectors, has_one, clusters=count, seed=0)


def _of_ids(frame_ids: IntArray) -> str:
    """Write the query of frames that no tag tells apart; "" where they are too many for one."""
    return f"id:({' OR '.join(map(str, frame_ids.tolist()))})" if len(frame_ids) <= MOST_IDS else ""


def _plain(
    one: Slice, truth: VersionTruth, right: IntArray, missed: IntArray, false: IntArray
) -> dict[str, Any]:  # fmt: skip
    rows = one.images
    found, lost, wrong = (int(counts[rows].sum()) for counts in (right, missed, false))
    plain = {key: value for key, value in dataclasses.asdict(one).items() if key != "images"}
    return {
        **plain,
        "query": one.query or _of_ids(truth.frame_ids[rows]),
        "images": len(rows),
        "recall": found / (found + lost) if found + lost else None,
        "precision": found / (found + wrong) if found + wrong else None,
        "missed": lost,
        "false_alarms": wrong,
    }
