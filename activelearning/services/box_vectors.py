"""Vectors of boxes: cut out of their pictures, embedded once, kept in files, read again."""

import hashlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from activelearning.core.box_vectors import BoxVectors, Halves, decode
from curation.backends import storage
from curation.backends.embed import crop_boxes
from curation.core.types import Box, Embedder, FloatArray, Image, IntArray
from curation.models import Frame
from curation.services.jobs import Progress
from curation.services.pictures import PictureMissing
from evaluation.services.frame_pictures import Batch, Place, read_ahead

FOLDER = "activelearning/boxes"
BUCKET = 128
"""Frames whose ids follow each other share a file: what a worker that dies may lose."""
CROPS = 64
"""Crops that are embedded at once."""
COLUMNS = ("id", "image", "video__sha256", "pts_us", "width_px", "height_px")


@dataclass(frozen=True)
class Embedded:
    """(M, D) vectors as the embedder gave them, rows of zeros where the picture cannot be read; how many boxes were
    embedded now, and the frames whose pictures are missing."""

    vectors: Halves
    made: int
    unreadable: tuple[int, ...]


def vectors_of_boxes(
    frame_ids: IntArray, xyxy: FloatArray, *, source: str, embedder: Embedder
) -> Generator[Progress, None, Embedded]:
    """Return the vectors of (M,) boxes, `xyxy` (M, 4) in pixels; yields how far it is.

    `source` names what the boxes came from: the key of a prediction run, the SHA-256 of a version. Each file of frames
    is stored before the checkpoint that counts it, so what was embedded once is not embedded again."""
    vectors = np.zeros((len(frame_ids), embedder.dimension), np.float16)
    bucket = np.asarray(frame_ids) // BUCKET
    made, lost, buckets = 0, list[int](), np.unique(bucket)
    for done, number in enumerate(buckets.tolist()):
        rows = np.flatnonzero(bucket == number)
        key = f"{FOLDER}/{_named(source)}/{_named(f'{embedder.name} {embedder.version}')}/{number}.npz"
        known = _read(key, dimension=embedder.dimension)
        lacking = rows[known.places_of(frame_ids[rows], xyxy[rows]) < 0]
        if len(lacking):
            new, missing = _embedded(frame_ids[lacking], xyxy[lacking], embedder)
            known, made, lost = known.with_more(new), made + len(new), [*lost, *missing]
            if len(new):
                storage.put_bytes(key, known.encode())
            yield Progress(done + 1, len(buckets), f"{embedder.name} looks at boxes", {})
        places = known.places_of(frame_ids[rows], xyxy[rows])
        vectors[rows[places >= 0]] = known.vectors[places[places >= 0]]
    return Embedded(vectors, made, tuple(lost))


def pictures_of(frame_ids: Sequence[int]) -> Iterator[Batch]:
    """Yield frames in batches with their (H, W, 3) RGB pictures, by id; those that cannot be read are left out."""
    rows = Frame.objects.filter(pk__in=frame_ids).order_by("pk").values_list(*COLUMNS)
    places = [Place(*cast(Any, row)) for row in rows]
    done = 0
    try:
        with closing(cast("Generator[Batch, None, None]", read_ahead(iter(places)))) as batches:
            for ids, pictures in batches:
                yield ids, pictures
                done += len(ids)
    except PictureMissing:  # which tears a batch: the rest is read one by one
        for place in places[done:]:
            yield from _alone(place)


def _alone(place: Place) -> list[Batch]:
    try:
        return list(read_ahead(iter([place])))
    except PictureMissing:
        return []


def _embedded(frame_ids: IntArray, xyxy: FloatArray, embedder: Embedder) -> tuple[BoxVectors, list[int]]:
    wanted = np.unique(frame_ids)
    rows: list[int] = []
    crops: list[Image] = []
    parts: list[np.ndarray[Any, np.dtype[np.float32]]] = []
    seen: set[int] = set()
    for ids, pictures in pictures_of(wanted.tolist()):
        for frame_id, picture in zip(ids, pictures, strict=True):
            seen.add(frame_id)
            mine = np.flatnonzero(frame_ids == frame_id)
            rows += mine.tolist()
            crops += crop_boxes(picture, [Box("", 0.0, *xyxy[row].tolist()) for row in mine])
            if len(crops) >= CROPS:
                parts.append(embedder.embed_pictures(crops))
                crops = []
    parts.append(embedder.embed_pictures(crops))
    place = np.asarray(rows, np.int64)
    vectors = np.concatenate(parts).astype(np.float16).reshape(-1, embedder.dimension)
    return BoxVectors(frame_ids[place], xyxy[place], vectors), sorted(set(wanted.tolist()) - seen)


def _read(key: str, *, dimension: int) -> BoxVectors:
    """Read a file; one that is not there, or is damaged, holds nothing: it is made again."""
    try:
        return decode(storage.read_bytes(key), dimension=dimension)
    except (OSError, ValueError):
        return BoxVectors.none(dimension)


def _named(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
