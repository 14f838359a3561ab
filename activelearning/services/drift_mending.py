"""Mending what drifted: one call each. What a person did there is never undone without being asked for."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from activelearning.backends.labelstudio.annotations import delete_annotation
from activelearning.backends.labelstudio.predictions import delete_predictions, predictions_of, put_prediction
from activelearning.backends.labelstudio.projects import change_config
from activelearning.backends.labelstudio.tasks import change_data, delete_task
from activelearning.core.label_config import Names
from activelearning.models import Answer, LabelBatch, LabelProject, LabelTask
from activelearning.services.answers import take_answers
from activelearning.services.batch_errors import BatchError
from activelearning.services.connections import server_of
from activelearning.services.drift import drift_of, newest_tested, project_of
from activelearning.services.label_projects import adopt_project, remake_project
from activelearning.services.picture_links import picture_address
from activelearning.services.pre_annotations import pre_annotations, predicted_for
from activelearning.services.pulling import request_pull
from activelearning.services.pushing import request_push
from curation.core.errors import SpecError
from curation.models import Job

MOST = 1_000
"""Tasks that one call mends; called again, it goes on."""
OPEN = (LabelTask.State.WAITING, LabelTask.State.SENT)
SKIPPED_OUT = "skipped by its annotators, and taken out"
NEVER = "never labelled, and taken out"


@dataclass(frozen=True)
class Mended:
    """What was done, in words. left: tasks that another call would mend; job: what goes on with it, to be rung for."""

    what: str
    count: int
    said: str
    left: int = 0
    job: Job | None = None


def mend(*, batch: LabelBatch, what: str, user: Any = None) -> Mended:
    """Mend one thing that drifted; `what` is one of MENDS. Raises BatchError, SpecError, LabelStudioError, and
    ProjectMisfit where a configuration cannot be adopted, or a project that is there would be made again."""
    if what not in MENDS:
        raise SpecError(f"what is {what!r}; it must be one of {', '.join(MENDS)}.")
    project_of(batch)
    return MENDS[what](batch, user)


def _resend(batch: LabelBatch, user: Any) -> Mended:
    """Send frames again whose tasks were deleted, as new tasks."""
    _refuse_closed(batch)
    lost = drift_of(batch).deleted
    with transaction.atomic():
        back, said = _wait_again(batch, lost)
        job = request_push(batch=batch, user=user) if back else None
    return Mended("deleted", back, said, job=job)


def _remake_project(batch: LabelBatch, user: Any) -> Mended:
    """Make a project like the one that was deleted there in its place, and send what is open of the batch to it.

    What was said of the others is kept. Other batches of the project get their frames there by the mend `deleted`."""
    _refuse_closed(batch)
    with transaction.atomic():
        # Of two who ask at once the second finds the project that the first made.
        projects = LabelProject.objects.select_for_update(of=("self",)).select_related("connection")
        project = remake_project(projects.get(pk=project_of(batch).pk))
        LabelTask.objects.filter(project=project).update(number=None)
        back, said = _wait_again(batch, batch.tasks.filter(state__in=("gone", "sent")).values_list("pk", flat=True))
        is_open = batch.tasks.filter(state=LabelTask.State.WAITING).exists()
        job = request_push(batch=batch, user=user) if is_open else None
    return Mended("project", back, f"{project} is there again, as project {project.number}. {said}", job=job)


def _refuse_closed(batch: LabelBatch) -> None:
    if batch.state == LabelBatch.State.CLOSED:
        raise BatchError("closed", f"{batch} is closed. Make another batch of its frames.")


def _wait_again(batch: LabelBatch, task_ids: Iterable[int]) -> tuple[int, str]:
    """Let tasks that are not there any more wait to be sent, as new ones; returns how many, and that in words."""
    rows = LabelTask.objects.select_for_update(of=("self",)).filter(pk__in=task_ids, state__in=("gone", "sent"))
    tasks = list(rows.order_by("pk"))
    elsewhere = LabelTask.objects.filter(frame__in=[t.frame_id for t in tasks], state__in=OPEN).exclude(batch=batch)
    busy = set(elsewhere.values_list("frame_id", flat=True))
    back = [task for task in tasks if task.frame_id not in busy]
    for task in back:
        # A new key: what was asked of the old one may still arrive.
        task.key, task.number, task.sent_at = uuid.uuid4(), None, None
        task.state, task.note, task.changed_at = LabelTask.State.WAITING, "", timezone.now()
    LabelTask.objects.bulk_update(back, ["key", "number", "sent_at", "state", "note", "changed_at"])
    others = f" {len(busy)} are asked for in another batch by now." if busy else ""
    return len(back), f"{len(back)} frames are sent again.{others}"


def _restore_config(batch: LabelBatch, user: Any) -> Mended:
    """Give the project there the configuration that is known here."""
    project = project_of(batch)
    with server_of(project.connection) as server:
        change_config(server, project.number, config=project.config)
    return Mended("config-restore", 1, f"The configuration of {project} is again as it was known here.")


def _adopt_config(batch: LabelBatch, user: Any) -> Mended:
    """Take the configuration there over, and read answers anew: classes that are new there count from now on."""
    project = project_of(batch)
    now = adopt_project(connection=project.connection, number=project.number)
    with transaction.atomic():
        locked = LabelBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        new = [one for one in now.classes if one not in locked.classes] if locked.classes else []
        locked.classes = batch.classes = [*locked.classes, *new]
        locked.save(update_fields=["classes"])
    said = f"New classes: {', '.join(new)}." if new else "No class is new."
    job = request_pull(project=now, user=user)
    return Mended("config-adopt", 1, f"The configuration there is known here now. {said}", job=job)


def _refresh_predictions(batch: LabelBatch, user: Any) -> Mended:
    """Replace the pre-annotations of open tasks by those of the newest model that was tested."""
    project, newer = project_of(batch), newest_tested(batch)
    if batch.model is None or newer is None:
        return Mended("predictions", 0, "No model that was tested is newer.")
    rows = batch.tasks.filter(state=LabelTask.State.SENT, number__isnull=False).exclude(predicted_by=newer)
    tasks, left = list(rows.select_related("frame").order_by("pk")[:MOST]), max(rows.count() - MOST, 0)
    batch.model = newer
    pieces = _ended(predicted_for(batch, [task.frame_id for task in tasks]))
    made = pre_annotations(batch, project, tasks, pieces)
    with server_of(project.connection) as server:
        for task in tasks:
            old = [one.number for one in predictions_of(server, task.number or 0)]
            prediction = made[task.pk].prediction
            if prediction is not None:
                put_prediction(server, task.number or 0, prediction)
            delete_predictions(server, old)
            LabelTask.objects.filter(pk=task.pk, state=LabelTask.State.SENT).update(
                predicted=made[task.pk].to_rows(), predicted_by=newer, changed_at=timezone.now()
            )
    if not left:
        LabelBatch.objects.filter(pk=batch.pk).update(model=newer)
    return Mended("predictions", len(tasks), f"{len(tasks)} tasks have the pre-annotations of {newer} now.", left)


def _put_skipped_back(batch: LabelBatch, user: Any) -> Mended:
    """Delete the skips there, so that the frames are asked for again."""
    project = project_of(batch)
    rows = batch.tasks.filter(state=LabelTask.State.SKIPPED).order_by("pk")
    ids, left = list(rows.values_list("pk", flat=True)[:MOST]), max(rows.count() - MOST, 0)
    # A task without a number was in a project that is gone, and its answers with it.
    there = Q(number__isnull=False, task__number__isnull=False)
    skips = Answer.objects.filter(there, task__in=ids, deleted_at=None, is_skip=True)
    with server_of(project.connection) as server:
        for number in skips.order_by("pk").values_list("number", flat=True):
            delete_annotation(server, int(number or 0))
    take_answers(batch=batch, given={pk: [] for pk in ids})
    return Mended("skipped-back", len(ids), f"{len(ids)} frames are with the annotators again.", left)


def _drop_skipped(batch: LabelBatch, user: Any) -> Mended:
    """Take skipped frames out here; their tasks there stay as they are."""
    rows = batch.tasks.filter(state=LabelTask.State.SKIPPED)
    count = rows.update(state=LabelTask.State.DROPPED, note=SKIPPED_OUT, changed_at=timezone.now())
    return Mended("skipped-drop", count, f"{count} skipped frames were taken out.")


def _drop_never(batch: LabelBatch, user: Any) -> Mended:
    """Take frames out that were never labelled, and delete their tasks there."""
    project, report = project_of(batch), drift_of(batch)
    rows = batch.tasks.filter(pk__in=report.never_labelled[:MOST], state=LabelTask.State.SENT)
    tasks = list(rows.order_by("pk").values_list("pk", "number"))
    with server_of(project.connection) as server:
        for pk, number in tasks:
            LabelTask.objects.filter(pk=pk, state=LabelTask.State.SENT).update(
                state=LabelTask.State.DROPPED, note=NEVER, changed_at=timezone.now()
            )
            if number is not None:
                delete_task(server, number)
    left = max(len(report.never_labelled) - MOST, 0)
    return Mended("never-drop", len(tasks), f"{len(tasks)} frames that nobody labelled were taken out.", left)


def _renew_links(batch: LabelBatch, user: Any) -> Mended:
    """Give tasks new links to their pictures."""
    project, report = project_of(batch), drift_of(batch)
    where = Names.of(project.names).picture_field
    tasks = list(batch.tasks.filter(pk__in=report.links[:MOST]).select_related("frame").order_by("pk"))
    with server_of(project.connection) as server:
        for task in tasks:
            change_data(server, task.number or 0, {where: picture_address(task, project.connection)})
    left = max(len(report.links) - MOST, 0)
    return Mended("links", len(tasks), f"{len(tasks)} pictures have new links.", left)


def _ended(work: Any) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


MENDS: Mapping[str, Callable[[LabelBatch, Any], Mended]] = {
    "deleted": _resend,
    "project": _remake_project,
    "config-restore": _restore_config,
    "config-adopt": _adopt_config,
    "predictions": _refresh_predictions,
    "skipped-back": _put_skipped_back,
    "skipped-drop": _drop_skipped,
    "never-drop": _drop_never,
    "links": _renew_links,
}
