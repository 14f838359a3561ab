"""Uploads that are to be imported: a finished one lies in the storage, below `incoming/`, until it has been used."""

from datetime import datetime, timedelta
from pathlib import Path

from curation.backends import storage
from curation.models import DataImport, Job, Upload
from curation.services.upload_limits import limits
from curation.services.upload_parts import UploadError, disk_errors

FOLDER = "incoming"


def store_for_import(upload: Upload, path: Path) -> None:
    """Store a whole, checked file and note on the (unsaved) row where. Raises UploadError, and the row stays open."""
    key = f"{FOLDER}/{upload.pk}/{upload.name}"
    try:
        with disk_errors():
            storage.put_file(key, path, sha256=upload.sha256)
    except storage.ContentChanged as error:
        raise UploadError("ingest", "The file changed while it was stored. Finish the upload again.") from error
    upload.state, upload.file = Upload.State.DONE, key


def file_for_import(upload: Upload) -> str:
    """Return the key of an upload's file. Raises UploadError if it has none."""
    if upload.purpose != Upload.Purpose.IMPORT:
        raise UploadError("not_for_import", "This upload became a video. Upload with the purpose `import` instead.")
    if upload.state != Upload.State.DONE:
        raise UploadError("not_done", f"The upload is {upload.state}, not done. {upload.error}".strip())
    if not upload.file:
        raise UploadError("lost", upload.error or "The upload's file is gone. Upload it again.")
    return upload.file


def remove_imported(*, now: datetime) -> int:
    """Remove the files of finished uploads that nobody has used for as long as an upload may take; returns how many.

    One that an open import still reads stays."""
    old = now - timedelta(seconds=limits().ttl_s)
    due = Upload.objects.filter(state=Upload.State.DONE, purpose=Upload.Purpose.IMPORT, expires_at__lt=old)
    open_jobs = DataImport.objects.filter(job__state__in=(Job.State.QUEUED, Job.State.RUNNING))
    used = set(open_jobs.values_list("source", flat=True))
    gone = [upload for upload in due.exclude(file="") if upload.file not in used]
    Upload.objects.filter(pk__in=[upload.pk for upload in gone]).update(
        file="", error="Its file was removed after its time. Upload it again to import it once more."
    )
    storage.remove([upload.file for upload in gone])
    return len(gone)
