"""What a video shows: conditions that change at set times, and people who walk through."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from demo.render.people import Walk

Weather = Literal["clear", "rain", "snow"]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """The world from `at_s` on, until the next condition.

    level is the exposure as the mean luma of the empty picture, 0..255; with drift_s > 0 it is reached in that time.
    lens_px is the sigma of the lens blur and noise that of the sensor, both for a picture of 640 px."""

    at_s: float
    state: str
    level: float
    drift_s: float = 0.0
    weather: Weather = "clear"
    wet: bool = False
    lens_px: float = 0.0
    glare: float = 0.0
    noise: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Script:
    """A video: its camera, when it was recorded, how long it is, what happens in it.

    `recorded_s` are the stretches [start_s, end_s) that the camera records; all of it if there are none."""

    camera: str
    recorded_at: datetime
    duration_s: float
    conditions: tuple[Condition, ...]
    walks: tuple[Walk, ...]
    width_px: int = 640
    height_px: int = 360
    fps: int = 10
    recorded_s: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not self.conditions or self.conditions[0].at_s != 0:
            raise ValueError(f"conditions[0].at_s must be 0: {self.conditions[:1]!r}")
        if any(a.at_s >= b.at_s for a, b in zip(self.conditions, self.conditions[1:], strict=False)):
            raise ValueError("conditions must be in order of at_s")

    @property
    def name(self) -> str:
        """Name of the video's file without its ending: the time at which it was recorded."""
        return self.recorded_at.strftime("%Y%m%dT%H%M%S")

    @property
    def ticks(self) -> range | tuple[int, ...]:
        """Times of the frames, in 1 / fps seconds, rising."""
        if not self.recorded_s:
            return range(round(self.duration_s * self.fps))
        return tuple(
            tick for start, end in self.recorded_s for tick in range(round(start * self.fps), round(end * self.fps))
        )

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        return len(self.ticks)

    def condition(self, time_s: float) -> tuple[Condition, float]:
        """Give the condition at a moment and the exposure level then."""
        index = int(np.searchsorted([c.at_s for c in self.conditions], time_s + 1e-6, side="right")) - 1
        now = self.conditions[index]
        if now.drift_s <= 0 or index == 0:
            return now, now.level
        before = self.condition(now.at_s - 2e-6)[1]
        share = min((time_s - now.at_s) / now.drift_s, 1.0)
        return now, before + (now.level - before) * share
