"""The job `export_batch`: the archive of a batch made by a worker, kept in the storage, and handed out from there."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from activelearning.models import LabelBatch
from activelearning.services.batch_errors import BatchError
from activelearning.services.batch_export import check_export, exporting
from activelearning.services.batches import find_batch
from curation.backends import storage
from curation.backends.decode.probe import hash_file
from curation.models import Job
from curation.services.holdout import refuse_held
from curation.services.jobs import OPEN, Work, start_job

KIND = "export_batch"


@dataclass(frozen=True)
class Archive:
    """Where an archive can be read, and what it is saved as."""

    path: Path
    name: str
    sha256: str


@transaction.atomic
def request_archive(
    *, batch: LabelBatch, format: str = "cvat", user: AbstractBaseUser | AnonymousUser | None = None
) -> Job:
    """Ask for a batch's archive; whoever calls rings for the job. One that is asked for already will do.

    Raises BatchError, SpecError."""
    check_export(batch, format)
    LabelBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)  # two who ask at once share a job
    params = {"batch": batch.pk, "format": format}
    asked = Job.objects.filter(kind=KIND, params=params, state__in=OPEN).order_by("id").first()
    return asked or start_job(kind=KIND, params=params, user=user)


def make_archive(job: Job) -> Work:
    """Make an archive as `export_batch` does. Broken off it begins anew, which gives the same bytes."""
    batch, format = find_batch(job.params["batch"]), job.params["format"]
    folder = Path(settings.WINNOW_DATA_DIR) / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="batch-", dir=folder) as work:
        path = Path(work) / "archive.zip"
        made = yield from exporting(batch=batch, path=path, format=format)
        sha256 = hash_file(path)
        storage.move_file(_key(sha256), path)
    return {"batch": batch.pk, "format": format, "sha256": sha256, **asdict(made)}


def archive_of(batch: LabelBatch, job_id: int) -> Archive:
    """Find the archive that a job made of a batch. Raises BatchError, and HoldoutError if a frame in it was locked
    away since."""
    job = Job.objects.filter(pk=job_id, kind=KIND, params__batch=batch.pk).first()
    if job is None or job.state != Job.State.DONE:
        state = f"is {job.state}" if job else f"makes no archive of {batch}"
        raise BatchError("no_archive", f"Job {job_id} {state}, so there is nothing to download.")
    # No frame is in an archive that was never counted as sent.
    sent = batch.tasks.filter(sent_at__isnull=False).order_by("frame_id").values_list("frame_id", flat=True)
    refuse_held(list(sent), wanted_for="labelling")
    sha256 = str(job.result["sha256"])
    try:
        path = storage.local_path(_key(sha256))
    except FileNotFoundError as error:
        raise BatchError("no_archive", f"The archive of job {job_id} is no longer in the storage. Ask anew.") from error
    return Archive(path, f"batch-{batch.pk}-{job.params['format']}.zip", sha256)


def _key(sha256: str) -> str:
    return f"exports/{sha256}.zip"
