"""Pushing: the frames of a batch become tasks of a Label Studio project, exactly one each, whatever goes wrong.

Label Studio tells nothing alike apart, and a call that fails may have worked. So each task carries a key of ours; what
is there is looked up by it before and after each import, and only what was seen there is written down as sent."""

from collections.abc import Generator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from activelearning.backends.labelstudio import LabelStudioError, Server
from activelearning.backends.labelstudio.tasks import KEY, delete_task, import_tasks
from activelearning.core.label_config import Names
from activelearning.core.label_format import PreAnnotation
from activelearning.models import LabelBatch, LabelProject, LabelTask
from activelearning.services.batch_errors import BatchError
from activelearning.services.connections import server_of
from activelearning.services.label_projects import look_at
from activelearning.services.picture_links import picture_address
from activelearning.services.pre_annotations import pre_annotations, predicted_for
from activelearning.services.project_webhooks import keep_webhook
from activelearning.services.push_tally import Tally
from activelearning.services.task_reconciling import Reconciled, reconcile
from curation.models import Job
from curation.services.jobs import Lost, Progress, Work, start_job
from evaluation.services.frame_predictions import Piece

KIND = "push"
CHUNK = 100
LONGEST_PAUSE_S = 300.0
SETTLE = 6
"""So many times WINNOW_RETRY_S an import that failed here may still take there."""
DOUBT = timedelta(minutes=10)
GIVE_UP_AFTER = 200
"""So many failures in a row, most of them five minutes apart: over half a day."""
WAITING, SENT = LabelTask.State.WAITING, LabelTask.State.SENT


@transaction.atomic
def request_push(*, batch: LabelBatch, user: AbstractBaseUser | AnonymousUser | None = None, here: bool = False) -> Job:
    """Ask for a batch to be sent; whoever calls rings for the job, or runs it with `here`. Asked again, it sends what
    is not there yet. A push that is under way is given back as it is. Raises BatchError."""
    batch = LabelBatch.objects.select_for_update(of=("self",)).select_related("job", "project").get(pk=batch.pk)
    if batch.project is None:
        raise BatchError(
            "project", f"{batch} goes to no Label Studio project. `manage.py labelling export` gives its files."
        )
    if batch.state == LabelBatch.State.CLOSED:
        raise BatchError("closed", f"{batch} is closed. Make another batch of the frames that are to be labelled.")
    if batch.job is not None and batch.job.kind == KIND and batch.job.is_open:
        if here:
            raise BatchError(
                "busy", f"Job {batch.job.pk} is sending {batch} already: `manage.py jobs show {batch.job.pk}`."
            )
        return batch.job
    job = start_job(kind=KIND, params={"batch": batch.pk, "project": batch.project.pk}, user=user, here=here)
    batch.job, batch.state = job, LabelBatch.State.SENDING
    batch.save(update_fields=["job", "state"])
    return job


def push(job: Job) -> Work:
    """Send a batch's tasks, a hundred at a time. Safe to break off anywhere, and to do again.

    A server that is down is asked again, ever more rarely, for half a day. Raises LabelStudioError, ProjectMisfit,
    NoPredictions, SpecError, Sealed."""
    batch = LabelBatch.objects.select_related("project__connection", "model", "created_by").get(pk=job.params["batch"])
    tally = Tally.of(job)
    while True:
        try:
            yield from _push(job, batch, tally)
        except LabelStudioError as error:
            tally.failures += 1
            if not error.may_pass or tally.failures > GIVE_UP_AFTER:
                raise
            pause_s = min(settings.WINNOW_RETRY_S * 2.0 ** min(tally.failures - 1, 10), LONGEST_PAUSE_S)
            said = f"{error} What was sent is kept; trying again in {pause_s:.0f} s."
            yield Progress(*_how_far(batch), said, tally.to_dict(), again_in_s=pause_s)
        else:
            return {"batch": batch.pk, "sent": batch.tasks.filter(number__isnull=False).count(), **tally.to_result()}


def _push(job: Job, batch: LabelBatch, tally: Tally) -> Generator[Progress, None, None]:
    project = batch.project
    assert project is not None
    yield Progress(*_how_far(batch), f"asking {project.connection}")
    look_at(project, classes=batch.classes, factors=batch.factors)
    waiting = batch.tasks.filter(state=WAITING)
    if waiting.filter(sent_at__gte=timezone.now() - DOUBT).exists():
        tally.doubt()  # a worker that was killed left an import behind
    pieces = yield from predicted_for(batch, list(waiting.values_list("frame_id", flat=True)))
    with server_of(project.connection) as server:
        tally.note(keep_webhook(server, project))
        while chunk := _next_chunk(batch):
            _send(job, server, batch, project, chunk, pieces, tally)
            tally.worked()
            yield Progress(*_how_far(batch), f"sending to {project}", tally.to_dict())
        if tally.is_in_doubt:
            yield from _look_again(server, batch, project, tally)
    _finish(job, batch)


def _next_chunk(batch: LabelBatch) -> list[LabelTask]:
    waiting = batch.tasks.filter(state=WAITING)
    held = waiting.filter(frame__held_out=True)
    held.update(state=LabelTask.State.DROPPED, note="It is held out now.", changed_at=timezone.now())
    return list(waiting.select_related("frame").order_by("id")[:CHUNK])


def _send(
    job: Job, server: Server, batch: LabelBatch, project: LabelProject, chunk: Sequence[LabelTask],
    pieces: Sequence[Piece], tally: Tally,
) -> None:  # fmt: skip
    made = pre_annotations(batch, project, chunk, pieces)
    there = reconcile(server, project.number, chunk)
    tally.add(there)
    if missing := [task for task in chunk if task.pk not in there.numbers]:
        after = _imported(job, server, project, missing, made, tally)
        there.numbers |= after.numbers
        there.doubled += after.doubled
    for number in _written_down(job, batch, there, made):
        delete_task(server, number)


def _imported(
    job: Job, server: Server, project: LabelProject, tasks: Sequence[LabelTask], made: dict[int, PreAnnotation],
    tally: Tally,
) -> Reconciled:  # fmt: skip
    _begin(job, tasks)
    try:
        import_tasks(server, project.number, [_task_there(task, project, made[task.pk]) for task in tasks])
    except LabelStudioError:
        tally.doubt()
        raise
    after = reconcile(server, project.number, tasks)
    tally.add(after)
    if len(after.numbers) < len(tasks):
        # Some servers import later than they answer.
        tally.doubt()
        raise LabelStudioError("server", f"{server.url} took {len(tasks)} tasks, but does not show all of them yet.")
    return after


@transaction.atomic
def _begin(job: Job, tasks: Sequence[LabelTask]) -> None:
    """Write down that an import begins: a task that waits and has `sent_at` may be there."""
    _hold(job)
    LabelTask.objects.filter(pk__in=[task.pk for task in tasks], state=WAITING).update(sent_at=timezone.now())


def _hold(job: Job) -> None:
    """Keep others from this job until the transaction ends. Raises Lost if another worker has it."""
    if not Job.objects.select_for_update().filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING).exists():
        raise Lost(f"job {job.pk}, attempt {job.attempt}")


@transaction.atomic
def _written_down(job: Job, batch: LabelBatch, there: Reconciled, made: dict[int, PreAnnotation]) -> list[int]:
    """Write down what is there now. Returns the numbers of tasks that were dropped here meanwhile."""
    _hold(job)
    tasks = list(LabelTask.objects.select_for_update().filter(pk__in=there.numbers, state=WAITING))
    for task in tasks:
        task.number, task.state, task.sent_at = there.numbers[task.pk], SENT, timezone.now()
        task.predicted, task.predicted_by = made[task.pk].to_rows(), batch.model
        task.changed_at = timezone.now()
        if task.pk in there.doubled:
            task.note = "Two tasks of this frame were answered there; delete one of them there."
    fields = ["number", "state", "sent_at", "predicted", "predicted_by", "changed_at", "note"]
    LabelTask.objects.bulk_update(tasks, fields)
    dropped = LabelTask.objects.filter(pk__in=there.numbers, state=LabelTask.State.DROPPED)
    return [there.numbers[pk] for pk in dropped.values_list("pk", flat=True)]


def _look_again(
    server: Server, batch: LabelBatch, project: LabelProject, tally: Tally
) -> Generator[Progress, None, None]:
    """Delete twins that an import left which failed here, but came to its end there later."""
    if not tally.has_settled:
        tally.has_settled = True
        settle_s = SETTLE * settings.WINNOW_RETRY_S
        yield Progress(*_how_far(batch), "waiting for late imports", tally.to_dict(), again_in_s=settle_s)
    sent = list(batch.tasks.filter(state=SENT).order_by("id"))
    for start in range(0, len(sent), CHUNK):
        chunk = sent[start : start + CHUNK]
        found = reconcile(server, project.number, chunk)
        tally.add(found)
        for task in chunk:
            if (number := found.numbers.get(task.pk, task.number)) != task.number:
                LabelTask.objects.filter(pk=task.pk, number=task.number).update(number=number)
        yield Progress(*_how_far(batch), "looking for twins")


def _finish(job: Job, batch: LabelBatch) -> None:
    """Say that a batch is with the annotators, unless somebody closed it meanwhile."""
    LabelBatch.objects.filter(pk=batch.pk, state=LabelBatch.State.SENDING, job=job).update(
        state=LabelBatch.State.SENT, sent_at=batch.sent_at or timezone.now()
    )


def _task_there(task: LabelTask, project: LabelProject, made: PreAnnotation) -> dict[str, Any]:
    address = picture_address(task, project.connection)
    fields = {Names.of(project.names).picture_field: address, KEY: str(task.key), "frame_id": task.frame_id}
    sent: dict[str, Any] = {"data": fields, "meta": {"batch": task.batch_id}}
    return sent | ({"predictions": [dict(made.prediction)]} if made.prediction is not None else {})


def _how_far(batch: LabelBatch) -> tuple[int, int]:
    total = batch.tasks.exclude(state=LabelTask.State.DROPPED).count()
    return total - batch.tasks.filter(state=WAITING).count(), total
