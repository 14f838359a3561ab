"""Rings workers: puts the ids of due chunks and jobs on the queue. Losing a ring loses nothing; the reconciler rings
again."""

import logging
from collections.abc import Mapping, Sequence

import django_rq
from redis.exceptions import RedisError

from curation.models import Chunk, Job
from curation.services.jobs import due_jobs
from curation.services.runs import due_chunks

QUEUE = "cascade"
DO_CHUNK, DO_JOB = "curation.tasks.do_chunk", "curation.tasks.do_job"
log = logging.getLogger(__name__)


def ring(run_id: int) -> int:
    """Ring for all due chunks of a run; returns how many were new to the queue. Call it after the transaction that
    wrote them."""
    pending = Chunk.objects.filter(run_id=run_id, state=Chunk.State.PENDING).order_by("stage_index", "index")
    return _enqueue(DO_CHUNK, _chunks(list(pending.values_list("id", flat=True))))


def ring_job(job_id: int) -> int:
    """Ring for a job. Call it after the transaction that wrote it."""
    return _enqueue(DO_JOB, _jobs([job_id]))


def ring_due() -> int:
    """Ring for everything that is due; returns how many were new to the queue."""
    return _enqueue(DO_CHUNK, _chunks(due_chunks())) + _enqueue(DO_JOB, _jobs(due_jobs()))


def _chunks(ids: Sequence[int]) -> dict[str, int]:
    return {f"chunk-{one}": one for one in ids}


def _jobs(ids: Sequence[int]) -> dict[str, int]:
    # Each bite has a name of its own: a worker rings for the next one while RQ still holds the one it does.
    attempts = Job.objects.filter(pk__in=ids).order_by("id").values_list("id", "attempt")
    return {f"job-{one}-{attempt}": one for one, attempt in attempts}


def _enqueue(task: str, named: Mapping[str, int]) -> int:
    try:
        queue = django_rq.get_queue(QUEUE)
        # Ringing again puts a second entry on the list, job id or not: a long queue would grow with every round.
        waiting = set(queue.job_ids)
        fresh = {name: one for name, one in named.items() if name not in waiting}
        for name, one in fresh.items():
            queue.enqueue(task, one, job_id=name, result_ttl=0, failure_ttl=86400)
    except RedisError as error:
        log.warning("The queue cannot be reached (%s); the reconciler rings again.", error)
        return 0
    return len(fresh)
