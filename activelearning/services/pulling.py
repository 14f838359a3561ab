"""Pulling: what a Label Studio project says now is read and taken in. Webhooks only hint; this is the truth."""

from collections.abc import Generator
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from activelearning.backends.labelstudio.annotations import RemoteState
from activelearning.models import LabelBatch, LabelProject, LabelTask
from activelearning.services.batch_errors import BatchError
from activelearning.services.pull_reading import KIND, There, are_gone, ask
from activelearning.services.pull_writing import Overtaken, hold, take_found, take_missing
from activelearning.services.taken import Taken
from curation.models import Job
from curation.services.jobs import Progress, Work, start_job

BATCH = 200


@transaction.atomic
def request_pull(
    *,
    batch: LabelBatch | None = None,
    project: LabelProject | None = None,
    user: AbstractBaseUser | AnonymousUser | None = None,
    wait: bool = True,
    here: bool = False,
) -> Job:
    """Ask for the answers of a project, or of a batch's project, to be read. The caller rings, or runs it with `here`.

    One that was asked for and has not begun will do. With `wait` the job outlasts a server that is down: it asks again
    until it answers. Raises BatchError for a batch that went elsewhere."""
    project = project or (batch.project if batch is not None else None)
    if project is None:
        raise BatchError("project", f"{batch} is not in Label Studio, so nothing can be pulled. Import its files.")
    # Two who ask at once share a job; but nobody waits for a pull that holds the row: an annotator may be waiting.
    LabelProject.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=project.pk).first()
    waiting = Job.objects.filter(kind=KIND, params__project=project.pk, state=Job.State.QUEUED, attempt=0)
    found = None if here else waiting.order_by("id").first()
    return found or start_job(kind=KIND, params={"project": project.pk, "wait": wait}, user=user, here=here)


def pull(job: Job) -> Work:
    """Read all tasks and annotations of a project and take them in, by their keys, never by their order.

    Safe to break off and to do again. A pull that a later one overtakes stops, for what it read is old."""
    project = LabelProject.objects.select_related("connection").get(pk=job.params["project"])
    yield Progress(0, 0, "asking Label Studio")
    # Ours are read first: a task that is sent meanwhile is not taken for deleted.
    since = timezone.now()
    ours = dict(LabelTask.objects.filter(project=project).order_by("pk").values_list("pk", "key"))
    there = yield from ask(job, project)
    if there.whole is None:
        LabelProject.objects.filter(pk=project.pk).update(polled_at=since)
        return {"project": project.pk, "unchanged": True}
    try:
        taken = yield from _take_in(job, project, {pk: str(key) for pk, key in ours.items()}, there, since)
    except Overtaken:
        return {"project": project.pk, "overtaken": True}
    return {
        "project": project.pk,
        "mark": there.mark,
        "read_at": since.isoformat(),
        "tasks_there": len(there.whole.tasks),
        **taken.to_dict(),
    }


def _sent(project: LabelProject, before: datetime) -> list[int]:
    rows = LabelTask.objects.filter(project=project, state=LabelTask.State.SENT, sent_at__lt=before)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _take_in(
    job: Job, project: LabelProject, ours: dict[int, str], there: There, since: datetime
) -> Generator[Progress, None, Taken]:
    assert there.whole is not None
    states: dict[str, list[RemoteState]] = {}
    for state in there.whole.tasks:
        states.setdefault(state.key, []).append(state)
    taken, known = Taken(), set(ours.values())
    taken.counts["unknown_there"] = sum(len(rows) for key, rows in states.items() if key not in known)
    taken.counts["bad_items"] = there.whole.bad
    ids, done = list(ours), 0
    missing = {ours[pk] for pk in _sent(project, since) if pk in ours and ours[pk] not in states}
    gone = are_gone(project, sorted(missing))
    taken.counts["unsettled"] = len(missing) - len(gone)
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        found = {pk: states[ours[pk]] for pk in part if ours[pk] in states}
        taken += take_found(job, project, found, people=there.people)
        lost = [pk for pk in part if pk not in found and (ours[pk] in gone or ours[pk] not in missing)]
        taken += take_missing(job, project, lost, before=since)
        done += len(part)
        yield Progress(done, len(ids), "taking answers in")
    with transaction.atomic():
        hold(job, project)
        LabelProject.objects.filter(pk=project.pk).update(polled_at=since)
    return taken
