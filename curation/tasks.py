"""What workers run. Each takes an id, calls a service and records how it went."""

import logging
import os
import socket

from curation import doorbell
from curation.core.errors import WinnowError
from curation.models import Run
from curation.services.cascade import do_chunk as do_claimed
from curation.services.claims import Fenced, claim, give_up, release
from curation.services.embedder_care import tend_embedders

log = logging.getLogger(__name__)


def do_chunk(chunk_id: int) -> None:
    """Do a chunk, unless somebody else has it or its run was stopped."""
    taken = claim(chunk_id, worker=f"{socket.gethostname()}:{os.getpid()}")
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
