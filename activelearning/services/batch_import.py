"""Labels of a batch in by files: of whatever tool, matched by what the pictures are called."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Literal

from activelearning.core.answer_rows import LONGEST_NAME
from activelearning.core.given_answer import GivenAnswer, GivenBox
from activelearning.models import LabelBatch, LabelTask
from activelearning.services.answers import take_answers
from activelearning.services.batch_errors import BatchError
from activelearning.services.file_names import Finder, names_of
from activelearning.services.taken import Taken
from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.params import build
from curation.services.import_request import AUTO, ImportRequest
from curation.services.import_source import begin_reading, open_source

MOST_NAMED = 100
"""Names that are listed; all are counted."""
OUTLINE = "outline of an object, of which its box was taken"
OTHER_SIZE = "picture of another size than its frame"
DOUBLED = "picture that is in the file twice; the first one counts"


@dataclass
class Read:
    """What came of a file. unmatched: pictures that are no task's of the batch; unlabelled: those nobody labelled;
    missing: tasks that wait for an answer and are not in the file; skipped: what the format's reader left out."""

    format: str = ""
    pictures: int = 0
    matched: int = 0
    unmatched: list[str] = field(default_factory=list)
    unmatched_count: int = 0
    unlabelled: int = 0
    missing: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    taken: Taken = field(default_factory=Taken)

    def to_dict(self) -> dict[str, Any]:
        plain = {name: value for name, value in vars(self).items() if name != "taken"}
        return plain | self.taken.to_dict()


def import_answers(
    *,
    batch: LabelBatch,
    path: Path | str,
    place: Literal["disk", "storage"] = "disk",
    format: str = AUTO,
    settings: Mapping[str, Any] | None = None,
    annotator: str = "",
    empty_is_answer: bool = True,
) -> Read:
    """Take the labels of an archive, folder or file as answers to a batch; the annotator is the file's name.

    `place` says whether `path` is one of this machine, or a key of the storage.

    Pictures find their tasks by name, never by order; what finds none is listed. A picture with no boxes says that its
    frame shows nothing, unless `empty_is_answer` is false: then it says nothing. The same file again changes nothing;
    a later file of the same name takes the place of the earlier one's answers, frame by frame.
    Raises BatchError, SpecError, ImportFailed."""
    if batch.via != LabelBatch.Via.FILES:
        raise BatchError("via", f"{batch} goes to {batch.get_via_display()}, so no files are taken for it.")
    asked = {"root": str(path), "place": place, "format": format, "settings": dict(settings or {})}
    request = build(ImportRequest, asked, where="import")
    rows = batch.tasks.select_related("frame").order_by("pk")
    tasks = {task.pk: task for task in rows}
    finder, read = Finder(names_of(batch, list(tasks.values()))), Read()
    given: dict[int, list[GivenAnswer]] = {}
    by = (annotator or PurePath(path).name)[:LONGEST_NAME]
    with tempfile.TemporaryDirectory(prefix="winnow-answers-") as work:
        read.format, reading = begin_reading(request, open_source(request, Path(work)))
        for picture in reading.pictures:
            _take(picture, tasks, finder, given, read, by=by, empty=empty_is_answer)
        read.skipped = dict(reading.skips.counts)
    read.taken += take_answers(batch=batch, given=given, is_whole=False)
    read.missing = sum(task.state in (LabelTask.State.WAITING, LabelTask.State.SENT) for task in batch.tasks.all())
    return read


def _take(
    picture: LabelledPicture,
    tasks: Mapping[int, LabelTask],
    finder: Finder,
    given: dict[int, list[GivenAnswer]],
    read: Read,
    *,
    by: str,
    empty: bool,
) -> None:
    read.pictures += 1
    found = finder.find(picture.name)
    if found is None:
        read.unmatched_count += 1
        if len(read.unmatched) < MOST_NAMED:
            read.unmatched.append(picture.name[:300])
        return
    read.matched += 1
    if picture.boxes is None or (not picture.boxes and not empty):
        read.unlabelled += 1
    elif found in given:
        read.taken.problem(DOUBLED)
    else:
        given[found] = [_answer(picture, tasks[found], by=by)]


def _answer(picture: LabelledPicture, task: LabelTask, *, by: str) -> GivenAnswer:
    frame, problems = task.frame, []
    boxes = list(picture.boxes or ())
    across, down = (
        frame.width_px / picture.width_px if picture.width_px else 1.0,
        frame.height_px / picture.height_px if picture.height_px else 1.0,
    )
    if (across, down) != (1.0, 1.0):
        problems.append(f"{OTHER_SIZE}, by which its boxes were scaled")
    problems += [OUTLINE for box in boxes if box.segmentation is not None]
    return GivenAnswer(
        annotator=by,
        boxes=tuple(_box(one, across, down) for one in boxes),
        tags=picture.tags,
        raw=tuple(_raw(one) for one in boxes if one.segmentation is not None),
        problems=tuple(problems),
    )


def _box(one: LabelledBox, across: float, down: float) -> GivenBox:
    region = "" if one.track_id is None else f"track {one.track_id}"
    return GivenBox(one.label, (one.x1 * across, one.y1 * down, one.x2 * across, one.y2 * down), region)


def _raw(one: LabelledBox) -> dict[str, Any]:
    return {"label": one.label, "box": [one.x1, one.y1, one.x2, one.y2], "segmentation": one.segmentation}
