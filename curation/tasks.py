"""What workers run. Each takes an id, calls a service and records how it went."""

import logging
import math
import os
import socket

from curation import doorbell
from curation.core.errors import WinnowError
from curation.models import Run
from curation.services.cascade import do_chunk as do_claimed
from curation.services.claims import Fenced, claim, give_up, release
from curation.services.embedder_care import tend_embedders
from curation.services.job_kinds import kind_of
from curation.services.jobs import BITE_S, Lost, claim_job, give_up_job, release_job, work_on

log = logging.getLogger(__name__)


def do_chunk(chunk_id: int) -> None:
    """Do a chunk, unless somebody else has it or its run was stopped."""
    taken = claim(chunk_id, worker=_worker())
    if taken is None:
        return
    try:
        more = do_claimed(taken)
    except Fenced as lost:
        log.info("Dropped the work on %s: it was cancelled or given to another worker.", lost)
        return
    except WinnowError as error:
        # These will not go away by trying again: the person has to do what the message says.
        give_up(taken, reason=str(error), is_final=True)
        log.error("Chunk %s: %s", chunk_id, error)
        return
    except SystemExit:
        # The service stops: the chunk is free again at once, not when its lease has run out.
        release(taken)
        raise
    except Exception as error:
        give_up(taken, reason=f"{type(error).__name__}: {error}", is_final=False)
        raise
    run = Run.objects.get(chunks=chunk_id)
    if more:
        doorbell.ring(run.pk)
    elif run.status == Run.Status.DONE:
        tend_embedders(run)


def do_job(job_id: int) -> None:
    """Do a bite of a job, unless somebody else has it or it was stopped."""
    job = claim_job(job_id, worker=_worker())
    if job is None:
        return
    try:
        # Where jobs have workers of their own, nobody waits behind one that takes long.
        bite_s = BITE_S if doorbell.queue_of(job.kind) == doorbell.QUEUE else math.inf
        is_done = work_on(job, kind_of(job), bite_s=bite_s)
    except Lost as lost:
        log.info("Dropped the work on %s: it was cancelled or given to another worker.", lost)
        return
    except WinnowError as error:
        give_up_job(job, reason=str(error), is_final=True)
        log.error("%s: %s", job, error)
        return
    except SystemExit:
        release_job(job)
        raise
    except Exception as error:
        give_up_job(job, reason=f"{type(error).__name__}: {error}", is_final=False)
        raise
    if not is_done:
        doorbell.ring_job(job.pk)


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
