"""Vectors of frames for a round: those that are stored, and those that are made now because they were lacking."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from activelearning.services.box_vectors import pictures_of
from activelearning.services.round_embedder import Eye
from curation.core.types import BoolArray, IntArray
from curation.services.embedding import refresh_mean, store_frame_vectors
from curation.services.holdout import guard_new
from curation.services.jobs import Progress
from curation.services.vectors import frame_vectors

TOGETHER = 64
"""Frames that are embedded, stored and held against the hold-outs at once."""


@dataclass(frozen=True)
class FrameVectors:
    """(N, D) unit vectors as frames are compared everywhere, rows of zeros where the picture cannot be read."""

    vectors: NDArray[np.float32]
    made: int

    @property
    def lacking(self) -> int:
        return int(np.count_nonzero(~self.vectors.any(axis=1)))

    def only(self, kept: BoolArray) -> "FrameVectors":
        return FrameVectors(self.vectors[kept], self.made)


def vectors_of_frames(frame_ids: IntArray, *, eye: Eye) -> Generator[Progress, None, FrameVectors]:
    """Return the vectors of (N,) frames by rising id; those that are lacking are made and stored first, as an embed
    stage would. Yields how far it is; what a checkpoint counts is stored.

    A new vector may show that a frame looks like a hold-out's: then it is held out in the same moment."""
    _, has = frame_vectors(frame_ids, embedder=eye.row)
    lacking = frame_ids[~has]
    made = 0
    for start in range(0, len(lacking), TOGETHER):
        made += _make(lacking[start : start + TOGETHER], eye)
        yield Progress(min(start + TOGETHER, len(lacking)), len(lacking), f"{eye.loaded.name} looks at frames", {})
    if made and eye.loaded.centred:
        refresh_mean(eye.row)
    vectors, _ = frame_vectors(frame_ids, embedder=eye.row)
    return FrameVectors(vectors, made)


def _make(frame_ids: IntArray, eye: Eye) -> int:
    seen: list[int] = []
    vectors: list[NDArray[np.float32]] = [np.zeros((0, eye.loaded.dimension), np.float32)]
    for ids, pictures in pictures_of(frame_ids.tolist()):
        seen += ids
        vectors.append(eye.loaded.embed_pictures(pictures))
    with transaction.atomic():
        store_frame_vectors(eye.row, seen, np.concatenate(vectors))
        guard_new(seen)
    return len(seen)
