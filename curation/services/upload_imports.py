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
