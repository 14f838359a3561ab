"""What jobs there are: the name on the row -> the generator that does it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.conf import settings
from django.utils.module_loading import import_string

from curation.core.errors import WinnowError
from curation.models import Job
from curation.services.exporting import export_data
from curation.services.importing import import_data
from curation.services.jobs import COMMAND_LINE, JobError, Kind, Lost, Progress, claim_job, give_up_job, work_on
from curation.services.rating import rate
from curation.services.retagging import retag
from curation.services.tag_edit_jobs import edit_many

JOBS: Mapping[str, Kind] = MappingProxyType(
    {
        "retag": retag,
        "edit_tags": edit_many,
        "import": import_data,
        "export": export_data,
        "rate": rate,
    }
)


def kind_of(job: Job) -> Kind:
    """Return what does a job. Raises JobError for a kind that is not there (any more)."""
    if job.kind in JOBS:
        return JOBS[job.kind]
    # Of the apps above this one, which may not be imported from here.
    others: Mapping[str, str] = settings.WINNOW_JOB_KINDS
    if job.kind in others:
        kind: Kind = import_string(others[job.kind])
        return kind
    raise JobError(f"There is no kind of job {job.kind!r}. There are: {', '.join([*JOBS, *others])}.")


def run_here(job: Job, *, report: Callable[[Progress], None] = lambda _: None) -> Job:
    """Do a job to its end in this process, for command lines. Raises what the job raises, recorded on its row.

    Raises JobError if somebody else has it, or it was cancelled meanwhile."""
    ours = job.state == Job.State.RUNNING and job.worker == COMMAND_LINE
    taken = job if ours else claim_job(job.pk, worker=COMMAND_LINE)
    if taken is None:
        raise JobError(f"Job {job.pk} is done by a worker already, or is not open any more.")
    try:
        work_on(taken, kind_of(taken), bite_s=None, report=report)
    except Lost as lost:
        raise JobError(f"Job {job.pk} was cancelled; what it had done is kept.") from lost
    except KeyboardInterrupt:
        # Nobody else goes on with what was asked for here, unless a person says so.
        give_up_job(taken, reason=f"Interrupted. `manage.py jobs resume {job.pk}` goes on with it.", is_final=True)
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, WinnowError) else f"{type(error).__name__}: {error}"
        give_up_job(taken, reason=reason, is_final=True)
        raise
    return taken
