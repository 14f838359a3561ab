"""What frames show by their annotators' word: merged answers written as labels of the frames, with their origin."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from activelearning.core.merging import Merged, MergedBox, merge_answers, read_merge
from activelearning.models import LabelOrigin, LabelTask
from activelearning.services.answer_writing import Kept, live_answers
from activelearning.services.taken import Taken
from curation.models import Annotation, Frame

SAME_PX = 0.01
"""Corners so near are one corner, as for imports."""
LONGEST_BY = 120
IMPORTED = "frames have labels of an import too: those stay, beside the new ones"
NEWER = "tasks whose frame was labelled again in a newer batch: the newer labels stand"


@dataclass(frozen=True)
class Word:
    """Whose word on a frame counts: the newest task that is labelled, its answers, and what they come to."""

    task: LabelTask
    answers: Sequence[Kept]
    merged: Merged = field(default_factory=Merged)


def words_on(frame_ids: Collection[int]) -> dict[int, Word]:
    """Return whose word counts on each frame; frames without a labelled task are left out."""
    rows = LabelTask.objects.filter(frame__in=frame_ids, state=LabelTask.State.LABELLED).select_related("batch")
    tasks = {task.frame_id: task for task in rows.order_by("pk")}
    answers = live_answers([task.pk for task in tasks.values()])
    return {frame_id: _word(task, answers[task.pk]) for frame_id, task in tasks.items()}


def write_labels(
    frames: Sequence[Frame], words: Mapping[int, Word], *, was_ours: Mapping[int, datetime], taken: Taken
) -> None:
    """Write the labels of locked frames, and since when they are labelled. Labels of imports are never touched.

    was_ours: since when a frame was labelled by a task that no longer is, by frame."""
    there: dict[int, list[Annotation]] = {frame.pk: [] for frame in frames}
    rows = Annotation.objects.filter(frame__in=list(there)).select_related("label_origin").order_by("id")
    for row in rows:
        there[row.frame_id].append(row)
    work, marked = _Work(taken), list[Frame]()
    for frame in frames:
        word, known = words.get(frame.pk), there[frame.pk]
        imported = [row for row in known if row.source == Annotation.Source.IMPORT]
        # What no answer of ours stands behind is another tool's; it goes only where there are newer labels.
        ours = [row for row in known if row not in imported and (word or hasattr(row, "label_origin"))]
        if word and imported:
            taken.notes[IMPORTED] += 1
        work.frame(frame, word, ours=ours, imported=imported)
        since = _since(frame, word, is_imported=bool(imported), was_ours=was_ours.get(frame.pk))
        if since != frame.annotated_at:
            frame.annotated_at = since
            marked.append(frame)
    Frame.objects.bulk_update(marked, ["annotated_at"], batch_size=100)
    work.write()


def _word(task: LabelTask, answers: Sequence[Kept]) -> Word:
    return Word(task, answers, merge_answers([one.answer for one in answers], read_merge(task.batch.merge)))


def _since(frame: Frame, word: Word | None, *, is_imported: bool, was_ours: datetime | None) -> datetime | None:
    """Tell since when a frame is labelled; taken back where only a task had said so that no longer does."""
    since = frame.annotated_at
    if since is not None and (since != was_ours or is_imported):
        return since
    return None if word is None else word.task.labelled_at or timezone.now()


class _Work:
    """Rows to write, gathered over many frames."""

    def __init__(self, taken: Taken) -> None:
        self.taken = taken
        self.new: list[tuple[Annotation, int, str]] = []
        self.renamed: list[Annotation] = []
        self.adopted: list[LabelOrigin] = []
        self.moved: list[LabelOrigin] = []
        self.gone: list[int] = []

    def frame(
        self, frame: Frame, word: Word | None, *, ours: Sequence[Annotation], imported: Sequence[Annotation]
    ) -> None:
        left = list(ours)
        for box in word.merged.boxes if word else ():
            assert word is not None
            if any(_is_same(row, box) for row in imported):
                continue
            same = next((row for row in left if _is_same(row, box)), None)
            answer, by = word.answers[box.answer].row.pk, ", ".join(box.by)[:LONGEST_BY]
            if same is None:
                self.new.append((_annotation(frame, box, by), answer, box.region))
                continue
            left.remove(same)
            self._keep(same, answer=answer, region=box.region, by=by)
        self.gone += [row.pk for row in left]

    def _keep(self, row: Annotation, *, answer: int, region: str, by: str) -> None:
        origin = getattr(row, "label_origin", None)
        if origin is None:
            self.adopted.append(LabelOrigin(annotation=row, answer_id=answer, region=region))
        elif (origin.answer_id, origin.region) != (answer, region):
            origin.answer_id, origin.region = answer, region
            self.moved.append(origin)
        if row.by != by:
            row.by = by
            self.renamed.append(row)

    def write(self) -> None:
        Annotation.objects.filter(pk__in=self.gone).delete()
        Annotation.objects.bulk_update(self.renamed, ["by"], batch_size=500)
        stored = Annotation.objects.bulk_create([row for row, *_ in self.new], batch_size=500)
        origins = [
            LabelOrigin(annotation=row, answer_id=answer, region=region)
            for row, (_, answer, region) in zip(stored, self.new, strict=True)
        ]
        LabelOrigin.objects.bulk_create([*origins, *self.adopted], batch_size=500)
        LabelOrigin.objects.bulk_update(self.moved, ["answer", "region"], batch_size=500)
        self.taken.counts["labels_new"] += len(self.new)
        self.taken.counts["labels_removed"] += len(self.gone)


def _is_same(row: Annotation, box: MergedBox) -> bool:
    corners = (row.x1, row.y1, row.x2, row.y2)
    return row.label == box.label and all(abs(a - b) <= SAME_PX for a, b in zip(corners, box.box, strict=True))


def _annotation(frame: Frame, box: MergedBox, by: str) -> Annotation:
    x1, y1, x2, y2 = box.box
    source = Annotation.Source.LABELLING
    return Annotation(frame=frame, label=box.label, x1=x1, y1=y1, x2=x2, y2=y2, source=source, by=by)
