"""A model's boxes in any frames: put together from the runs that have them, made first where no run does."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection

from curation.core.types import IntArray
from curation.services.jobs import Progress
from evaluation.core.boxes import Found
from evaluation.models import ModelVersion, PredictionRun
from evaluation.services.evidence import done_here
from evaluation.services.predicting import NoPredictions, request_predictions
from evaluation.services.prediction_request import TRIED
from evaluation.services.prediction_rows import labels_found, read_found

LEAST_SCORE = 0.05
"""Runs that did not keep boxes down to this are not used."""

AMONG = """
SELECT coalesce(array_agg(frame_id ORDER BY frame_id), '{}') FROM evaluation_predictedframe
WHERE run_id = %s AND frame_id = ANY(%s::bigint[])
"""


@dataclass(frozen=True)
class Piece:
    """Frames, by rising id, and the run that has them."""

    run: PredictionRun
    frame_ids: IntArray


def predictions_of(
    model: ModelVersion,
    frame_ids: IntArray,
    *,
    least_score: float = LEAST_SCORE,
    user: AbstractBaseUser | None = None,
) -> Generator[Progress, None, list[Piece]]:
    """Find runs that have (N,) frames, each in one piece; what none has is predicted here and now, as one run more.

    Yields how far that is. Of runs that are done and kept boxes from least_score on, the newest come first. N may be 0.
    Raises NoPredictions for a model without weights that lacks some, and what making predictions raises."""
    missing = np.unique(np.asarray(frame_ids, np.int64))
    pieces: list[Piece] = []
    done = model.prediction_runs.filter(finished_at__isnull=False).select_related("model").order_by("-id")
    fits = (run for run in done[:TRIED] if run.params.get("min_score", 0.0) <= least_score)
    for run in fits:
        if not len(missing):
            break
        there = _among(run, missing)
        if len(there):
            pieces.append(Piece(run, there))
            missing = np.setdiff1d(missing, there, assume_unique=True)
    if len(missing):
        pieces.append((yield from _made(model, missing, user)))
    return pieces


def labels_of(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Return the dataset's labels that the boxes of some pieces have, by name."""
    return tuple(sorted({label for piece in pieces for label in labels_found(piece.run)}))


def boxes_of(piece: Piece, *, labels: Sequence[str], least_score: float = LEAST_SCORE) -> Found:
    """Read a piece's boxes that reach a score; `image` is a place in its frames, `label` one in labels."""
    found = read_found(piece.run, frame_ids=piece.frame_ids, labels=labels)
    kept = found.score >= least_score
    return Found(found.image[kept], found.label[kept], found.xywh[kept], found.score[kept])


def _among(run: PredictionRun, frame_ids: IntArray) -> IntArray:
    with connection.cursor() as cursor:
        cursor.execute(AMONG, [run.pk, frame_ids.tolist()])
        (found,) = cursor.fetchone()
    return np.asarray(found, np.int64)


def _made(
    model: ModelVersion, frame_ids: IntArray, user: AbstractBaseUser | None
) -> Generator[Progress, None, Piece]:  # fmt: skip
    if not model.has_weights:
        raise NoPredictions(
            f"There are no predictions of {model} for {len(frame_ids)} of the frames, and it has no weights here to "
            f"make them. Import them: manage.py predict {model} --import FILE --format coco --query QUERY"
        )
    run, _ = request_predictions(model=model, frame_ids=frame_ids.tolist(), user=user)
    if run.job is not None:
        yield from done_here(run.job)
    run.refresh_from_db()
    if not run.is_done:
        raise NoPredictions(
            f"The predictions of {model} for {len(frame_ids)} frames were stopped. Start again to go on."
        )
    return Piece(run, frame_ids)
