"""Addresses of pictures for annotators: signed links of this service that live for weeks, or places in the bucket.

Annotators come days after a push, so these links live longer than those of pages. Each names a task: one that was
dropped or deleted shows nothing any more."""

from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from activelearning.models import Connection, LabelTask
from curation.core.errors import SpecError
from curation.models import Frame

SALT = "winnow.label-picture"
__all__ = ["BadSignature", "address_here", "frame_behind", "picture_address"]


def picture_address(task: LabelTask, connection: Connection) -> str:
    """Give the address of a task's picture, as its connection wants it. Raises SpecError where there is no bucket."""
    if connection.pictures == Connection.Pictures.BUCKET:
        return f"s3://{bucket()}/{_bucket_folder()}{task.frame.image}"
    token = TimestampSigner(salt=SALT).sign(task.key.hex)
    base = connection.pictures_url or address_here()
    return f"{base.rstrip('/')}{reverse('label-picture', kwargs={'token': token})}"


def frame_behind(token: str) -> tuple[Frame | None, int]:
    """Give the frame that a link stands for, None where its task is gone, and the seconds that a browser may keep it.

    Raises BadSignature, and its child SignatureExpired."""
    key = TimestampSigner(salt=SALT).unsign(token, max_age=settings.WINNOW_LABEL_URL_TTL_S)
    ended = (LabelTask.State.DROPPED, LabelTask.State.GONE)
    tasks = LabelTask.objects.exclude(state__in=ended).select_related("frame__video")
    task = tasks.filter(key=key).first()
    return (task.frame if task else None), settings.WINNOW_SIGNED_URL_TTL_S


def address_here() -> str:
    """Give the address under which this service listens, for a browser on the same machine."""
    host = "localhost" if settings.WINNOW_HOST in ("0.0.0.0", "::", "") else settings.WINNOW_HOST
    return f"http://{host}:{settings.WINNOW_PORT}"


def bucket() -> str:
    """Name the bucket that pictures lie in. Raises SpecError where they lie in a folder."""
    name: Any = getattr(default_storage, "bucket_name", "")
    if not name:
        raise SpecError(
            "Pictures lie in a local folder here, so Label Studio finds them in no bucket. Use signed links, or "
            "keep pictures in a bucket: WINNOW_S3_BUCKET."
        )
    return str(name)


def _bucket_folder() -> str:
    location = str(getattr(default_storage, "location", "") or "").strip("/")
    return f"{location}/" if location else ""
