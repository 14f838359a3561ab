"""How much may be on its way in. Every limit is a Django setting."""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection
from django.db.models import Count, F, Q, Sum

from curation.models import Upload
from curation.services.upload_parts import UploadError, folder

QUOTA_LOCK = 0x55504C44  # "UPLD": an advisory lock of the database, a number that nothing else locks
MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    upload_bytes: int
    part_bytes: int
    open_bytes: int
    open_uploads: int
    spare_bytes: int
    ttl_s: int


def limits() -> Limits:
    """Read the limits from the settings."""
    upload_bytes: int = getattr(settings, "WINNOW_UPLOAD_MAX_BYTES", 64 << 30)
    return Limits(
        upload_bytes=upload_bytes,
        part_bytes=getattr(settings, "WINNOW_UPLOAD_PART_BYTES", 8 * MIB),
        open_bytes=getattr(settings, "WINNOW_UPLOAD_OPEN_BYTES", 4 * upload_bytes),
        open_uploads=getattr(settings, "WINNOW_UPLOAD_OPEN_COUNT", 100),
        spare_bytes=getattr(settings, "WINNOW_UPLOAD_SPARE_BYTES", 512 * MIB),
        ttl_s=getattr(settings, "WINNOW_UPLOAD_TTL_S", 86_400),
    )


def reserve(size_bytes: int, *, owner: AbstractBaseUser) -> None:
    """Make sure that an upload fits beside those under way. Call it in the transaction that writes the upload's row.

    Uploads begun at the same moment wait for each other here, so that two cannot take the same room.
    Raises UploadError."""
    allowed = limits()
    if size_bytes > allowed.upload_bytes:
        raise UploadError("too_big", f"The file has {size_bytes} bytes; the limit is {allowed.upload_bytes}.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [QUOTA_LOCK])
    under_way = Upload.objects.filter(state=Upload.State.OPEN).aggregate(
        mine=Count("pk", filter=Q(owner=owner.pk)),
        reserved=Sum("size_bytes", default=0),
        to_come=Sum(F("size_bytes") - F("received_bytes"), default=0),
    )
    if under_way["mine"] >= allowed.open_uploads:
        raise UploadError("quota", f"You have {under_way['mine']} open uploads. Finish or cancel one of them first.")
    if under_way["reserved"] + size_bytes > allowed.open_bytes:
        free = max(0, allowed.open_bytes - under_way["reserved"])
        raise UploadError("quota", f"Open uploads leave room for {free} bytes. Finish or cancel one of them first.")
    if shutil.disk_usage(folder()).free < under_way["to_come"] + size_bytes + allowed.spare_bytes:
        raise UploadError("disk_full", f"The server's disk has no room for {size_bytes} bytes more.")
