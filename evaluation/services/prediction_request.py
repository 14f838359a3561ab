"""Asking for predictions, and finding those that are there. The same model, frames and parameters are one run."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from curation.core.errors import SpecError, WinnowError
from curation.core.types import IntArray
from curation.models import DatasetVersion
from curation.services.jobs import start_job
from evaluation.models import ModelVersion, PredictionRun
from evaluation.services.model_registry import check_weights
from evaluation.services.prediction_frames import (
    Chosen,
    frames_of_list,
    frames_of_query,
    frames_of_version,
    has_frames,
    hash_of,
    ids_of,
    put_frames,
)

KIND = "predict"
MIN_SCORE, MAX_BOXES, MOST_BOXES = 0.01, 100, 1_000
"""COCO's own evaluation looks at 100 boxes a picture."""
TRIED = 50
LACKS_SOME = """
SELECT EXISTS (SELECT FROM curation_datasetframe AS member WHERE member.version_id = %s AND NOT EXISTS (
    SELECT FROM evaluation_predictedframe AS seen WHERE seen.run_id = %s AND seen.frame_id = member.frame_id))
"""


class NoPredictions(WinnowError):
    """A model has no predictions of all frames that are asked about."""


@transaction.atomic
def request_predictions(
    *,
    model: ModelVersion,
    version: DatasetVersion | None = None,
    query: str = "",
    frame_ids: Iterable[int] | None = None,
    min_score: float = MIN_SCORE,
    max_boxes: int = MAX_BOXES,
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
    is_final: bool = False,
) -> tuple[PredictionRun, bool]:
    """Ask for a model's predictions of a dataset version, of all frames of a query that are not held out, or of some
    frames.

    Returns the run, and whether its job is new: then the caller rings for it, or runs it with `here`. A run that is
    there is given back as it is, done or under way; one that failed or was cancelled goes on in a new job. Held out
    frames are refused but for the final evaluation of a locked version. Raises HoldoutError, QueryError, SpecError,
    NoFrames, ModelError, WeightsMissing."""
    if sum((version is not None, bool(query), frame_ids is not None)) > 1:
        raise SpecError("Give a dataset version, a query or a list of frames, not both of two.")
    params = _checked(min_score, max_boxes)
    chosen = _chosen(version, query, frame_ids, is_final=is_final)
    key = key_of(model=model, frames_sha256=chosen.sha256, params=params)
    ModelVersion.objects.select_for_update(of=("self",)).get(pk=model.pk)  # of two who ask at once, one finds a run
    run = PredictionRun.objects.filter(key=key).select_related("job", "model", "version__dataset").first()
    if run is not None and stands(run, chosen.frame_ids):
        return run, False
    check_weights(model)
    if run is None:
        run = PredictionRun.objects.create(
            model=model,
            version=version,
            query=query,
            origin=PredictionRun.Origin.MODEL,
            params=params,
            frames_sha256=chosen.sha256,
            frame_count=len(chosen.frame_ids),
            key=key,
            report={"held_out": chosen.held_out} if chosen.held_out else {},
            code_version=settings.WINNOW_VERSION,
            created_by_id=user.pk if user is not None and user.is_authenticated else None,
        )
    checkpoint = {} if run.is_done or run.job is None else run.job.checkpoint
    put_frames(run, chosen.frame_ids)
    job = start_job(kind=KIND, params={"run": run.pk, "model": model.name}, user=user, here=here)
    job.checkpoint = checkpoint
    job.save(update_fields=["checkpoint"])
    run.job, run.finished_at = job, None
    run.save(update_fields=["job", "finished_at"])
    return run, True


def find_predictions(*, model: ModelVersion, version: DatasetVersion) -> PredictionRun:
    """Find a run of a model that is done and has all frames of a dataset version.

    Of several, one of exactly these frames comes first, then the one with the lowest least score, then the newest.
    Raises NoPredictions, which tells the command that makes them."""
    done = model.prediction_runs.filter(finished_at__isnull=False).select_related("model", "version__dataset")
    runs = sorted(done.order_by("-id"), key=lambda run: run.params.get("min_score", 0.0))
    if runs:
        sha256 = hash_of(ids_of(version))
        same = [run for run in runs if run.frames_sha256 == sha256]
        for run in [*same, *(run for run in runs if run.frames_sha256 != sha256)][:TRIED]:
            if _has_all(run, version):
                return run
    how = f"manage.py predict {model} --dataset {version}"
    how += " --wait" if model.has_weights else " --import FILE --format coco"
    raise NoPredictions(f"There are no predictions of {model} for all frames of {version} yet. Make them: {how}")


def key_of(*, model: ModelVersion, frames_sha256: str, params: Mapping[str, Any]) -> str:
    """Name a run by what it is made of."""
    made_of = [model.pk, model.detector, model.weights_sha256, frames_sha256, dict(params)]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def stands(run: PredictionRun, frame_ids: IntArray) -> bool:
    """Tell whether nothing need be done for a run: it is under way, or done and has its frames still.

    A frame that was removed and came in again is another row, and its predictions went with the one before."""
    if run.is_done:
        return has_frames(run, frame_ids)
    return run.job is not None and run.job.is_open


def _chosen(
    version: DatasetVersion | None, query: str, frame_ids: Iterable[int] | None, *, is_final: bool
) -> Chosen:  # fmt: skip
    if version is not None:
        return frames_of_version(version, is_final=is_final)
    return frames_of_query(query) if frame_ids is None else frames_of_list(frame_ids)


def _checked(min_score: float, max_boxes: int) -> dict[str, Any]:
    if not 0 <= min_score < 1:
        raise SpecError(f"min_score is {min_score}; it must be from 0 to less than 1.")
    if not 1 <= max_boxes <= MOST_BOXES:
        raise SpecError(f"max_boxes is {max_boxes}; it must be from 1 to {MOST_BOXES}.")
    return {"min_score": float(min_score), "max_boxes": int(max_boxes)}


def _has_all(run: PredictionRun, version: DatasetVersion) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(LACKS_SOME, [version.pk, run.pk])
        (lacks,) = cursor.fetchone()
    return not lacks
