"""Motion: what no recent moment of the same scene looked like.

A pixel is moving when it differs from every sample of the last few seconds. Unlike an averaged background, that memory is
finite: a worker that starts in mid-video is exact after reading `memory_s` of footage before its cut, a thing that stops
melts away within `spacing_s`, and one that leaves casts no ghost for longer than that. What stands still is for a later
stage to hold.
Source: sample consensus as in Barnich and Van Droogenbroeck, "ViBe", IEEE TIP 2011, with samples taken at set times
instead of at random, so that the result is the same for any cut.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from curation.core import smoothing, spans
from curation.core.params import param
from curation.core.signals import measure, shrink
from curation.core.stages.contract import Before, Look
from curation.core.types import Image, IntArray, Signals, Span, Track

NAMES = ("score", "brightness", "contrast", "blur")


@dataclass(frozen=True)
class Motion:
    """Keeps the stretches in which something moves; needs no weights. Its score is the moving percent of the picture."""

    kind: ClassVar[str] = "motion"
    is_dense: ClassVar[bool] = True

    fps: float = param(10.0, help="Frames analysed each second.", unit="1/s", minimum=0.1, maximum=240)
    contrast: float = param(14.0, help="Least change of luma that counts.", unit="grey levels", minimum=1, maximum=255)
    noise_factor: float = param(5.0, help="Least change that counts, in multiples of the sensor noise.", minimum=0)
    start_percent: float = param(0.25, help="Moving area that starts a stretch.", unit="%", minimum=0, maximum=100)
    stop_percent: float = param(0.08, help="Moving area below which it stops.", unit="%", minimum=0, maximum=100)
    blob_percent: float = param(0.05, help="Smaller spots (rain, snow, leaves) do not count.", unit="%", minimum=0)
    light_percent: float = param(
        30.0,
        help="A change of this much area that leaves all edges in place is light, not motion.",
        unit="%",
        minimum=0,
    )
    memory_s: float = param(4.0, help="How long a look of the scene is remembered.", unit="s", minimum=1, maximum=30)
    spacing_s: float = param(0.5, help="Time between remembered looks.", unit="s", minimum=0.1, maximum=5)
    window_s: float = param(0.4, help="Scores are medians over this window.", unit="s", minimum=0)
    shortest_s: float = param(0.4, help="Shorter stretches are dropped.", unit="s", minimum=0)
    gap_s: float = param(2.0, help="Stretches this close are one.", unit="s", minimum=0)
    width_px: int = param(320, help="Width at which motion is looked for.", unit="px", minimum=64, maximum=1920)

    def __post_init__(self) -> None:
        if self.stop_percent > self.start_percent:
            raise ValueError(f"stop_percent {self.stop_percent} is above start_percent {self.start_percent}.")

    @property
    def cut_s(self) -> None:
        return None

    def look(self, look: Look) -> Signals:
        """Read every frame of the chunk, and enough before it to know the scene."""
        span = look.span
        # Twice the memory: what was remembered at the cut may itself hang on a light change within its own memory.
        warm = Span(max(0, span.start_us - round(2e6 * (self.memory_s + self.spacing_s))), span.end_us)
        scene = _Scene(self)
        times: list[int] = []
        rows: list[tuple[float, ...]] = []
        last_tick = -1
        for picture in look.footage.frames(warm):
            tick = int(picture.pts_us * self.fps // 1_000_000)
            if tick == last_tick:
                continue
            last_tick = tick
            luma = picture.luma()
            moving = scene.moving_percent(picture.pts_us, shrink(luma, width_px=self.width_px))
            if span.holds(picture.pts_us):
                seen = measure(luma)
                times.append(picture.pts_us)
                rows.append((moving, seen.brightness, seen.contrast, seen.blur))
                look.report(picture.pts_us)
        columns = np.array(rows, np.float32).reshape(-1, len(NAMES)).T
        return Signals(np.array(times, np.int64), dict(zip(NAMES, columns, strict=True)))

    def settle(self, track: Track, before: Before, *, end_us: int) -> list[Span]:
        """Smooth the scores into stretches of motion."""
        assert isinstance(track, Signals)
        scores = smoothing.median(track.pts_us, track.score, window_us=round(self.window_s * 1e6))
        on = smoothing.hysteresis(scores, start=self.start_percent, stop=self.stop_percent)
        moving = smoothing.stretches(track.pts_us, on, end_us=end_us)
        merged = spans.merge(moving, gap_us=round(self.gap_s * 1e6))
        return spans.drop_short(merged, shortest_us=round(self.shortest_s * 1e6))

    def pass_on(self, track: Track, spans: Sequence[Span]) -> IntArray:
        """Return all analysed times: a later stage may have to look where nothing moves, to hold what stands still."""
        return track.pts_us

    def keepers(self, track: Track, spans: Sequence[Span]) -> IntArray:
        """Return the analysed times in the stretches."""
        pts = track.pts_us
        inside = np.zeros(len(pts), np.bool_)
        for span in spans:
            inside[np.searchsorted(pts, span.start_us) : np.searchsorted(pts, span.end_us)] = True
        return pts[inside]


class _Scene:
    """The last looks of a scene, and what differs from all of them."""

    def __init__(self, params: Motion) -> None:
        self.params = params
        self.looks: deque[tuple[int, Image]] = deque()
        self.slot = -1

    def moving_percent(self, pts_us: int, small: Image) -> float:
        grey = np.asarray(cv2.blur(small, (3, 3)), np.uint8)
        oldest, newest = pts_us - round(self.params.memory_s * 1e6), pts_us - round(self.params.spacing_s * 1e6)
        while self.looks and self.looks[0][0] < oldest:
            self.looks.popleft()
        known = [look for taken_us, look in self.looks if taken_us <= newest and look.shape == grey.shape]
        moving = self._compare(grey, known) if known else 0.0
        slot = int(pts_us // (self.params.spacing_s * 1e6))
        if slot != self.slot:
            self.slot = slot
            self.looks.append((pts_us, grey))
        return moving

    def _compare(self, grey: Image, known: list[Image]) -> float:
        latest = cv2.absdiff(grey, known[-1])
        change = latest
        for look in known[:-1]:
            change = cv2.min(change, cv2.absdiff(grey, look))
        # The median over the whole picture is noise as long as less than half of it moves.
        noise = 1.48 * float(np.median(latest[::4, ::4]))
        limit = max(self.params.contrast, min(self.params.noise_factor * noise, 4 * self.params.contrast))
        _, mask = cv2.threshold(change, limit, 255, cv2.THRESH_BINARY)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        percent = 100.0 * cv2.countNonZero(mask) / mask.size
        if percent < self.params.stop_percent:
            return percent
        if percent >= self.params.light_percent and _same_edges(grey, known[-1]):
            self.looks.clear()
            return 0.0
        mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        areas = stats[1:, cv2.CC_STAT_AREA] * (100.0 / mask.size)
        return float(areas[areas >= self.params.blob_percent].sum())


def _same_edges(left: Image, right: Image) -> bool:
    """Tell whether two pictures show the same edges, however bright: their gradients correlate."""
    if min(left.shape[:2]) < 3:
        return False
    edges = [np.stack([cv2.Sobel(p, cv2.CV_32F, 1, 0), cv2.Sobel(p, cv2.CV_32F, 0, 1)]) for p in (left, right)]
    norm = float(np.sqrt((edges[0] ** 2).sum() * (edges[1] ** 2).sum()))
    return norm > 0 and float((edges[0] * edges[1]).sum()) / norm > 0.5
