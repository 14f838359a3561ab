"""Answers come back: written down, merged, and made labels and tags of their frames."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from activelearning.core.agreement import agreement
from activelearning.core.answer_changes import changes
from activelearning.core.answer_rows import boxes_of
from activelearning.core.given_answer import GivenAnswer, GivenBox
from activelearning.core.merging import merge_answers, read_merge
from activelearning.models import LabelBatch, LabelTask
from activelearning.services.answer_tags import write_tags
from activelearning.services.answer_writing import Kept, live_answers, write_answers
from activelearning.services.merging_rows import NEWER, words_on, write_labels
from activelearning.services.taken import Taken
from curation.models import Frame
from curation.services.holding import keep_locks_away

BATCH = 200
"""Tasks in a transaction."""
HELD = "frames are held out since they were sent: their labels are stored, and nothing may use them"
TAKEN_OUT = "tasks were taken out here: their answers are stored, and not used"
ASKED_AGAIN = "its answers were deleted, and another batch asks for its frame"
CLOSED = "its answers were deleted after the batch was closed"
_State = LabelTask.State
_FIELDS = ("state", "note", "labelled_at", "agreement", "changes", "changed_at")


def take_answers(*, batch: LabelBatch, given: Mapping[int, Sequence[GivenAnswer]], is_whole: bool = True) -> Taken:
    """Take in the answers to tasks of a batch, by the task's id; those of tasks that are not the batch's are counted.

    With `is_whole` the answers given are all that there are of a task: others were deleted. Without, they are added
    to those that are there. A task is labelled once it has an answer that is no skip, skipped where all are skips, and
    with the annotators again where all were deleted. Its frame's labels are then those of its answers, merged by the
    batch's policy; where several batches labelled a frame, the newest task's. Labels of imports stay.

    Safe to do again: the same answers change nothing. A transaction holds up to 200 tasks. Raises SpecError where the
    batch's policy of merging is not one."""
    read_merge(batch.merge)
    taken, ids = Taken(), sorted(given)
    for start in range(0, len(ids), BATCH):
        taken += _take(batch, {pk: given[pk] for pk in ids[start : start + BATCH]}, is_whole=is_whole)
    return taken


@transaction.atomic
def _take(batch: LabelBatch, given: Mapping[int, Sequence[GivenAnswer]], *, is_whole: bool) -> Taken:
    taken = Taken()
    keep_locks_away()
    rows = LabelTask.objects.select_for_update(of=("self",)).filter(batch=batch, pk__in=list(given))
    tasks = list(rows.select_related("batch", "frame").order_by("pk"))
    taken.counts.update(tasks=len(tasks), foreign=len(given) - len(tasks))
    changed = write_answers(tasks, given, is_whole=is_whole, taken=taken)
    settle(tasks, changed, taken=taken)
    return taken


@transaction.atomic
def merge_again(*, batch: LabelBatch, merge: Mapping[str, Any] | None = None) -> Taken:
    """Merge all answers of a batch anew, by another policy if one is given. Raises SpecError."""
    truth = {"truth": batch.merge["truth"]} if "truth" in batch.merge else {}
    asked = batch.merge if merge is None else {**truth, **merge}
    read_merge(asked)
    taken = Taken()
    keep_locks_away()
    LabelBatch.objects.filter(pk=batch.pk).update(merge=asked)
    batch.merge = dict(asked)
    rows = LabelTask.objects.select_for_update(of=("self",)).filter(batch=batch).select_related("batch", "frame")
    tasks = list(rows.order_by("pk"))
    taken.counts["tasks"] = len(tasks)
    settle(tasks, {task.pk for task in tasks if task.state == _State.LABELLED}, taken=taken)
    return taken


def settle(tasks: Sequence[LabelTask], changed: set[int], *, taken: Taken) -> None:
    """Bring the state of locked tasks, and the labels and tags of their frames, in line with their answers.

    changed: ids of the tasks whose answers are other than they were."""
    answers = live_answers([task.pk for task in tasks])
    moved = [task for task in tasks if task.pk in changed or _next_state(task, answers[task.pk]) != task.state]
    taken.counts["unchanged"] += len(tasks) - len(moved)
    if not moved:
        return
    # In order of id, as everybody locks frames.
    locked = Frame.objects.select_for_update(of=("self",)).filter(pk__in=[task.frame_id for task in moved])
    frames = list(locked.only("annotated_at", "held_out").order_by("pk"))
    elsewhere = set(
        LabelTask.objects.filter(frame__in=frames, state__in=(_State.WAITING, _State.SENT))
        .exclude(pk__in=[task.pk for task in moved])
        .values_list("frame_id", flat=True)
    )
    before = {task.pk: task.labelled_at for task in moved}
    for task in moved:
        _settle_one(task, answers[task.pk], is_elsewhere=task.frame_id in elsewhere, taken=taken)
    LabelTask.objects.bulk_update(moved, _FIELDS, batch_size=100)
    was_ours = {task.frame_id: since for task in moved if (since := before[task.pk]) and since != task.labelled_at}
    _write_frames(frames, moved, was_ours, taken=taken)


def _settle_one(task: LabelTask, answers: Sequence[Kept], *, is_elsewhere: bool, taken: Taken) -> None:
    before, task.state, now = task.state, _next_state(task, answers), timezone.now()
    if task.state != before:
        task.note = ""
    if task.state == _State.SENT and before != _State.SENT:
        taken.counts["reopened"] += 1
        if task.batch.state == LabelBatch.State.CLOSED or is_elsewhere:
            task.state, task.note = _State.DROPPED, ASKED_AGAIN if is_elsewhere else CLOSED
    elif task.state != before:
        taken.counts[task.state] += 1
    if task.state == _State.DROPPED and answers:
        taken.notes[TAKEN_OUT] += 1
    said = [kept.answer for kept in answers]
    is_labelled = task.state == _State.LABELLED
    task.labelled_at = (task.labelled_at or now) if is_labelled else None
    task.agreement = agreement(said) if is_labelled else None
    task.changes = _changes(task, said) if is_labelled and task.predicted_by_id else {}
    task.changed_at = now


def _next_state(task: LabelTask, answers: Sequence[Kept]) -> str:
    if task.state == _State.DROPPED:
        return task.state
    if any(not kept.answer.is_skip for kept in answers):
        return _State.LABELLED
    if answers:
        return _State.SKIPPED
    return _State.SENT if task.state in (_State.LABELLED, _State.SKIPPED) else task.state


def _changes(task: LabelTask, answers: Sequence[GivenAnswer]) -> dict[str, object]:
    merged = merge_answers(answers, read_merge(task.batch.merge))
    return changes(boxes_of(task.predicted), [GivenBox(one.label, one.box) for one in merged.boxes])


def _write_frames(
    frames: Sequence[Frame], tasks: Sequence[LabelTask], was_ours: Mapping[int, datetime], *, taken: Taken
) -> None:
    words = words_on([frame.pk for frame in frames])
    for task in tasks:
        if task.frame_id in words and words[task.frame_id].task.pk > task.pk:
            taken.notes[NEWER] += 1
    write_labels(frames, words, was_ours=was_ours, taken=taken)
    write_tags([frame.pk for frame in frames], words, taken=taken)
    held = sum(frame.held_out for frame in frames if frame.pk in words)
    if held:
        taken.notes[HELD] += held
