"""Pushing: the frames of a batch become tasks of a Label Studio project, exactly one each, whatever goes wrong.

Label Studio tells nothing alike apart, and a call that fails may have worked. So each task carries a key of ours; what
is there is looked up by it before and after each import, and only what was seen there is written down as sent."""

from collections.abc import Generator
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from activelearning.backends.labelstudio import LabelStudioError, Server
from activelearning.models import LabelBatch, LabelProject, LabelTask
from activelearning.services.batch_errors import BatchError
from activelearning.services.connections import server_of
from activelearning.services.label_projects import look_at
from activelearning.services.pre_annotations import predicted_for
from activelearning.services.project_webhooks import keep_webhook
from activelearning.services.push_sending import send_chunk
from activelearning.services.push_tally import Tally
from activelearning.services.task_reconciling import reconcile
from curation.models import Job
from curation.services.jobs import Progress, Work, start_job

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
            send_chunk(job, server, batch, project, chunk, pieces, tally)
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


def _how_far(batch: LabelBatch) -> tuple[int, int]:
    total = batch.tasks.exclude(state=LabelTask.State.DROPPED).count()
    return total - batch.tasks.filter(state=WAITING).count(), total
