"""One chunk's work: open the video, find out what came before, look, and hand in what was seen."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from curation.backends import storage
from curation.backends.decode.footage import VideoFootage
from curation.backends.detect import load_detector, weights_sha256
from curation.core.spec import CascadeSpec
from curation.core.stages import Before, Look
from curation.core.stages.contract import EVER
from curation.core.types import Detector, IntArray, Observations, Signals, Span, Track
from curation.models import Chunk, Interval, Run, Video
from curation.services import tracks
from curation.services.runs import span_of


@dataclass(frozen=True)
class Seen:
    """What one attempt at a filter stage's chunk found out."""

    track: Track
    frames_in: int
    decoded_frames: int
    decode_errors: int
    cpu_s: float
    weights: dict[str, str] = field(default_factory=dict)


def look_at(*, chunk: Chunk, spec: CascadeSpec, report: Callable[[int], None]) -> Seen:
    """Do a filter stage's chunk. Raises what the media, the weights and `report` raise."""
    started_s = time.process_time()
    stage = list(spec.filters.values())[chunk.stage_index]
    weights: dict[str, str] = {}

    def load(name: str) -> Detector:
        detector, weights[name] = _loaded(name)
        return detector

    with open_footage(chunk.run.video) as footage:
        look = Look(
            footage=footage,
            span=span_of(chunk),
            before=before_stage(run=chunk.run, spec=spec, stage_index=chunk.stage_index, span=span_of(chunk)),
            load_detector=load,
            report=report,
        )
        track = stage.look(look)
        frames_in = len(track.pts_us) if isinstance(track, Signals) else int(np.count_nonzero(track.asked))
        decoded, errors = footage.decoded_frames, footage.decode_errors
    return Seen(track, frames_in, decoded, errors, time.process_time() - started_s, weights)


@lru_cache(maxsize=8)
def _loaded(name: str) -> tuple[Detector, str]:
    """Load a detector and hash its weights, once for each process: the hash is that of what was loaded."""
    return load_detector(name), weights_sha256(name)


def before_stage(*, run: Run, spec: CascadeSpec, stage_index: int, span: Span) -> Before:
    """Tell what the stage before let through within a stretch. Moving stretches are whole where they overlap it."""
    filters = list(spec.filters.items())
    dense = [index for index, (_, stage) in enumerate(filters[:stage_index]) if stage.is_dense]
    moving = interval_spans(run=run, stage=filters[dense[-1]][0], span=span) if dense else [EVER]
    nothing: IntArray = np.zeros(0, np.int64)
    if stage_index == 0:
        stage = filters[0][1]
        times = nothing if stage.is_dense else _grid(run.video, span, fps=getattr(stage, "fps", 1.0))
        return Before(moving, times, nothing, follows_dense=True)
    track = tracks.load(run=run, stage_index=stage_index - 1, span=span)
    if track is None:
        return Before(moving, nothing, nothing, follows_dense=False)
    passed = filters[stage_index - 1][1].pass_on(track, moving)
    if isinstance(track, Observations):
        return Before(moving, passed, np.setdiff1d(track.pts_us, passed), follows_dense=False)
    return Before(moving, passed, nothing, follows_dense=True)


def interval_spans(*, run: Run, stage: str, span: Span) -> list[Span]:
    """Return a stage's stretches that overlap a stretch, exact to the microsecond."""
    rows = Interval.objects.filter(run=run, stage=stage, start_s__lt=span.end_us / 1e6, end_s__gt=span.start_us / 1e6)
    return [Span(round(row.start_s * 1e6), round(row.end_s * 1e6)) for row in rows.order_by("start_s")]


@contextmanager
def open_footage(video: Video) -> Iterator[VideoFootage]:
    """Open a video for reading; it is fetched first if the storage is a bucket."""
    with VideoFootage(
        storage.local_path(video.file),
        start_us=video.start_us,
        keyframes_us=np.frombuffer(bytes(video.keyframes), "<i8"),
        rotation_deg=video.rotation_deg,
    ) as footage:
        yield footage


def _grid(video: Video, span: Span, *, fps: float) -> IntArray:
    end_us = min(span.end_us, round(video.duration_s * 1e6))
    first, last = int(np.ceil(span.start_us * fps / 1e6)), int(np.ceil(end_us * fps / 1e6))
    return np.round(np.arange(first, last) * 1e6 / fps).astype(np.int64)
