"""Suspect labels of a dataset version: its truth beside what models predict, and beside the frames before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.types import IntArray
from curation.models import DatasetVersion
from evaluation.core.suspects import Suspect, suspects
from evaluation.core.views import View, neighbours_view
from evaluation.models import LabelReview, ModelVersion, TestRun
from evaluation.services.label_reviews import ReviewError, key_of
from evaluation.services.predicting import find_predictions
from evaluation.services.prediction_rows import labels_found, read_found
from evaluation.services.version_truth import VersionTruth, truth_of

NEAR_S = 1.0
MOST_MODELS = 8
NAMED = 20
LEAST_WITNESSES = 2
"""What one model alone does not see is no suspect label: it may be what the model fails at, and a review leaves it out
of the test."""


@dataclass(frozen=True)
class Search:
    """Suspect labels, most suspect first, with the frames that `image` counts from, and how many more were known:
    sent to review before, whatever came of it."""

    suspects: tuple[Suspect, ...]
    frame_ids: IntArray
    known: int


def find_suspects(
    *,
    version: DatasetVersion,
    models: Sequence[ModelVersion],
    query: str = "",
    near_s: float = NEAR_S,
    min_suspicion: float = 0.5,
    least_witnesses: int = LEAST_WITNESSES,
    limit: int | None = None,
) -> Search:
    """Look for labels of a version that models and neighbours in time contradict; those sent to review are left out.

    At least `least_witnesses` of them must do so. Models must have predicted the version. Frames of a video at most
    near_s before and after are neighbours. Raises ReviewError for no or too many models, or for a hold-out, and what
    finding predictions, truth and queries raise."""
    if not 0 < len(models) <= MOST_MODELS:
        raise ReviewError(f"{len(models)} models were named; 1 to {MOST_MODELS} can be witnesses.")
    if version.is_locked:
        raise ReviewError(
            f"{version} is locked as a hold-out: nobody may look at its frames but the final evaluation. Review the "
            "labels of the version that you develop on."
        )
    runs = [find_predictions(model=model, version=version) for model in models]
    truth = truth_of(version)
    labels = tuple(sorted({*truth.labels, *(label for run in runs for label in labels_found(run))}))
    truths = truth.truths(labels)
    everywhere = np.ones(len(truth.frame_ids), np.bool_)
    views = [
        View(run.model.name, read_found(run, frame_ids=truth.frame_ids, labels=labels), everywhere) for run in runs
    ]
    before, after = neighbours(truth, near_s=near_s)
    views.append(neighbours_view(truths, before=before, after=after))
    chosen = truth.matching(query) if query else everywhere
    frames = truth.frame_ids
    doubted = suspects(
        truths, views, labels=labels, min_suspicion=min_suspicion, least_witnesses=least_witnesses
    )  # fmt: skip
    found = [one for one in doubted if chosen[one.image]]
    sent = _sent_before()
    new = [one for one in found if (int(frames[one.image]), *key_of(one)) not in sent]
    return Search(tuple(new[:limit]), frames, len(found) - len(new))


@dataclass(frozen=True)
class Witnesses:
    """Where a test run stood, to look for suspect labels there: version, models and query."""

    version: DatasetVersion
    models: tuple[ModelVersion, ...]
    query: str


def witnesses_of(run: TestRun, *, scenario: str = "") -> Witnesses:
    """Take a test run's version, its model and its baseline; with a scenario's name, that one's query.

    Raises ReviewError where the run has no version, or no scenario of that name."""
    if run.version is None:
        raise ReviewError(f"Test run {run.pk} had no dataset version: it has no labels of frames to look at.")
    models = tuple(model for model in (run.model, run.baseline) if model is not None)
    if not scenario:
        return Witnesses(run.version, models, "")
    found = run.results.filter(name=scenario).first()
    if found is None:
        named = ", ".join(run.results.values_list("name", flat=True)[:NAMED])
        raise ReviewError(f"Test run {run.pk} has no scenario {scenario[:80]!r}. It has: {named}.")
    return Witnesses(run.version, models, str(found.record["query"]))


def neighbours(truth: VersionTruth, *, near_s: float) -> tuple[IntArray, IntArray]:
    """Return (I,) places of the frames just before and after each in its video, -1 where none is near."""
    table = truth.table.frames
    video, pts_us = table["video_id"].to_numpy(), table["pts_us"].to_numpy()
    order = np.lexsort((pts_us, video))
    is_near = (np.diff(video[order]) == 0) & (np.diff(pts_us[order]) <= near_s * 1e6)
    is_near &= ~truth.is_picture[order][1:]
    before, after = np.full(len(video), -1, np.int64), np.full(len(video), -1, np.int64)
    before[order[1:][is_near]] = order[:-1][is_near]
    after[order[:-1][is_near]] = order[1:][is_near]
    return before, after


def _sent_before() -> set[tuple[object, ...]]:
    return set(LabelReview.objects.order_by().values_list("frame_id", "kind", "label", "x1", "y1", "x2", "y2"))
