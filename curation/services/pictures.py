"""Pictures of frames: links that are signed and expire, thumbnails, and the bytes themselves."""

import os
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final

import cv2
import numpy as np
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, TimestampSigner, b62_decode, b62_encode
from django.urls import reverse

from curation.core.errors import WinnowError
from curation.models import Frame
from curation.services.stored_files import NoSuchFile, confined

WIDTHS_PX: Final = (160, 320, 640, 1280)
JPEG_QUALITY = 82


class PictureMissing(WinnowError):
    """A frame's picture is not in the storage and could not be made again."""


@dataclass(frozen=True)
class Link:
    """What a signed link stands for, and for how many seconds it still does."""

    frame_id: int
    width_px: int | None
    left_s: int


def picture_url(frame: Frame, *, width_px: int | None = None) -> str:
    """Make a link that works without a log-in for WINNOW_SIGNED_URL_TTL_S at most, and half of that at least.

    It stays the same for half of that time, so that browsers can cache. width_px is one of WIDTHS_PX; None is the
    whole picture. Raises ValueError for another width."""
    if width_px is not None and width_px not in WIDTHS_PX:
        raise ValueError(f"width_px is {width_px}; it must be one of {', '.join(map(str, WIDTHS_PX))}.")
    value = f"{frame.pk}-{width_px}" if width_px else str(frame.pk)
    return reverse("picture", kwargs={"token": _Signer().sign(value)})


def read_token(token: str) -> Link:
    """Check a link's token. Raises BadSignature, and its child SignatureExpired."""
    signer = _Signer()
    value = signer.unsign(token, max_age=_ttl_s())
    issued_s = b62_decode(token.rsplit(signer.sep, 2)[1])
    frame_id, _, width_px = value.partition("-")
    left_s = max(0, issued_s + _ttl_s() - int(time.time()))
    return Link(int(frame_id), int(width_px) if width_px else None, left_s)


def open_picture(frame: Frame, *, width_px: int | None = None) -> IO[bytes]:
    """Open a frame's JPEG, whole or as a thumbnail; never wider than the frame itself. Raises PictureMissing.

    A thumbnail is made at first use and kept in `cache/` of the data folder, by the frame's identity."""
    if width_px is None or width_px >= frame.width_px:
        return _open_whole(frame)
    path = _thumbnail_path(frame, width_px)
    try:
        return path.open("rb")
    except FileNotFoundError:
        with _open_whole(frame) as file:
            jpeg = shrink(file.read(), frame_width_px=frame.width_px, width_px=width_px)
        _keep(path, jpeg)
        return BytesIO(jpeg)


def shrink(jpeg: bytes, *, frame_width_px: int, width_px: int) -> bytes:
    """Make a smaller JPEG of the given width. Raises PictureMissing if the bytes are no picture."""
    # libjpeg decodes at 1/2, 1/4 or 1/8 for a fraction of the cost; the rest is done by area averaging.
    fraction = next((f for f in (8, 4, 2) if frame_width_px >= f * width_px), 1)
    flags = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags.get(fraction, cv2.IMREAD_REDUCED_COLOR_8))
    if picture is None:
        raise PictureMissing("The stored picture is damaged.")
    height_px = max(1, round(picture.shape[0] * width_px / picture.shape[1]))
    small = cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


class _Signer(TimestampSigner):
    def __init__(self) -> None:
        super().__init__(salt="winnow.picture")

    def timestamp(self) -> str:
        step_s = max(1, _ttl_s() // 2)
        return b62_encode(int(time.time()) // step_s * step_s)


def _open_whole(frame: Frame) -> IO[bytes]:
    try:
        return default_storage.open(confined(frame.image))
    except FileNotFoundError:
        pass
    except NoSuchFile as error:
        raise PictureMissing(str(error)) from error
    raise PictureMissing(
        f"The picture of frame {frame.pk} is no longer in the storage. Do the run that keeps it again: that makes the "
        "picture from its video."
    )


def _thumbnail_path(frame: Frame, width_px: int) -> Path:
    digest = frame.video.sha256
    folder = Path(settings.WINNOW_DATA_DIR) / "cache" / "thumbnails" / str(width_px) / digest[:2]
    return folder / f"{digest}_{frame.pts_us}.jpg"


def _keep(path: Path, jpeg: bytes) -> None:
    """Write a cache file: whole or not at all, but not synced, since it can be made again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(jpeg)
    os.replace(file.name, path)


def _ttl_s() -> int:
    ttl_s: int = getattr(settings, "WINNOW_SIGNED_URL_TTL_S", 3600)
    return ttl_s


__all__ = ["WIDTHS_PX", "BadSignature", "Link", "PictureMissing", "open_picture", "picture_url", "read_token"]
