"""Pictures of frames for a network: read and decoded ahead, a few batches at a time."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import cv2
import numpy as np

from curation.core.types import Image
from curation.services.export_pictures import read_picture, remake_picture
from curation.services.pictures import PictureMissing

BATCH = 16
BATCH_PIXELS = 24_000_000
"""Decoded pictures of a batch are in memory together, and so are those of the batches ahead."""
AHEAD = 2
THREADS = 4


@dataclass(frozen=True)
class Place:
    """Where a frame's picture is, and what it is made of should it be gone."""

    frame_id: int
    image: str
    video_sha256: str
    pts_us: int
    width_px: int
    height_px: int


Batch: TypeAlias = tuple[list[int], list[Image]]
_Waiting: TypeAlias = list[tuple[Place, "Future[Image | None]"]]


def read_ahead(places: Iterator[Place]) -> Iterator[Batch]:
    """Yield frames in batches, with their (H, W, 3) RGB pictures, upright.

    A picture that is gone from the storage is made again from its video. Raises PictureMissing where that cannot be."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="pictures") as pool:
        waiting: deque[_Waiting] = deque()
        try:
            for batch in _batches(places):
                waiting.append([(place, pool.submit(_read, place)) for place in batch])
                if len(waiting) > AHEAD:
                    yield _taken(waiting.popleft())
            while waiting:
                yield _taken(waiting.popleft())
        finally:
            for _, picture in chain.from_iterable(waiting):
                picture.cancel()


def _taken(batch: _Waiting) -> Batch:
    ids, pictures = [], []
    for place, picture in batch:
        ids.append(place.frame_id)
        pictures.append(_remade(place) if (read := picture.result()) is None else read)
    return ids, pictures


def _read(place: Place) -> Image | None:
    """Read and decode a picture; None if it is gone, damaged, or of another size than its frame. No database here."""
    content = read_picture(place.image)
    picture = None if content is None else _decoded(content)
    return picture if picture is not None and picture.shape[:2] == (place.height_px, place.width_px) else None


def _remade(place: Place) -> Image:
    size_px = (place.width_px, place.height_px)
    content = remake_picture(
        place.image, video_sha256=place.video_sha256, pts_us=place.pts_us, size_px=size_px
    )  # fmt: skip
    picture = _decoded(content)
    if picture is None:
        raise PictureMissing(f"The picture {place.image} of frame {place.frame_id} is damaged.")
    return picture


def _decoded(content: bytes) -> Image | None:
    try:
        bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # it raises for absurd sizes
        return None
    return None if bgr is None else np.ascontiguousarray(bgr[:, :, ::-1], np.uint8)


def _batches(places: Iterator[Place]) -> Iterator[Sequence[Place]]:
    batch: list[Place] = []
    pixels = 0
    for place in places:
        size = place.width_px * place.height_px
        if batch and (len(batch) == BATCH or pixels + size > BATCH_PIXELS):
            yield batch
            batch, pixels = [], 0
        batch.append(place)
        pixels += size
    if batch:
        yield batch
