"""A cascade run in memory: what the service does with workers and tables, by the same stages in the same order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.probe import Probe
from curation.backends.embed import crop_boxes, load_embedder
from curation.core import chunks, keep, track_format
from curation.core.stages import Before, Look
from curation.core.stages.contract import EVER, Stage
from curation.core.types import Detector, IntArray, Observations, Span, Track

_NOTHING: IntArray = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Ran:
    """looks: frames that each stage looked at itself. events: the last stage's stretches."""

    events: list[Span]
    looks: list[int] = field(default_factory=list)
    kept: int = 0


def run_cascade(
    path: Path, facts: Probe, stages: Sequence[Stage], *, load_detector: Callable[[str], Detector], embedder: str
) -> Ran:
    """Run filter stages, the first of which is dense, over a video; then code and embed the frames worth keeping."""
    end_us = round(facts.duration_s * 1e6)
    moving: list[Span] = [EVER]
    track: Track | None = None
    events: list[Span] = []
    looks = []
    for index, stage in enumerate(stages):
        before = _before(stages[index - 1] if index else None, track, moving)
        length_us = round(stage.cut_s * 1e6) if stage.cut_s else end_us
        parts = []
        for span in chunks.cut_evenly(end_us, length_us=length_us):
            with _opened(path, facts) as footage:
                parts.append(stage.look(Look(footage, span, before, load_detector)))
        track = track_format.join(parts)
        looks.append(int(np.count_nonzero(track.asked)) if isinstance(track, Observations) else len(track.pts_us))
        events = stage.settle(track, before, end_us=end_us)
        if stage.is_dense:
            moving = events
    assert isinstance(track, Observations)
    chosen = keep.choose(stages[-1].keepers(track, events), keep.with_peaks(events, track), keep.Keep())
    _keep(path, facts, sorted(chosen), track, embedder=embedder)
    return Ran(events, looks, len(chosen))


def _before(stage: Stage | None, track: Track | None, moving: list[Span]) -> Before:
    """What the stage before lets through, over the whole video: a chunk takes its part of it."""
    if stage is None or track is None:
        return Before(moving, _NOTHING, _NOTHING, follows_dense=True)
    passed = stage.pass_on(track, moving)
    if isinstance(track, Observations):
        return Before(moving, passed, np.setdiff1d(track.pts_us, passed), follows_dense=False)
    return Before(moving, passed, _NOTHING, follows_dense=True)


def _keep(path: Path, facts: Probe, times_us: list[int], track: Observations, *, embedder: str) -> None:
    boxes = dict(zip(track.pts_us.tolist(), track.boxes, strict=True))
    embed = load_embedder(embedder)
    with _opened(path, facts) as footage:
        for pts_us in times_us:
            picture = footage.at(pts_us)
            if picture is not None:
                rgb = picture.rgb()
                cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])
                embed.embed_pictures([rgb, *crop_boxes(rgb, boxes.get(pts_us, []))])


def _opened(path: Path, facts: Probe) -> VideoFootage:
    return VideoFootage(path, start_us=facts.start_us, keyframes_us=facts.keyframes_us, rotation_deg=facts.rotation_deg)
