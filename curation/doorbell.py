"""Rings workers: puts the ids of due chunks and jobs on their queues. Losing a ring loses nothing; the reconciler rings
again."""

import logging
from collections.abc import Mapping, Sequence

import django_rq
from django.conf import settings
from redis.exceptions import RedisError

from curation.models import Chunk, Job
from curation.services.jobs import due_jobs
from curation.services.runs import due_chunks

QUEUE = "cascade"
"""Of all that has no queue of its own: see settings.WINNOW_JOB_QUEUES."""
DO_CHUNK, DO_JOB = "curation.tasks.do_chunk", "curation.tasks.do_job"
log = logging.getLogger(__name__)


def ring(run_id: int) -> int:
    """Ring for all due chunks of a run; returns how many were new to the queue. Call it after the transaction that
    wrote them."""
    pending = Chunk.objects.filter(run_id=run_id, state=Chunk.State.PENDING).order_by("stage_index", "index")
    return _enqueue(QUEUE, DO_CHUNK, _chunks(list(pending.values_list("id", flat=True))))


def ring_job(job_id: int) -> int:
    """Ring for a job. Call it after the transaction that wrote it."""
    return _enqueue_jobs([job_id])


def ring_due() -> int:
    """Ring for everything that is due; returns how many were new to the queue."""
    return _enqueue(QUEUE, DO_CHUNK, _chunks(due_chunks())) + _enqueue_jobs(due_jobs())


def queue_of(kind: str) -> str:
    """Name the queue of a kind of job."""
    queues: Mapping[str, str] = settings.WINNOW_JOB_QUEUES
    return queues.get(kind, QUEUE)


def _chunks(ids: Sequence[int]) -> dict[str, int]:
    return {f"chunk-{one}": one for one in ids}


def _enqueue_jobs(ids: Sequence[int]) -> int:
    named: dict[str, dict[str, int]] = {}
    for one, attempt, kind in Job.objects.filter(pk__in=ids).order_by("id").values_list("id", "attempt", "kind"):
        # Each bite has a name of its own: a worker rings for the next one while RQ still holds the one it does.
        named.setdefault(queue_of(kind), {})[f"job-{one}-{attempt}"] = one
    return sum(_enqueue(queue, DO_JOB, jobs) for queue, jobs in named.items())


def _enqueue(queue_name: str, task: str, named: Mapping[str, int]) -> int:
    try:
        queue = django_rq.get_queue(queue_name)
        # Ringing again puts a second entry on the list, job id or not: a long queue would grow with every round.
        waiting = set(queue.job_ids)
        fresh = {name: one for name, one in named.items() if name not in waiting}
        for name, one in fresh.items():
            queue.enqueue(task, one, job_id=name, result_ttl=0, failure_ttl=86400)
    except RedisError as error:
        log.warning("The queue cannot be reached (%s); the reconciler rings again.", error)
        return 0
    return len(fresh)
