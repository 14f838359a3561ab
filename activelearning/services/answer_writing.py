"""Answers written down as they are now: new, changed, deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from activelearning.core.answer_checks import checked
from activelearning.core.answer_rows import annotator_of, answer_of, row_of
from activelearning.core.given_answer import GivenAnswer
from activelearning.models import Answer, LabelTask
from activelearning.services.taken import Taken

COLUMNS = tuple(row_of(GivenAnswer("")))


@dataclass(frozen=True)
class Kept:
    """An answer as it is stored, and what it says."""

    row: Answer
    answer: GivenAnswer


def live_answers(task_ids: Sequence[int]) -> dict[int, list[Kept]]:
    """Return the answers of tasks that were not deleted, oldest first."""
    found: dict[int, list[Kept]] = {task: [] for task in task_ids}
    for row in Answer.objects.filter(task__in=task_ids, deleted_at=None).order_by("task_id", "id"):
        found[row.task_id].append(Kept(row, _said(row)))
    for kept in found.values():
        kept.sort(key=_age)
    return found


def write_answers(
    tasks: Sequence[LabelTask], given: Mapping[int, Sequence[GivenAnswer]], *, is_whole: bool, taken: Taken
) -> set[int]:
    """Write down the answers of tasks, whose frames are loaded; returns the ids of tasks where anything changed.

    What is there already is not written again. With `is_whole` an answer that is not given any more was deleted."""
    there: dict[int, dict[int | str, Answer]] = {task.pk: {} for task in tasks}
    for row in Answer.objects.filter(task__in=list(there)).order_by("id"):
        there[row.task_id][row.annotator if row.number is None else row.number] = row
    now, changed = timezone.now(), set[int]()
    new: list[Answer] = []
    stale: list[Answer] = []
    for task in tasks:
        known = there[task.pk]
        for key, answer in _keyed(task, given[task.pk], taken).items():
            old = known.pop(key, None)
            if old is None:
                new.append(Answer(task=task, number=answer.number, **row_of(answer)))
            elif _differs(old, answer):
                for name, value in row_of(answer).items():
                    setattr(old, name, value)
                old.deleted_at, old.read_at = None, now
                stale.append(old)
            else:
                continue
            changed.add(task.pk)
            for why in answer.problems:
                taken.problem(why)
        gone = [row for row in known.values() if is_whole and row.deleted_at is None]
        for row in gone:
            row.deleted_at, row.read_at = now, now
            changed.add(task.pk)
        stale += gone
        taken.counts["answers_deleted"] += len(gone)
    Answer.objects.bulk_create(new, batch_size=500)
    Answer.objects.bulk_update(stale, [*COLUMNS, "deleted_at", "read_at"], batch_size=200)
    taken.counts["answers_new"] += len(new)
    taken.counts["answers_changed"] += sum(row.deleted_at is None for row in stale)
    return changed


def _keyed(task: LabelTask, answers: Sequence[GivenAnswer], taken: Taken) -> dict[int | str, GivenAnswer]:
    """Return the answers by what tells them apart; of two of one key the later one stands."""
    frame, keyed = task.frame, dict[int | str, GivenAnswer]()
    for one in answers:
        usable = checked(one, classes=task.batch.classes, width_px=frame.width_px, height_px=frame.height_px)
        key = annotator_of(one) if one.number is None else one.number
        if key in keyed:
            taken.problem("answer that was given twice; the later one counts")
        keyed[key] = usable
    return keyed


def _differs(old: Answer, answer: GivenAnswer) -> bool:
    return old.deleted_at is not None or any(getattr(old, name) != value for name, value in row_of(answer).items())


def _said(row: Answer) -> GivenAnswer:
    return answer_of({name: getattr(row, name) for name in COLUMNS}, number=row.number)


def _age(kept: Kept) -> tuple[float, int]:
    at = kept.row.updated_there or kept.row.created_there or kept.row.read_at
    return at.timestamp(), kept.row.pk
