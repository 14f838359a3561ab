"""One import of a push: looked up before, sent, looked up after, written down."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from activelearning.backends.labelstudio import LabelStudioError, Server
from activelearning.backends.labelstudio.tasks import KEY, delete_task, import_tasks
from activelearning.core.label_config import Names
from activelearning.core.label_format import PreAnnotation
from activelearning.models import LabelBatch, LabelProject, LabelTask
from activelearning.services.picture_links import picture_address
from activelearning.services.pre_annotations import pre_annotations
from activelearning.services.push_tally import Tally
from activelearning.services.task_reconciling import Reconciled, reconcile
from curation.models import Job
from curation.services.jobs import Lost
from evaluation.services.frame_predictions import Piece

WAITING, SENT = LabelTask.State.WAITING, LabelTask.State.SENT


def send_chunk(
    job: Job, server: Server, batch: LabelBatch, project: LabelProject, chunk: Sequence[LabelTask],
    pieces: Sequence[Piece], tally: Tally,
) -> None:  # fmt: skip
    """Send tasks that wait, as one import, and write down what is there then.

    Raises LabelStudioError, PreAnnotationError, SpecError, and Lost if another worker has the job."""
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


def _task_there(task: LabelTask, project: LabelProject, made: PreAnnotation) -> dict[str, Any]:
    address = picture_address(task, project.connection)
    fields = {Names.of(project.names).picture_field: address, KEY: str(task.key), "frame_id": task.frame_id}
    sent: dict[str, Any] = {"data": fields, "meta": {"batch": task.batch_id}}
    return sent | ({"predictions": [dict(made.prediction)]} if made.prediction is not None else {})
