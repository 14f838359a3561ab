"""Predictions that were made elsewhere: asked to be read in, and read in by the job `predict`."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from curation.backends.decode.probe import hash_file
from curation.core.errors import SpecError
from curation.models import DatasetVersion, Job
from curation.services.jobs import Progress, Work, start_job
from curation.services.stored_files import local_file
from evaluation.core.coco_index import read_coco_index
from evaluation.core.detection_files import DetectionFileError, ReadBox, Reading
from evaluation.models import ModelVersion, PredictionRun
from evaluation.services.prediction_frames import frames_of_version, put_frames
from evaluation.services.prediction_names import FrameNames
from evaluation.services.prediction_request import KIND, key_of, stands
from evaluation.services.prediction_rows import BoxRow, add_boxes, clear_boxes, finish_run, hold

FORMATS: Final = ("coco", "csv")
BATCH = 20_000
EXAMPLES, MOST_REASONS = 5, 100
ANOTHER_SIZE = "picture of another size than its frame"


@transaction.atomic
def request_import(
    *,
    model: ModelVersion,
    version: DatasetVersion,
    file: str,
    format: str,
    truth: str = "",
    pictures: str = "",
    place: Literal["disk", "storage"] = "disk",
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
    is_final: bool = False,
) -> tuple[PredictionRun, bool]:
    """Ask for a file of predictions to be read in. It holds all that the model finds in the version: frames without a
    row show nothing, by the model's word.

    file and truth are paths or keys of the storage. Returns the run, and whether its job is new, as
    `request_predictions` does; the same files are the same run. Raises SpecError, HoldoutError, NoSuchFile,
    DetectionFileError, CocoIndexError, NoFrames."""
    if format not in FORMATS:
        raise SpecError(f"There is no format {format!r} of predictions. Valid ones: {', '.join(FORMATS)}.")
    if format == "csv" and truth:
        raise SpecError("CSV names its pictures and labels itself: leave the truth out.")
    asked = {"place": place, "file": file, "truth": truth, "pictures": pictures, "format": format}
    files = {name: _path(asked, name) for name in ("file", "truth") if asked[name]}
    if truth:
        read_coco_index(files["truth"])  # what is wrong with it is said at once
    hashes = {f"{name}_sha256": hash_file(path) for name, path in files.items()}
    params = {"format": format, **hashes, **({"pictures": pictures} if pictures else {})}
    chosen = frames_of_version(version, is_final=is_final)
    key = key_of(model=model, frames_sha256=chosen.sha256, params=params)
    ModelVersion.objects.select_for_update(of=("self",)).get(pk=model.pk)
    run = PredictionRun.objects.filter(key=key).select_related("job", "model", "version__dataset").first()
    if run is not None and stands(run, chosen.frame_ids):
        return run, False
    if run is None:
        run = PredictionRun.objects.create(
            model=model,
            version=version,
            origin=PredictionRun.Origin.IMPORT,
            source=files["file"].name[-255:],
            params=params,
            frames_sha256=chosen.sha256,
            frame_count=len(chosen.frame_ids),
            key=key,
            code_version=settings.WINNOW_VERSION,
            created_by_id=user.pk if user is not None and user.is_authenticated else None,
        )
    put_frames(run, chosen.frame_ids)
    said = {"run": run.pk, "model": model.name, **asked}
    run.job, run.finished_at = start_job(kind=KIND, params=said, user=user, here=here), None
    run.save(update_fields=["job", "finished_at"])
    return run, True


def import_file(run: PredictionRun, *, job: Job) -> Work:
    """Read a run's file in, from the beginning: an attempt that broke off leaves nothing that counts.

    Raises DetectionFileError if nothing of it can be used."""
    assert run.version is not None
    yield Progress(0, 0, "reading names of frames")
    asked = job.params
    index = read_coco_index(_path(asked, "truth")) if asked["truth"] else None
    names = FrameNames(run.version, pictures=Path(asked["pictures"]) if asked["pictures"] else None)
    reading, seen = Reading(_path(asked, "file")), set[int]()
    boxes = reading.coco(index) if asked["format"] == "coco" else reading.csv()
    rows = _rows(boxes, names, reading, seen)
    clear_boxes(run, job=job)
    stored = 0
    while batch := list(islice(rows, BATCH)):
        stored += add_boxes(run, rows=batch, job=job)
        yield Progress(reading.rows, 0, f"{reading.rows:,} rows read")
    if reading.rows and not stored:
        why, count = reading.skips.counts.most_common(1)[0]
        raise DetectionFileError(
            f"None of the {reading.rows:,} rows of {run.source} could be used; {count:,} of them: {why}. "
            f"For instance {reading.skips.first[0].what}."
        )
    report = _report(reading, stored=stored, frames=len(seen), of=run.frame_count)
    with transaction.atomic():
        hold(run, job=job)
        PredictionRun.objects.filter(pk=run.pk).update(report=report)
    finish_run(run, job=job)
    return {"run": run.pk, "model": run.model.name, "frames": run.frame_count, "boxes": run.box_count, **report}


def _rows(boxes: Iterator[ReadBox], names: FrameNames, reading: Reading, seen: set[int]) -> Iterator[BoxRow]:
    for box in boxes:
        frame = names.find(box.image)
        if isinstance(frame, str):
            reading.skips.add(str(box.image), frame)
        elif box.width_px and (box.width_px, box.height_px) != names.size_px[frame]:
            reading.skips.add(str(box.image), ANOTHER_SIZE)
        else:
            seen.add(frame)
            yield frame, box.label, box.score, box.x1, box.y1, box.x2, box.y2


def _report(reading: Reading, *, stored: int, frames: int, of: int) -> dict[str, Any]:
    examples: dict[str, list[str]] = {}
    for what, why in reading.skips.first:
        listed = examples.setdefault(why, [])
        if len(listed) < EXAMPLES and what not in listed:
            listed.append(what)
    counts: Counter[str] = reading.skips.counts
    return {
        "rows": reading.rows,
        "stored": stored,
        "frames_with_boxes": frames,
        "frames_without_boxes": of - frames,
        "skipped": [
            {"why": why, "count": count, "examples": examples.get(why, [])}
            for why, count in counts.most_common(MOST_REASONS)
        ],
    }


def _path(asked: dict[str, Any], name: str) -> Path:
    """Return where a file of an import can be read. Raises NoSuchFile, DetectionFileError."""
    if asked["place"] == "storage":
        return local_file(asked[name])
    path = Path(asked[name])
    if not path.is_file():
        raise DetectionFileError(f"There is no file {path}.")
    return path
