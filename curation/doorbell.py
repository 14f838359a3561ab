"""Rings workers: puts the ids of due chunks on the queue. Losing a ring loses nothing; the reconciler rings again."""

import logging

import django_rq
from redis.exceptions import RedisError

from curation.models import Chunk
from curation.services.runs import due_chunks

QUEUE = "cascade"
log = logging.getLogger(__name__)


def ring(run_id: int) -> int:
    """Ring for all due chunks of a run; returns how many were new to the queue. Call it after the transaction that
    wrote them."""
    pending = Chunk.objects.filter(run_id=run_id, state=Chunk.State.PENDING).order_by("stage_index", "index")
    return _enqueue(list(pending.values_list("id", flat=True)))


def ring_due() -> int:
    """Ring for everything that is due; returns how many were new to the queue."""
    return _enqueue(due_chunks())


def _enqueue(chunk_ids: list[int]) -> int:
    try:
        queue = django_rq.get_queue(QUEUE)
        # Ringing again puts a second entry on the list, job id or not: a long queue would grow with every round.
        waiting = set(queue.job_ids)
        fresh = [chunk_id for chunk_id in chunk_ids if _job_id(chunk_id) not in waiting]
        for chunk_id in fresh:
            queue.enqueue(
                "curation.tasks.do_chunk", chunk_id, job_id=_job_id(chunk_id), result_ttl=0, failure_ttl=86400
            )  # fmt: skip
    except RedisError as error:
        log.warning("The queue cannot be reached (%s); the reconciler rings again.", error)
        return 0
    return len(fresh)


def _job_id(chunk_id: int) -> str:
    return f"chunk-{chunk_id}"
