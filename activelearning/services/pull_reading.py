"""Asking a Label Studio server what a project says, for as long as it takes."""

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from activelearning.backends.labelstudio import LabelStudioError
from activelearning.backends.labelstudio.annotations import Whole, mark_of, people_of, read_whole
from activelearning.backends.labelstudio.tasks import find_by_key
from activelearning.models import LabelBatch, LabelProject
from activelearning.services.connections import server_of
from curation.models import Job
from curation.services.jobs import Progress

KIND = "pull"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 15.0, 300.0
WHOLE_EVERY = timedelta(minutes=10)
"""So often all is read even where nothing seems to have changed: of two changes at once the mark may miss one."""


@dataclass(frozen=True)
class There:
    """What a project said. whole is None where nothing changed since the last pull."""

    mark: str
    whole: Whole | None
    people: Mapping[int, str]


def ask(job: Job, project: LabelProject) -> Generator[Progress, None, There]:
    """Read a project. A server that is down is asked again, ever more rarely, if the job may wait.

    Raises LabelStudioError."""
    while True:
        try:
            return _read(project)
        except LabelStudioError as error:
            if not error.may_pass or not job.params.get("wait", True):
                raise
            tries = int(job.checkpoint.get("tries", 0)) + 1
            pause_s = min(FIRST_PAUSE_S * 2 ** min(tries - 1, 10), LONGEST_PAUSE_S)
            said = f"{error} Nothing is lost; asking again in {pause_s:.0f} s."
            yield Progress(0, 0, said, {"tries": tries}, again_in_s=pause_s)


def are_gone(project: LabelProject, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that no task of a project has; none of them where the server cannot say so now."""
    if not keys:
        return set()
    try:
        with server_of(project.connection) as server:
            return set(keys) - set(find_by_key(server, project.number, keys))
    except LabelStudioError:
        return set()


def _read(project: LabelProject) -> There:
    with server_of(project.connection) as server:
        # Read before all else: what changes meanwhile makes the next mark another one.
        mark = f"{mark_of(server, project.number)}/{_how_read(project)}"
        if mark == _last_mark(project):
            return There(mark, None, {})
        return There(mark, read_whole(server, project.number), people_of(server))


def _how_read(project: LabelProject) -> str:
    """Return a text that is another one once answers are read differently: other names, classes, another project."""
    batches = LabelBatch.objects.filter(project=project).order_by("pk").values_list("pk", "classes")
    said = json.dumps([project.number, project.names, list(batches)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _last_mark(project: LabelProject) -> str | None:
    """Return the mark of the last pull that read all; None where that is long ago, or something is to be settled."""
    last = Job.objects.filter(kind=KIND, params__project=project.pk, state=Job.State.DONE, result__has_key="read_at")
    result = next(iter(last.order_by("-id").values_list("result", flat=True)[:1]), None)
    read_at = parse_datetime(result["read_at"]) if result else None
    if result is None or read_at is None or timezone.now() - read_at > WHOLE_EVERY or result["counts"].get("unsettled"):
        return None
    # A task that was sent since is not in it, and nobody answered it yet: the mark would be another.
    return str(result["mark"])
