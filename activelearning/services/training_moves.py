"""Trainings moved by people: stopped, and gone on with."""

from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from activelearning.backends.training import Remote
from activelearning.models import Training
from activelearning.services.training_errors import TrainingError
from activelearning.services.trainings import trainer_of
from curation.core.errors import WinnowError
from curation.models import Job
from curation.services.jobs import cancel_job, resume_job


def cancel_training(training: Training) -> Training:
    """Stop a training; its whole epochs are kept. Raises JobError."""
    job = _job(training)
    job.refresh_from_db()
    # A worker that is at it notices by itself, and calls it off.
    is_tended = job.state == Job.State.RUNNING and job.lease_until is not None and job.lease_until > timezone.now()
    training.job = cancel_job(job=job)
    if not is_tended:
        transaction.on_commit(partial(call_off, training))  # it asks a service, which may take long
    return training


@transaction.atomic
def resume_training(training: Training) -> Training:
    """Go on with a cancelled or failed training from its last whole epoch. Raises JobError."""
    training.job = resume_job(job=_job(training))
    training.error = ""
    training.save(update_fields=["error"])
    return training


def call_off(training: Training) -> None:
    """Tell whoever trains elsewhere that a training was cancelled here. Raises nothing: where they cannot be told,
    the training's row says so."""
    try:
        trainer = trainer_of(training.trainer, training.options)
        if isinstance(trainer, Remote):
            trainer.call_off(Path(settings.WINNOW_DATA_DIR) / training.folder, name=training.name)
    except WinnowError as error:
        training.error = f"It was cancelled here, but not elsewhere: {error} There it goes on until somebody stops it."
        Training.objects.filter(pk=training.pk, model=None).update(error=training.error)


def _job(training: Training) -> Job:
    if training.job is None:
        raise TrainingError("state", f"The job of {training} was removed, so it can be neither cancelled nor resumed.")
    return training.job
