"""What workers run. Each takes an id, calls a service and records how it went."""

import logging
import os
import socket

from curation import doorbell
from curation.core.errors import WinnowError
from curation.models import Chunk
from curation.services.cascade import do_chunk as do_claimed
from curation.services.claims import Fenced, claim, give_up

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
    except Exception as error:
        give_up(taken, reason=f"{type(error).__name__}: {error}", is_final=False)
        raise
    if more:
        doorbell.ring(Chunk.objects.values_list("run_id", flat=True).get(pk=chunk_id))
