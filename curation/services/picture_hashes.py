"""Perceptual hashes of stored pictures, for frames that were kept without one."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from django.db import connection
from django.db.models import QuerySet

from curation.backends import storage
from curation.core.phash import phash
from curation.core.types import Image
from curation.models import Frame
from curation.services.stored_files import NoSuchFile, confined

BATCH = 64
LEAST_SIDE_PX = 128
"""libjpeg shrinks a picture as far as this while it decodes, for a fraction of the cost."""
SHRUNK = {8: cv2.IMREAD_REDUCED_GRAYSCALE_8, 4: cv2.IMREAD_REDUCED_GRAYSCALE_4, 2: cv2.IMREAD_REDUCED_GRAYSCALE_2}


@dataclass(frozen=True)
class Hashed:
    """A batch of frames, in order of id, that were looked at."""

    last_id: int
    count: int
    unreadable: list[int]
    """Frames whose picture is missing or damaged: they stay without a hash."""


def unhashed(*, after: int, until: int) -> QuerySet[Frame]:
    """Return the frames without a hash with after < id <= until."""
    return Frame.objects.filter(phash=None, pk__gt=after, pk__lte=until)


def hash_pictures(*, after: int, until: int) -> Iterator[Hashed]:
    """Hash the stored pictures of frames that have no hash, by id, a batch at a time; each is committed when yielded.

    A picture that is missing or damaged is no error: it is reported, and tried again the next time."""
    while True:
        rows = unhashed(after=after, until=until).order_by("pk")
        batch = list(rows.values_list("pk", "image", "width_px", "height_px")[:BATCH])
        if not batch:
            return
        found: dict[int, int] = {}
        for pk, key, width_px, height_px in batch:
            luma = _luma(key, shorter_px=min(width_px, height_px))
            if luma is not None:
                found[pk] = phash(luma)
        _write(found)
        after = batch[-1][0]
        yield Hashed(after, len(batch), [pk for pk, *_ in batch if pk not in found])


def _luma(key: str, *, shorter_px: int) -> Image | None:
    """Read a stored picture; None if it is missing or damaged."""
    fraction = next((f for f in SHRUNK if shorter_px >= f * LEAST_SIDE_PX), 1)
    try:
        content = storage.read_bytes(confined(key))
        luma = cv2.imdecode(np.frombuffer(content, np.uint8), SHRUNK.get(fraction, cv2.IMREAD_GRAYSCALE))
    except (OSError, NoSuchFile, cv2.error):  # imdecode raises for nothing at all, and for absurd sizes
        return None
    return None if luma is None else np.asarray(luma, np.uint8)


def _write(found: dict[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE curation_frame AS stored SET phash = new.phash
            FROM unnest(%s::bigint[], %s::bigint[]) AS new (id, phash) WHERE stored.id = new.id
            """,
            [list(found), list(found.values())],
        )
