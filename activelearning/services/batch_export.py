"""A batch out by files: pictures and pre-annotations in an archive that another labelling tool reads."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from activelearning.core.answer_rows import boxes_of
from activelearning.models import LabelBatch, LabelTask
from activelearning.services.batch_errors import BatchError
from activelearning.services.file_names import names_of
from activelearning.services.file_pre_annotations import pre_annotate
from curation.backends.zip_writer import ZipWriter, members_of
from curation.core.errors import SpecError
from curation.core.formats import FORMATS, Format, FormatError
from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.params import build
from curation.models import Frame
from curation.services.archives import MANIFEST, MANIFEST_VERSION, verify
from curation.services.export_pictures import read_picture, remake_picture
from curation.services.export_request import writable
from curation.services.holdout import keep_locks_away, refuse_held
from curation.services.jobs import Progress
from curation.services.pictures import PictureMissing

MOST_TASKS = 100_000
WAITING, SENT = LabelTask.State.WAITING, LabelTask.State.SENT
_State = LabelBatch.State


@dataclass(frozen=True)
class Exported:
    """What an archive holds. lost: what of it the format cannot say, counted by sentence."""

    pictures: int
    boxes: int
    size_bytes: int
    lost: Mapping[str, int]


def export_batch(
    *, batch: LabelBatch, path: Path, format: str = "cvat", settings: Mapping[str, Any] | None = None
) -> Exported:
    """Write the frames of a batch that wait, or are sent, into an archive at `path`, and count them as sent.

    Pictures are called after their frames; pre-annotations are boxes; `manifest.json` holds size and SHA-256 of each
    file. It is read back before it is there, and takes its place at once. Doing it again gives the same bytes.
    Raises BatchError, SpecError, HoldoutError, and NoPredictions for a model that cannot pre-annotate; then nothing is
    written and nothing counts as sent."""
    work = exporting(batch=batch, path=path, format=format, settings=settings)
    while True:
        try:
            next(work)
        except StopIteration as end:
            made: Exported = end.value
            return made


def check_export(batch: LabelBatch, format: str) -> None:
    """Raise BatchError for a batch that goes elsewhere, SpecError for a format that cannot be written."""
    if batch.via != LabelBatch.Via.FILES:
        raise BatchError("via", f"{batch} goes to {batch.get_via_display()}, not out as files. Make another batch.")
    if format not in writable():
        raise SpecError(f"format is {format!r}; it must be one of {', '.join(writable())}.")


def exporting(
    *, batch: LabelBatch, path: Path, format: str, settings: Mapping[str, Any] | None = None
) -> Generator[Progress, None, Exported]:
    """Do as `export_batch` does, and yield how far it is."""
    check_export(batch, format)
    kind = build(FORMATS[format], settings or {}, where=format)
    rows = batch.tasks.filter(state__in=(WAITING, SENT)).select_related("frame__video", "frame__camera")
    tasks = list(rows.order_by("frame__video__sha256", "frame__pts_us", "pk")[:MOST_TASKS])
    if not tasks:
        raise BatchError("no_frames", f"Nothing in {batch} waits to be labelled, so there is nothing to export.")
    _refuse_held(tasks)
    yield from pre_annotate(batch, tasks)
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".winnow-", dir=path.parent) as work:
        made = yield from _write(Path(work) / "archive.zip", batch, tasks, kind, format)
        _mark_sent(batch, tasks)
        os.replace(Path(work) / "archive.zip", path)
    return made


@transaction.atomic
def _refuse_held(tasks: Sequence[LabelTask]) -> None:
    """Raise HoldoutError where a frame was held out since the batch was made."""
    keep_locks_away()
    refuse_held([task.frame_id for task in tasks], wanted_for="labelling")


def _write(
    path: Path, batch: LabelBatch, tasks: Sequence[LabelTask], kind: Format, format: str
) -> Generator[Progress, None, Exported]:
    names, losses = names_of(batch, tasks), Counter[str]()
    pictures = [_picture(task, names[task.pk], batch) for task in tasks]
    with ZipWriter(path) as writer:
        if type(kind).has_pictures:
            for count, (task, picture) in enumerate(zip(tasks, pictures, strict=True)):
                yield Progress(count, len(tasks), "putting pictures in")
                if place := kind.picture_path(picture):
                    writer.add(place, _content(task.frame), compress=False)
        try:
            for name, content in kind.write(pictures, classes=batch.classes, losses=losses):
                writer.add(name, content, compress=True)
        except FormatError as error:
            raise BatchError("format", f"{format} cannot hold these frames: {error}") from error
        writer.sync()
        said = {
            "winnow": MANIFEST_VERSION, "format": format, "batch": batch.name, "classes": batch.classes,
            "pictures": len(pictures),
            "files": [{"name": m.name, "size_bytes": m.size_bytes, "sha256": m.sha256} for m in members_of(path)],
        }  # fmt: skip
        writer.add(MANIFEST, json.dumps(said, ensure_ascii=False, indent=1).encode(), compress=True)
        size = writer.finish()
    for _ in verify(path):
        yield Progress(len(tasks), len(tasks), "reading it back")
    boxes = sum(len(picture.boxes or ()) for picture in pictures)
    return Exported(len(pictures), boxes, size, dict(sorted(losses.items())))


def _picture(task: LabelTask, name: str, batch: LabelBatch) -> LabelledPicture:
    frame = task.frame
    # An empty list, not None: a tool that keeps "nobody labelled it" would say so of what its people labelled.
    boxes = [LabelledBox(one.label, *one.box) for one in boxes_of(task.predicted)]
    tags = {factor: frame.tags[factor] for factor in batch.factors if factor in frame.tags}
    return LabelledPicture(
        name, frame.width_px, frame.height_px, boxes=boxes, tags=tags, camera=frame.camera.name,
        recorded_at=frame.recorded_at,
    )  # fmt: skip


def _content(frame: Frame) -> bytes:
    """Return a frame's picture. Raises BatchError where it is gone for good."""
    content = read_picture(frame.image)
    if content is not None:
        return content
    size = (frame.width_px, frame.height_px)
    try:
        return remake_picture(frame.image, video_sha256=frame.video.sha256, pts_us=frame.pts_us, size_px=size)
    except PictureMissing as error:
        raise BatchError(
            "picture_missing", f"{error} Nothing was exported; bring it back, or drop frame {frame.pk} from the batch."
        ) from error


@transaction.atomic
def _mark_sent(batch: LabelBatch, tasks: Sequence[LabelTask]) -> None:
    now = timezone.now()
    waiting = LabelTask.objects.filter(pk__in=[task.pk for task in tasks], state=WAITING)
    waiting.update(state=SENT, sent_at=now, changed_at=now)
    locked = LabelBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if locked.state in (_State.OPEN, _State.SENDING):
        locked.state, locked.sent_at = _State.SENT, locked.sent_at or now
        locked.save(update_fields=["state", "sent_at"])
        batch.state, batch.sent_at = locked.state, locked.sent_at


def formats() -> Iterator[str]:
    """Name the formats that a batch can be exported in, those of labelling tools first."""
    yield from (name for name in ("cvat", "coco", "label_studio") if name in writable())
    yield from (name for name in writable() if name not in ("cvat", "coco", "label_studio"))
