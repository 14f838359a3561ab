"""What is true of each frame, taken from the world's own parameters, and the file that keeps it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from demo.render.cameras import CAMERAS
from demo.render.script import Script, Weather

Lighting = Literal["pitch_dark", "dark", "dim", "normal", "bright"]
Blurriness = Literal["sharp", "soft", "blurred"]
_LIGHTING: tuple[tuple[float, Lighting], ...] = ((12, "pitch_dark"), (45, "dark"), (90, "dim"), (185, "normal"))
FRAME_FIELDS = (
    "lighting", "level", "blurriness", "lens_px", "motion", "people", "weather", "glare", "reflections", "noise",
    "fallen",
)  # fmt: skip


def lighting_of(level: float) -> Lighting:
    """Name an exposure level 0..255: below 12, 45, 90, 185, or above."""
    return next((name for limit, name in _LIGHTING if level < limit), "bright")


def blurriness_of(lens_px: float) -> Blurriness:
    """Name a lens blur of sigma lens_px (at 640 px wide): sharp below 0.8, soft below 2.0."""
    return "sharp" if lens_px < 0.8 else "soft" if lens_px < 2.0 else "blurred"


@dataclass(frozen=True, kw_only=True)
class Box:
    """The visible part of a person or of a jacket: xyxy in pixels of the upright frame.

    visible_fraction is the share of the whole person (or jacket) that is neither hidden nor outside the picture."""

    track_id: int
    label: Literal["person", "jacket"]
    xyxy: tuple[float, float, float, float]
    visible_fraction: float


@dataclass(frozen=True, kw_only=True)
class FrameTruth:
    """What is true of one frame. motion is that of people: a part of one moved by more than half a pixel."""

    index: int
    time_s: float
    lighting: Lighting
    level: float
    blurriness: Blurriness
    lens_px: float
    motion: bool
    people: int
    weather: Weather
    glare: bool
    reflections: bool
    noise: float
    fallen: bool
    """Whether somebody lies on the ground."""
    boxes: tuple[Box, ...]


def presence_intervals(
    people: Sequence[int], *, fps: int, ticks: Sequence[int] | None = None
) -> list[tuple[float, float]]:
    """Find the stretches [start_s, end_s) in which anybody is in the picture. Empty input gives none.

    Frame i is at ticks[i] / fps seconds, or at i / fps; a stretch ends where the next tick has no frame."""
    intervals: list[tuple[float, float]] = []
    start: int | None = None
    last = -1
    for tick, count in zip(ticks if ticks is not None else range(len(people)), people, strict=True):
        if start is not None and (not count or tick > last + 1):
            intervals.append((start / fps, (last + 1) / fps))
            start = None
        if count and start is None:
            start = tick
        last = tick
    if start is not None:
        intervals.append((start / fps, (last + 1) / fps))
    return intervals


def write_truth(
    path: Path, *, video: Path, script: Script, seed: int, version: int, frames: Sequence[FrameTruth]
) -> None:
    """Write a video's truth as JSON: facts, presence intervals, and one list a field over all frames."""
    camera = CAMERAS[script.camera]
    document: dict[str, Any] = {
        "video": video.name,
        "camera": camera.name,
        "fps": script.fps,
        "width_px": script.width_px,
        "height_px": script.height_px,
        "seed": seed,
        "version": version,
        "recorded_at": script.recorded_at.isoformat(),
        "attributes": {"location": camera.location, "angle": camera.angle, "indoor": camera.indoor},
        "intervals": presence_intervals([frame.people for frame in frames], fps=script.fps, ticks=script.ticks),
        "times_s": [frame.time_s for frame in frames],
        "frames": {name: [getattr(frame, name) for frame in frames] for name in FRAME_FIELDS},
        "box_fields": ["track_id", "label", "x1", "y1", "x2", "y2", "visible_fraction"],
        "boxes": [[[b.track_id, b.label, *b.xyxy, b.visible_fraction] for b in frame.boxes] for frame in frames],
    }
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
