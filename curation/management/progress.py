"""Jobs on the command line: done in this process, with a bar on stderr."""

from typing import Any

from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from curation.core.errors import WinnowError
from curation.models import Job
from curation.services.job_kinds import run_here
from curation.services.jobs import Progress

WRONG, INTERRUPTED = 2, 130


def run_with_bar(job: Job, stderr: Any, *, show: bool = True) -> Job:
    """Do a job that was started with `here=True` to its end. stderr is the command's own.

    Raises CommandError with the job's message where it fails (exit status 2) or is interrupted (130)."""
    bars = Bars(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=28), MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        console=Console(file=getattr(stderr, "_out", stderr)), disable=not show, transient=True,
    )  # fmt: skip
    with bars:
        task = bars.add_task(job.kind, total=None)

        def report(progress: Progress) -> None:
            said = progress.doing or job.kind
            bars.update(task, description=said, completed=progress.done, total=progress.total or None)

        try:
            return run_here(job, report=report)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        except KeyboardInterrupt as interrupt:
            message = f"Interrupted; what is done is kept. `manage.py jobs resume {job.pk}` goes on with it."
            raise CommandError(message, returncode=INTERRUPTED) from interrupt
