"""Writing a training's row, by the attempt that has its job only."""

from typing import Any

from django.utils import timezone

from activelearning.models import Training
from curation.models import Job
from curation.services.jobs import Lost


def write(training: Training, job: Job, **values: Any) -> None:
    """Write fields of a training. Raises Lost where the job is no longer this attempt's."""
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)
    if not Training.objects.filter(pk=training.pk, job__in=mine).update(**values):
        raise Lost(f"job {job.pk}, attempt {job.attempt}")
    for name, value in values.items():
        setattr(training, name, value)


def write_end(training: Training, job: Job, **values: Any) -> None:
    """Write the fields of a training that is done."""
    write(training, job, **values, error="", finished_at=timezone.now())
