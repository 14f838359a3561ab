"""Predicted boxes on their way into the database and out of it, many at a time."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray
from psycopg import sql

from curation.core.types import FloatArray, IntArray
from curation.models import Job
from curation.services.jobs import Lost
from evaluation.core.boxes import Found
from evaluation.models import Prediction, PredictionRun

BoxRow: TypeAlias = tuple[int, str, float, float, float, float, float]
"""Frame, label, score, x1, y1, x2, y2."""
PUT = "COPY evaluation_prediction (run_id, frame_id, label, score, x1, y1, x2, y2) FROM STDIN"
GET = """
COPY (SELECT string_agg(int8send(seen.id) || int8send(seen.frame_id) || int8send(known.position)
                        || float8send(seen.score) || float8send(seen.x1) || float8send(seen.y1)
                        || float8send(seen.x2) || float8send(seen.y2), '')
      FROM evaluation_prediction AS seen
      JOIN unnest({names}::text[], {positions}::bigint[]) AS known (name, position) ON known.name = seen.label
      WHERE seen.run_id = {run} AND {wanted} GROUP BY seen.id / {together}) TO STDOUT (FORMAT BINARY)
"""
"""Many rows come as one value: the driver hands over each value by itself, which takes longer than the database."""
ROW = np.dtype(
    [(name, ">i8") for name in ("id", "frame", "label")] + [(name, ">f8") for name in ("score", "x1", "y1", "x2", "y2")]
)
TOGETHER = 50_000
FEW = 0.5
"""Below this share of a run's frames the database leaves the others out, not we."""
MOST_DIGITS = 7


def put_boxes(run: PredictionRun, *, frame_ids: Sequence[int], rows: Iterable[BoxRow], job: Job | None = None) -> int:
    """Write a run's boxes of some frames in place of those that are there; returns how many.

    Boxes of a frame keep the order in which they come. Raises Lost if the job is no longer this attempt's, or the run
    is done already."""
    with transaction.atomic():
        hold(run, job=job)
        Prediction.objects.filter(run=run, frame__in=frame_ids).delete()
        return _copy(run, rows)


def add_boxes(run: PredictionRun, *, rows: Iterable[BoxRow], job: Job | None = None) -> int:
    """Write boxes beside those that are there; returns how many. Raises Lost as `put_boxes` does."""
    with transaction.atomic():
        hold(run, job=job)
        return _copy(run, rows)


def clear_boxes(run: PredictionRun, *, job: Job | None = None) -> None:
    """Remove all boxes of a run that is not done. Raises Lost as `put_boxes` does."""
    with transaction.atomic():
        hold(run, job=job)
        Prediction.objects.filter(run=run).delete()


@transaction.atomic
def finish_run(run: PredictionRun, *, job: Job | None = None) -> None:
    """Note that a run has all its boxes: from now on it can be used. Raises Lost as `put_boxes` does."""
    hold(run, job=job)
    run.box_count, run.finished_at = run.predictions.count(), timezone.now()
    run.save(update_fields=["box_count", "finished_at"])


def hold(run: PredictionRun, *, job: Job | None) -> None:
    """Lock a run for the rest of the transaction. Raises Lost if it is not (or no longer) the job's to write."""
    locked = PredictionRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.is_done:
        raise Lost(f"prediction run {run.pk}, which is done")
    ours = job is None or Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING).exists()
    if not ours:
        raise Lost(f"prediction run {run.pk}")


def read_found(run: PredictionRun, *, frame_ids: IntArray, labels: Sequence[str]) -> Found:
    """Read a run's boxes in some frames; `image` is the place of the frame in frame_ids, (I,), in any order.

    `label` is the place in `labels`, the dataset's: the model's own are mapped, and boxes of labels that are not there
    are dropped. Sorted by image, then in the order in which they were written."""
    names, positions = _known_labels(run, labels)
    wanted: sql.Composable = sql.SQL("TRUE")
    if len(frame_ids) < run.frame_count * FEW:
        wanted = sql.SQL("seen.frame_id = ANY({}::bigint[])").format(sql.Literal(frame_ids.tolist()))
    statement = sql.SQL(GET).format(
        names=sql.Literal(names),
        positions=sql.Literal(positions),
        run=sql.Literal(run.pk),
        wanted=wanted,
        together=sql.Literal(TOGETHER),
    )
    rows = _rows(statement)
    order = np.argsort(frame_ids, kind="stable")
    frame = rows["frame"].astype(np.int64)
    place = np.searchsorted(frame_ids[order], frame)
    place[place == len(frame_ids)] = 0
    ours = frame_ids[order][place] == frame if len(frame_ids) else np.zeros(len(frame), np.bool_)
    image, rows = order[place[ours]].astype(np.int64), rows[ours]
    # Native numbers side by side: sorting those of the wire takes many times as long.
    sorting = np.lexsort((rows["id"].astype(np.int64), image))
    image, rows = image[sorting], rows[sorting]
    x1, y1, x2, y2 = (rows[name].astype(np.float64) for name in ("x1", "y1", "x2", "y2"))
    return Found(
        image=image,
        label=rows["label"].astype(np.int64),
        xywh=np.stack([x1, y1, extents(x1, x2), extents(y1, y2)], axis=1).reshape(-1, 4),
        score=rows["score"].astype(np.float64),
    )


def labels_found(run: PredictionRun) -> tuple[str, ...]:
    """Return the dataset's labels that a run's boxes have, sorted; those that do not count are left out."""
    own = Prediction.objects.filter(run=run).order_by().values_list("label", flat=True).distinct()
    return tuple(sorted({mapped for label in own if (mapped := run.model.label_of(label)) is not None}))


def extents(start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the (N,) widths with the fewest digits that lead from start to end exactly; the nearest where none does.

    So a width of COCO's files comes back as it was: 358.29 - 61.87 is 296.42000000000002, but 296.42 leads there."""
    width = end - start
    is_open = np.ones(len(width), np.bool_)
    found = width.copy()
    for digits in range(MOST_DIGITS):
        short = np.round(width, digits)
        fits = is_open & (start + short == end)
        found[fits] = short[fits]
        is_open &= ~fits
    return found


def _copy(run: PredictionRun, rows: Iterable[BoxRow]) -> int:
    count = 0
    with connection.cursor() as cursor, cursor.copy(PUT) as copy:
        for row in rows:
            copy.write_row((run.pk, *row))
            count += 1
    return count


def _known_labels(run: PredictionRun, labels: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the model's own labels that are mapped to one of `labels`, and to which."""
    at = {label: position for position, label in enumerate(labels)}
    own = Prediction.objects.filter(run=run).order_by().values_list("label", flat=True).distinct()
    known = [(name, at[mapped]) for name in sorted(own) if (mapped := run.model.label_of(name)) in at]
    return [name for name, _ in known], [position for _, position in known]


def _rows(statement: sql.Composed) -> NDArray[np.void]:
    received = bytearray()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["bytea"])
        for (rows,) in copy.rows():
            received += rows
    return np.frombuffer(received, ROW)
