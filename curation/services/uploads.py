"""Resumable uploads: create, append parts, finish. open -> done | failed | expired; nothing leads back to open."""

import re
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import timezone

from curation.core.errors import IngestError, MediaError
from curation.models import Upload
from curation.services import ingest
from curation.services.upload_imports import remove_imported, store_for_import
from curation.services.upload_limits import limits, reserve
from curation.services.upload_parts import (
    Part,
    Readable,
    UploadError,
    append,
    path_of,
    remove,
    sha256_of,
    spooled,
    strays,
)

MAX_NAME_BYTES = 200
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # control, bidi overrides, lone surrogates, unassigned


@transaction.atomic
def create_upload(
    *,
    owner: User,
    name: str,
    camera: str = "",
    size_bytes: int,
    recorded_at: datetime | None = None,
    sha256: str = "",
    purpose: str = Upload.Purpose.FOOTAGE,
) -> Upload:
    """Begin an upload and reserve its room. Footage needs a camera. Raises UploadError: too_big, quota, disk_full,
    empty."""
    if size_bytes < 1:
        raise UploadError("empty", "An empty file holds nothing; size_bytes must be at least 1.")
    reserve(size_bytes, owner=owner)
    return Upload.objects.create(
        owner=owner,
        name=clean_name(name),
        purpose=purpose,
        camera=camera,
        size_bytes=size_bytes,
        recorded_at=recorded_at,
        sha256=sha256.lower(),
        expires_at=_deadline(),
    )


def append_part(
    *, upload_id: UUID, offset: int, length_bytes: int, stream: Readable, sha256: str | None = None
) -> Upload:
    """Take the part that begins at the offset; it counts once it is on the disk and the row says so.

    Raises UploadError: wrong_offset, too_many_bytes, part_too_big, short_part, checksum, not_open, lost, disk_full.
    Of two writers at one offset the first to arrive whole wins, the other is told the new offset."""
    _check_place(Upload.objects.get(pk=upload_id), offset=offset, length_bytes=length_bytes)  # before a byte is read
    with spooled(stream, length_bytes=length_bytes) as part:
        if sha256 is not None and sha256.lower() != part.sha256:
            raise UploadError("checksum", f"The part's SHA-256 is {part.sha256}, not {sha256}. Send it again.")
        return _join(upload_id, part, offset=offset)


def finish_upload(*, upload_id: UUID, sha256: str = "") -> Upload:
    """Check the whole file and register it as a video, or store it for an import. Asking again for a finished upload
    answers the same.

    A file that is not footage, or not what was declared, makes the upload `failed` with the reason in `error`.
    Raises UploadError: incomplete, sha256_missing, busy, not_open, ingest (which may be tried again)."""
    with transaction.atomic():
        try:
            upload = Upload.objects.select_for_update(nowait=True, of=("self",)).get(pk=upload_id)
        except DatabaseError as error:
            raise UploadError("busy", "This upload is being written to or finished right now.") from error
        if upload.state in (Upload.State.DONE, Upload.State.FAILED):
            return upload
        _check_complete(upload, sha256=sha256)
        _register(upload)
        upload.save()
    remove(upload_id)
    return upload


def cancel_upload(*, upload_id: UUID) -> None:
    """Forget an unfinished upload and free its room. Raises UploadError if it is done: the video stays."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload_id)
        if upload.state == Upload.State.DONE:
            raise UploadError("not_open", "The upload is done; what came of it stays.")
        upload.delete()
    remove(upload_id)


def expire_uploads(*, now: datetime | None = None) -> int:
    """Close the uploads that nobody sent a part to in time, and return how many; for the reconciler.

    Files that no open upload owns are removed as well, once they are as old as that."""
    due = Upload.objects.filter(state=Upload.State.OPEN, expires_at__lt=now or timezone.now())
    with transaction.atomic():
        gone = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
        Upload.objects.filter(pk__in=gone).update(
            state=Upload.State.EXPIRED, error="No part arrived in time. Begin a new upload."
        )
    for upload_id in gone:
        remove(upload_id)
    remove_imported(now=now or timezone.now())
    _remove_strays()
    return len(gone)


def clean_name(name: str) -> str:
    """Make a harmless file name of any text: the last step of a path, visible letters only, no leading dot or dash.

    >>> clean_name("../../-rf\\u202e4pm.exe"), clean_name("/")
    ('rf4pm.exe', 'video')

    It is a label only; no file is ever opened by it. Ends are kept: a long name loses letters before its suffix."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name).strip())[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter) not in _HIDDEN)
    tidy = " ".join(visible.split()).lstrip(".- ")
    stem, dot, suffix = tidy.rpartition(".")
    if not stem or len(suffix) > 10:
        stem, dot, suffix = tidy, "", ""
    room_bytes = MAX_NAME_BYTES - len(f"{dot}{suffix}".encode())
    return stem.encode()[:room_bytes].decode(errors="ignore") + dot + suffix or "video"


@transaction.atomic
def _join(upload_id: UUID, part: Part, *, offset: int) -> Upload:
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload_id)
    _check_place(upload, offset=offset, length_bytes=part.length_bytes)
    append(upload_id, part, offset=offset)
    upload.received_bytes = offset + part.length_bytes
    upload.expires_at = _deadline()
    upload.save(update_fields=["received_bytes", "expires_at"])
    return upload


def _check_open(upload: Upload) -> None:
    if upload.state != Upload.State.OPEN:
        raise UploadError("not_open", f"The upload is {upload.state}. {upload.error}".strip())
    if upload.expires_at < timezone.now():
        raise UploadError("not_open", "The upload has expired. Begin a new one.")


def _check_place(upload: Upload, *, offset: int, length_bytes: int) -> None:
    _check_open(upload)
    at = upload.received_bytes
    if offset != at:
        raise UploadError("wrong_offset", f"The next part begins at {at}, not at {offset}.", received_bytes=at)
    if length_bytes < 1:
        raise UploadError("short_part", "The part is empty.", received_bytes=at)
    if offset + length_bytes > upload.size_bytes:
        more = offset + length_bytes - upload.size_bytes
        raise UploadError("too_many_bytes", f"The part goes {more} bytes past the declared size.", received_bytes=at)
    if length_bytes > limits().part_bytes:
        raise UploadError("part_too_big", f"A part may have {limits().part_bytes} bytes.", received_bytes=at)


def _check_complete(upload: Upload, *, sha256: str) -> None:
    _check_open(upload)
    if missing := upload.size_bytes - upload.received_bytes:
        raise UploadError("incomplete", f"{missing} bytes are still missing.", received_bytes=upload.received_bytes)
    if not (upload.sha256 or sha256):
        raise UploadError("sha256_missing", "Give the SHA-256 of the whole file, so that it can be checked.")
    if upload.sha256 and sha256 and upload.sha256 != sha256.lower():
        raise UploadError("sha256_changed", "The SHA-256 is another one than the upload was created with.")
    upload.sha256 = upload.sha256 or sha256.lower()
    if not path_of(upload.pk).exists():
        raise UploadError("lost", "What was received before is gone from the server's disk. Begin a new upload.")


def _register(upload: Upload) -> None:
    """Make the video, or note on the row why there is none. The row stays locked meanwhile: one finish at a time."""
    path = path_of(upload.pk)
    found = sha256_of(path)
    if found != upload.sha256:
        upload.state, upload.error = Upload.State.FAILED, f"The file's SHA-256 is {found}, not the declared one."
        return
    if upload.purpose == Upload.Purpose.IMPORT:
        store_for_import(upload, path)
        return
    try:
        registered = ingest.register(path=path, name=upload.name, camera=upload.camera, recorded_at=upload.recorded_at)
    except MediaError as error:
        upload.state, upload.error = Upload.State.FAILED, str(error)
    except IngestError as error:
        raise UploadError("ingest", str(error)) from error
    else:
        upload.state, upload.video = Upload.State.DONE, registered.video


def _remove_strays() -> None:
    old = list(strays(older_than_s=limits().ttl_s))
    if not old:
        return
    kept = {f"{pk}.part" for pk in Upload.objects.filter(state=Upload.State.OPEN).values_list("pk", flat=True)}
    for path in old:
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _deadline() -> datetime:
    return timezone.now() + timedelta(seconds=limits().ttl_s)
