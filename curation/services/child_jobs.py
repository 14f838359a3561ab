"""Jobs that another job needs: done in between, step by step, so that the other one's lease is kept meanwhile."""

import time
from collections.abc import Generator

from curation.core.errors import WinnowError
from curation.models import Job
from curation.services.job_kinds import kind_of
from curation.services.jobs import COMMAND_LINE, Lost, Progress, claim_job, give_up_job, release_job, steps_of

PAUSE_S = 2.0


def seen_through(child: Job) -> Generator[Progress, None, Job]:
    """Do another job to its end, step by step, or wait for the worker that has it; returns it, however it ended there.

    Yields how far it has come, without its checkpoints: they are not the caller's. Raises what ended it here."""
    while child.is_open:
        taken = claim_job(child.pk, worker=COMMAND_LINE)
        if taken is None:
            time.sleep(PAUSE_S)
            child.refresh_from_db()
            yield Progress(child.done, child.total, child.doing or f"waiting for job {child.pk}")
        else:
            yield from _steps(taken)
            child.refresh_from_db()
    return child


def _steps(taken: Job) -> Generator[Progress, None, None]:
    steps = steps_of(taken, kind_of(taken), bite_s=None)
    try:
        for progress in steps:
            yield Progress(progress.done, progress.total, progress.doing)
    except Lost:
        return  # Cancelled, or somebody else's now: the caller looks again. It is not the caller's job that was lost.
    except GeneratorExit:
        release_job(taken)  # The caller was stopped: workers need not wait for the lease to run out.
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, WinnowError) else f"{type(error).__name__}: {error}"
        give_up_job(taken, reason=reason, is_final=True)
        raise
    finally:
        steps.close()
