"""Jobs that a job asks for: done in between where this process may do them, else waited for."""

from collections.abc import Generator

from curation.core.errors import WinnowError
from curation.models import Job
from curation.services.child_jobs import seen_through
from curation.services.jobs import COMMAND_LINE, Progress

POLL_S = 5.0


class ChildFailed(WinnowError):
    """A job that another one needs did not end well. The message is its own."""


def done_in_between(child: Job) -> Generator[Progress, None, Job]:
    """Do another job to its end, step by step, or wait for the worker that has it. Raises ChildFailed."""
    try:
        child = yield from seen_through(child)
    except WinnowError as error:
        raise ChildFailed(str(error)) from error
    return _ended(child)


def waited_for(child: Job, *, by: Job) -> Generator[Progress, None, Job]:
    """Let workers do another job, and hand our own worker back meanwhile; on a command line do it here.

    Raises ChildFailed."""
    if by.worker == COMMAND_LINE:
        return (yield from done_in_between(child))
    while child.is_open:
        yield Progress(
            child.done, child.total, child.doing or f"waiting for job {child.pk}", checkpoint={}, again_in_s=POLL_S
        )  # fmt: skip
        child.refresh_from_db()
    return _ended(child)


def _ended(child: Job) -> Job:
    if child.state == Job.State.FAILED:
        raise ChildFailed(child.error)
    if child.state == Job.State.CANCELLED:
        raise ChildFailed(f"Job {child.pk} ({child.kind}) was cancelled. `manage.py jobs resume {child.pk}` goes on.")
    return child
