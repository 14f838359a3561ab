"""Rings workers: puts the ids of due chunks on the queue. Losing a ring loses nothing; the reconciler rings again."""

import logging

import django_rq
from redis.exceptions import RedisError

from curation.models import Chunk
from curation.services.runs import due_chunks

QUEUE = "cascade"
log = logging.getLogger(__name__)


def ring(run_id: int) -> int:
    """Ring for all due chunks of a run; returns how many. Call it after the transaction that wrote them."""
    pending = Chunk.objects.filter(run_id=run_id, state=Chunk.State.PENDING).order_by("stage_index", "index")
    return _enqueue(list(pending.values_list("id", flat=True)))


def ring_due() -> int:
    """Ring for everything that is due; returns how many."""
    return _enqueue(due_chunks())


def _enqueue(chunk_ids: list[int]) -> int:
    try:
        queue = django_rq.get_queue(QUEUE)
        for chunk_id in chunk_ids:
            # The job's id is the chunk's, so a second ring for a chunk that still waits replaces the first.
            queue.enqueue(
                "curation.tasks.do_chunk", chunk_id, job_id=f"chunk-{chunk_id}", result_ttl=0, failure_ttl=86400
            )
    except RedisError as error:
        log.warning("The queue cannot be reached (%s); the reconciler rings again.", error)
        return 0
    return len(chunk_ids)
