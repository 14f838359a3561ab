"""Long work in small bites: asked for, claimed, done about a minute at a time, taken up again, ended.

A job kind is a generator. It yields how far it has come; each `checkpoint` it yields must be true of what is committed
by then, since another worker may go on from there."""

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from curation.core.errors import WinnowError
from curation.models import Job

BITE_S = 45.0
"""A worker goes back to the queue after this long, so that a day's import does not keep footage waiting."""
BEAT_S = 2.0
COMMAND_LINE = "command line"
MAX_FAILURES = 3
OPEN = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True)
class Progress:
    """How far a job has come. `total` 0 is not known yet; `checkpoint` None leaves the one before.

    With `again_in_s` there is nothing to do for so long, since something else has to happen first: the worker is free
    meanwhile, and the job goes on from its checkpoint."""

    done: int
    total: int = 0
    doing: str = ""
    checkpoint: Mapping[str, Any] | None = None
    again_in_s: float | None = None


Work: TypeAlias = Generator[Progress, None, dict[str, Any]]
Kind: TypeAlias = Callable[[Job], Work]


class JobError(WinnowError):
    """A job cannot do what was asked of it in its present state, or there is no such kind."""


class Lost(Exception):
    """The job is no longer this attempt's: cancelled, or given to another worker."""


def start_job(
    *,
    kind: str,
    params: Mapping[str, Any] | None = None,
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
) -> Job:
    """Write a job down. Whoever calls rings `doorbell.ring_job` once that is committed.

    With `here` it is claimed from the start, for `job_kinds.run_here`: no worker takes it away from a command line."""
    by = user.pk if user is not None and user.is_authenticated else None
    job = Job(kind=kind, params=dict(params or {}), created_by_id=by)
    if here:
        job.state, job.attempt, job.worker = Job.State.RUNNING, 1, COMMAND_LINE
        job.lease_until, job.started_at = _lease_end(), timezone.now()
    job.save()
    return job


@transaction.atomic
def cancel_job(*, job: Job) -> Job:
    """Stop a job; what it has done so far is kept. Raises JobError."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if not job.is_open:
        raise JobError(f"Job {job.pk} is {job.state}; only a queued or running one can be cancelled.")
    job.state, job.finished_at = Job.State.CANCELLED, timezone.now()
    job.save(update_fields=["state", "finished_at"])
    return job


@transaction.atomic
def resume_job(*, job: Job) -> Job:
    """Take a cancelled or failed job up where it stopped. Raises JobError."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if job.state not in (Job.State.CANCELLED, Job.State.FAILED):
        raise JobError(f"Job {job.pk} is {job.state}; only a cancelled or failed one can be resumed.")
    job.state, job.error, job.failures, job.lease_until, job.finished_at = Job.State.QUEUED, "", 0, None, None
    job.save(update_fields=["state", "error", "failures", "lease_until", "finished_at"])
    return job


def due_jobs() -> list[int]:
    """List the jobs that somebody should work on: queued and due, or claimed by a worker that went silent."""
    return list(_due().order_by("id").values_list("id", flat=True)[:1000])


@transaction.atomic
def claim_job(job_id: int, *, worker: str) -> Job | None:
    """Take a job, if it is open and due; None if not."""
    job = _due().select_for_update(skip_locked=True, of=("self",)).filter(pk=job_id).first()
    if job is None:
        return None
    job.state, job.attempt, job.worker = Job.State.RUNNING, job.attempt + 1, worker[:128]
    job.lease_until, job.started_at = _lease_end(), job.started_at or timezone.now()
    job.save(update_fields=["state", "attempt", "worker", "lease_until", "started_at"])
    return job


def work_on(
    job: Job, kind: Kind, *, bite_s: float | None = BITE_S, report: Callable[[Progress], None] = lambda _: None
) -> bool:
    """Do a claimed job for `bite_s` seconds, or to its end if None; tells whether it is done.

    Raises Lost, and what the kind raises, which the caller records by `give_up_job`."""
    steps = steps_of(job, kind, bite_s=bite_s)
    while True:
        try:
            report(next(steps))
        except StopIteration as end:
            return bool(end.value)


def steps_of(job: Job, kind: Kind, *, bite_s: float | None = BITE_S) -> Generator[Progress, None, bool]:
    """Do a claimed job as `work_on` does, but give way after each step: for a job that does another one."""
    began_s, cpu_s, beaten_s = time.monotonic(), time.process_time(), 0.0
    work = kind(job)
    try:
        while True:
            try:
                progress = next(work)
            except StopIteration as end:
                _finish(job, end.value, cpu_s=time.process_time() - cpu_s)
                return True
            yield progress
            _remember(job, progress)
            now, now_s = timezone.now(), time.monotonic()
            is_over = bite_s is not None and now_s - began_s >= bite_s and progress.checkpoint is not None
            if is_over or progress.again_in_s is not None or now_s - beaten_s >= BEAT_S:
                beaten_s = now_s
                seen = {"done": job.done, "total": job.total, "doing": job.doing, "checkpoint": job.checkpoint}
                _write(job, **seen, lease_until=_lease_end())
            if is_over or (bite_s is not None and progress.again_in_s is not None):
                spent = time.process_time() - cpu_s
                later = None if progress.again_in_s is None else now + timedelta(seconds=progress.again_in_s)
                _write(job, state=Job.State.QUEUED, lease_until=later, failures=0, cpu_s=F("cpu_s") + spent)
                return False
            if progress.again_in_s is not None:
                time.sleep(progress.again_in_s)
    finally:
        work.close()


def give_up_job(job: Job, *, reason: str, is_final: bool) -> bool:
    """Record a failed attempt: tried again later, or failed for good (True)."""
    failures = job.failures + 1
    failed = is_final or failures >= MAX_FAILURES
    later = None if failed else timezone.now() + timedelta(seconds=settings.WINNOW_RETRY_S * 2**failures)
    state = Job.State.FAILED if failed else Job.State.QUEUED
    ended = timezone.now() if failed else None
    # What was yielded last may not have been written yet: the next attempt goes on from there.
    _rows(job).update(
        state=state, failures=failures, error=reason, lease_until=later, finished_at=ended, checkpoint=job.checkpoint
    )
    return failed


def release_job(job: Job) -> None:
    """Hand a job back undone; somebody else may have it at once."""
    _rows(job).update(state=Job.State.QUEUED, lease_until=None, checkpoint=job.checkpoint)


def _remember(job: Job, progress: Progress) -> None:
    job.done, job.total, job.doing = progress.done, progress.total, progress.doing[:200]
    if progress.checkpoint is not None:
        job.checkpoint = dict(progress.checkpoint)


def _finish(job: Job, result: dict[str, Any], *, cpu_s: float) -> None:
    values = {"result": result, "done": job.done, "total": job.total, "checkpoint": job.checkpoint}
    ended = {"state": Job.State.DONE, "lease_until": None, "finished_at": timezone.now(), "doing": "", "error": ""}
    _write(job, **values, **ended, cpu_s=F("cpu_s") + cpu_s)
    job.refresh_from_db()


def _write(job: Job, **values: Any) -> None:
    if not _rows(job).update(**values):
        raise Lost(f"job {job.pk}, attempt {job.attempt}")


def _rows(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)


def _due() -> QuerySet[Job]:
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) & (Q(lease_until=None) | Q(lease_until__lte=now))
    return Job.objects.filter(free | Q(state=Job.State.RUNNING, lease_until__lte=now))


def _lease_end() -> Any:
    return timezone.now() + timedelta(seconds=settings.WINNOW_LEASE_S)
