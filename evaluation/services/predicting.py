"""The job `predict`: a model looks at the frames of a prediction run, batch by batch; or a file of them is read in."""

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain
from typing import Any, cast

from curation.models import Job
from curation.services.jobs import Progress, Work
from evaluation.models import PredictedFrame, PredictionRun
from evaluation.services.frame_pictures import Batch, Place, read_ahead
from evaluation.services.model_registry import detector_of
from evaluation.services.prediction_import import import_file
from evaluation.services.prediction_request import NoPredictions, find_predictions, request_predictions
from evaluation.services.prediction_rows import finish_run, put_boxes

__all__ = ["NoPredictions", "find_predictions", "predict", "predict_frames", "request_predictions"]
PAGE = 512
COLUMNS = (
    "frame_id", "frame__image", "frame__video__sha256", "frame__pts_us", "frame__width_px", "frame__height_px",
)  # fmt: skip


def predict(job: Job) -> Work:
    """Do a prediction run from where the checkpoint says it stands, or read one in that was made elsewhere.

    Raises ModelError, WeightsMissing, WeightsUnusable, PictureMissing, DetectionFileError."""
    run = PredictionRun.objects.select_related("model", "version__dataset").get(pk=job.params["run"])
    if run.origin == PredictionRun.Origin.IMPORT and not run.is_done:
        return (yield from import_file(run, job=job))
    if not run.is_done:
        yield from predict_frames(run, job=job, after=int(job.checkpoint.get("after", 0)))
    return {"run": run.pk, "model": run.model.name, "frames": run.frame_count, "boxes": run.box_count}


def predict_frames(run: PredictionRun, *, job: Job, after: int = 0) -> Generator[Progress, None, None]:
    """Look at the frames of a run with an id above `after`, and end the run. Each batch is written whole; the
    checkpoint that is yielded then is {"after": id}."""
    frames, total = PredictedFrame.objects.filter(run=run), run.frame_count
    done = frames.filter(frame__lte=after).count() if after else 0
    yield Progress(done, total, f"loading {run.model}")
    detector = detector_of(run.model)
    min_score, max_boxes = float(run.params["min_score"]), int(run.params["max_boxes"])
    # Closing it ends its threads, whatever stops the loop.
    with closing(cast("Generator[Batch, None, None]", read_ahead(_places(run, after=after)))) as batches:
        for frame_ids, pictures in batches:
            found = detector.detect(pictures, min_score=min_score)
            rows = chain.from_iterable(
                ((frame_id, b.label, b.score, b.x1, b.y1, b.x2, b.y2) for b in boxes[:max_boxes])
                for frame_id, boxes in zip(frame_ids, found, strict=True)
            )
            put_boxes(run, frame_ids=frame_ids, rows=rows, job=job)
            done += len(frame_ids)
            yield Progress(done, max(total, done), f"{run.model} looks", {"after": frame_ids[-1]})
    finish_run(run, job=job)


def _places(run: PredictionRun, *, after: int) -> Iterator[Place]:
    rows = PredictedFrame.objects.filter(run=run).order_by("frame_id")
    while page := list(rows.filter(frame__gt=after).values_list(*COLUMNS)[:PAGE]):
        for row in page:
            yield Place(*cast(Any, row))
        after = page[-1][0]
