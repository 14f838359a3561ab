"""The pictures that a report shows, small."""

from collections.abc import Iterator
from typing import Final

from django.core.files.storage import default_storage

from curation.services.pictures import PictureMissing, shrink
from curation.services.stored_files import NoSuchFile, confined
from evaluation.core.reports.words import failures_first
from evaluation.core.results import RunRecord, ShownFrame

WIDTH_PX: Final = 480
MOST_BYTES: Final = 24_000_000
"""Of all pictures together: base64 makes them a third larger, and mail and CI systems stop at some tens of MB."""


def pictures_of(record: RunRecord, *, most_bytes: int = MOST_BYTES) -> dict[int, bytes]:
    """Read the pictures of a run's worst frames as JPEGs by frame_id, at most 480 px wide.

    Failed scenarios come first where not all have room. Frames whose picture is gone are left out: a report draws
    their boxes on an empty ground. The same pictures in the storage give the same bytes."""
    found: dict[int, bytes] = {}
    room = most_bytes
    for frame in _frames(record):
        jpeg = _small(frame)
        if jpeg is None:
            continue
        if len(jpeg) > room:
            break
        found[frame.frame_id] = jpeg
        room -= len(jpeg)
    return found


def _frames(record: RunRecord) -> Iterator[ShownFrame]:
    """Yield each frame once, worst scenarios first."""
    seen: set[int] = set()
    for one in failures_first(record):
        for frame in one.frames:
            if frame.frame_id not in seen:
                seen.add(frame.frame_id)
                yield frame


def _small(frame: ShownFrame) -> bytes | None:
    try:
        with default_storage.open(confined(frame.image)) as file:
            return shrink(file.read(), frame_width_px=frame.width_px, width_px=min(WIDTH_PX, frame.width_px))
    except (OSError, NoSuchFile, PictureMissing):
        return None
