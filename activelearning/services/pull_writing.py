"""What a Label Studio project said, taken in: answers, tasks that came back, tasks that are gone."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from activelearning.backends.labelstudio.annotations import RemoteState
from activelearning.core.answers_reading import read_annotation
from activelearning.core.given_answer import GivenAnswer
from activelearning.models import Answer, LabelProject, LabelTask
from activelearning.services.answers import take_answers
from activelearning.services.pull_reading import KIND
from activelearning.services.taken import Taken
from curation.models import Job
from curation.services.jobs import Lost

DELETED = "deleted in Label Studio"
DELETED_SINCE = "deleted in Label Studio since; what was said of it is kept"
_State = LabelTask.State
OPEN = (_State.WAITING, _State.SENT)
NO_ID = "annotation without a valid id"


class Overtaken(Exception):
    """A later pull of the project has begun: what this one read is old."""


def hold(job: Job, project: LabelProject) -> None:
    """Keep other pulls of a project away until the transaction ends.

    Raises Lost if somebody else does the job, Overtaken if a later pull began."""
    LabelProject.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if not Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING).exists():
        raise Lost(f"pull {job.pk}, attempt {job.attempt}")
    if Job.objects.filter(kind=KIND, params__project=project.pk, pk__gt=job.pk, attempt__gt=0).exists():
        raise Overtaken


@transaction.atomic
def take_found(
    job: Job, project: LabelProject, found: Mapping[int, Sequence[RemoteState]], *, people: Mapping[int, str]
) -> Taken:
    """Take in what is there of some of our tasks, by the task's id. Raises Lost, Overtaken."""
    hold(job, project)
    taken = Taken()
    has_answers = Exists(Answer.objects.filter(task=OuterRef("pk"), deleted_at=None))
    rows = LabelTask.objects.filter(pk__in=list(found)).select_related("batch", "frame")
    tasks = list(rows.annotate(has_answers=has_answers).order_by("pk"))
    taken.counts["returned"] += _return([task for task in tasks if task.state == _State.GONE])
    _number([task for task in tasks if task.number is None], found)
    given: dict[int, dict[int, list[GivenAnswer]]] = {}
    batches = {task.batch_id: task.batch for task in tasks}
    for task in tasks:
        answers = _answers(task, found[task.pk], project, people=people, taken=taken)
        if answers or getattr(task, "has_answers", False):
            given.setdefault(task.batch_id, {})[task.pk] = answers
    for batch_id, answered in given.items():
        taken += take_answers(batch=batches[batch_id], given=answered)
    return taken


@transaction.atomic
def take_missing(job: Job, project: LabelProject, task_ids: Sequence[int], *, before: datetime) -> Taken:
    """Settle tasks that are not there any more, if they were sent before a time: open ones are gone, answers stay.

    Raises Lost, Overtaken."""
    hold(job, project)
    taken, now = Taken(), timezone.now()
    rows = LabelTask.objects.select_for_update(of=("self",)).filter(pk__in=task_ids, sent_at__lt=before)
    tasks = list(rows.order_by("pk"))
    gone = [task.pk for task in tasks if task.state == _State.SENT]
    LabelTask.objects.filter(pk__in=gone).update(state=_State.GONE, note=DELETED, changed_at=now)
    kept = [t.pk for t in tasks if t.state in (_State.LABELLED, _State.SKIPPED) and t.note != DELETED_SINCE]
    LabelTask.objects.filter(pk__in=kept).update(note=DELETED_SINCE, changed_at=now)
    taken.counts["gone"] += len(gone)
    if kept:
        taken.notes["labelled tasks were deleted there: their labels are kept"] += len(kept)
    return taken


def _return(gone: Sequence[LabelTask]) -> int:
    """Give tasks that are there again to the annotators, unless another batch asks for their frame by now."""
    frames = [task.frame_id for task in gone]
    asked = set(LabelTask.objects.filter(frame__in=frames, state__in=OPEN).values_list("frame_id", flat=True))
    back = [task for task in gone if task.frame_id not in asked]
    LabelTask.objects.filter(pk__in=[task.pk for task in back]).update(
        state=_State.SENT, note="", changed_at=timezone.now()
    )
    for task in back:
        task.state = _State.SENT
    return len(back)


def _number(tasks: Sequence[LabelTask], found: Mapping[int, Sequence[RemoteState]]) -> None:
    """Note the numbers of tasks whose sending nobody saw to its end."""
    for task in tasks:
        task.number = min(state.number for state in found[task.pk])
        LabelTask.objects.filter(pk=task.pk, number=None).update(number=task.number)


def _answers(
    task: LabelTask, states: Sequence[RemoteState], project: LabelProject, *, people: Mapping[int, str], taken: Taken
) -> list[GivenAnswer]:
    """Read the annotations of a task; of a frame that was sent twice those of both."""
    factor_of = {control: factor for factor, control in project.names.get("choices", {}).items()}
    frame, answers = task.frame, []
    for said in (one for state in states for one in state.annotations):
        answer = read_annotation(
            said, width_px=frame.width_px, height_px=frame.height_px, people=people, factor_of=factor_of
        )
        if answer is None:
            taken.problem(NO_ID)
        else:
            answers.append(answer)
    return answers
