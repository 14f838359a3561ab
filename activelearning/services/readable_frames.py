"""Frames of a pool that a model can look at: one picture that is gone stops nothing."""

from collections.abc import Generator

import numpy as np

from activelearning.services.box_vectors import pictures_of
from activelearning.services.pool_frames import PoolFrames
from curation.services.jobs import Progress
from curation.services.pictures import PictureMissing
from evaluation.models import ModelVersion
from evaluation.services.frame_predictions import predictions_of

TOGETHER = 256


def seen_first(model: ModelVersion, frames: PoolFrames, *, notes: list[str]) -> Generator[Progress, None, PoolFrames]:
    """Have a model look at a pool, and return the frames that it could look at; the others are counted in notes.

    Only where a picture turns out to be missing all are read, to find which others are. Raises what predicting does."""
    try:
        yield from predictions_of(model, frames.frame_ids)
    except PictureMissing:
        readable: list[int] = []
        for start in range(0, len(frames.frame_ids), TOGETHER):
            some = frames.frame_ids[start : start + TOGETHER].tolist()
            readable += [frame_id for ids, _ in pictures_of(some) for frame_id in ids]
            yield Progress(start + len(some), len(frames.frame_ids), "looking for pictures that are gone")
        kept = np.isin(frames.frame_ids, readable)
        if kept.all():
            raise
        gone = frames.frame_ids[~kept]
        notes.append(f"the pictures of {len(gone)} frames cannot be read (frame {gone[0]}, say): they were left out.")
        frames = frames.only(kept)
        yield from predictions_of(model, frames.frame_ids)
    return frames
