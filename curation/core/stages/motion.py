"""Motion: what no recent moment of the same scene looked like.

A pixel is moving when it differs from the scene as it was 0.3, 0.6, 1.2 and 2.4 s ago, all of them, and has done so for
three analysed frames, one near the other: people do that, rain, snow and sensor noise do not. Unlike an averaged
background, this memory is finite: a worker that starts in mid-video knows all there is to know after reading a few
seconds before its cut, a thing that stops melts away at once, and one that leaves casts no ghost for longer than
`nearest_s`. What stands still is for a later stage to hold.
Source: sample consensus as in Barnich and Van Droogenbroeck, "ViBe", IEEE TIP 2011, with samples at set ages instead of
random ones, so that the result is the same for any cut.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import ClassVar

import cv2
import numpy as np
from cv2.typing import MatLike

from curation.core import smoothing, spans
from curation.core.params import param
from curation.core.signals import MEASURE_WIDTH_PX, halve, measure, shrink
from curation.core.spans import inside
from curation.core.stages.contract import Before, Look
from curation.core.types import Image, IntArray, Signals, Span, Track

_NEAR = np.ones((3, 3), np.uint8)
_LEVELS = np.arange(256)
_MEASURE_US = 100_000
NAMES = ("score", "brightness", "contrast", "blur")


@dataclass(frozen=True)
class Motion:
    """Keeps the stretches in which something moves; needs no weights. Its score is the moving share in percent."""

    kind: ClassVar[str] = "motion"
    is_dense: ClassVar[bool] = True

    fps: float = param(10.0, help="Frames analysed each second.", unit="1/s", minimum=0.1, maximum=240)
    contrast: float = param(5.0, help="Least change of luma that counts.", unit="grey levels", minimum=1, maximum=255)
    noise_factor: float = param(4.5, help="Least change that counts, in multiples of the sensor noise.", minimum=0)
    start_percent: float = param(0.2, help="Moving area that starts a stretch.", unit="%", minimum=0, maximum=100)
    stop_percent: float = param(0.06, help="Moving area below which it stops.", unit="%", minimum=0, maximum=100)
    blob_percent: float = param(0.03, help="Smaller spots do not count.", unit="%", minimum=0, maximum=100)
    light_percent: float = param(
        10.0, help="A change this large that leaves the edges in place is light.", unit="%", minimum=0
    )
    nearest_s: float = param(0.3, help="Age of the youngest look to compare with.", unit="s", minimum=0.05, maximum=5)
    looks: int = param(4, help="Looks to compare with, each twice as old as the one before.", minimum=1, maximum=8)
    window_s: float = param(0.4, help="Scores are medians over this window.", unit="s", minimum=0, maximum=60)
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
        """Read every frame of the chunk, and enough before it to know the scene.

        Brightness, contrast and blur are measured ten times a second at most; frames between repeat them."""
        span = look.span
        # Twice the memory: what was remembered at the cut may itself hang on a light change within its own memory.
        warm_up_us = round(2e6 * (self.nearest_s * 2 ** (self.looks - 1) + 4 / self.fps))
        scene = _Scene(self)
        times: list[int] = []
        rows: list[tuple[float, ...]] = []
        last_tick = last_tenth = -1
        for picture in look.footage.frames(span, warm_up_us=warm_up_us):
            tick = int(picture.pts_us * self.fps // 1_000_000)
            if tick == last_tick:
                continue
            last_tick = tick
            # The first halving reads the whole picture: it costs as much as all the rest, so it is done once for both.
            luma = halve(picture.luma(), width_px=max(self.width_px, MEASURE_WIDTH_PX))
            moving = scene.moving_percent(picture.pts_us, shrink(luma, width_px=self.width_px))
            # Also of a frame just before the chunk, if it is what the chunk's first frames repeat.
            tenth = picture.pts_us // _MEASURE_US
            if tenth != last_tenth and tenth >= span.start_us // _MEASURE_US:
                seen, last_tenth = measure(luma, is_full_range=picture.is_full_range), tenth
            if span.holds(picture.pts_us):
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
        seen = smoothing.stretches(track.pts_us, on, end_us=end_us)
        # What has just gone differs from the youngest look for as long as that is old.
        ghost_us = round(self.nearest_s * 1e6)
        moving = [Span(s.start_us, max(s.start_us + 1, s.end_us - ghost_us)) for s in seen]
        merged = spans.merge(moving, gap_us=round(self.gap_s * 1e6))
        return spans.drop_short(merged, shortest_us=round(self.shortest_s * 1e6))

    def pass_on(self, track: Track, spans: Sequence[Span]) -> IntArray:
        """Return all analysed times: a later stage may have to look where nothing moves, to hold what stands still."""
        return track.pts_us

    def keepers(self, track: Track, spans: Sequence[Span]) -> IntArray:
        """Return the analysed times in the stretches."""
        return track.pts_us[inside(spans, track.pts_us)]


class _Scene:
    """The last looks of a scene, and what differs from all of them."""

    def __init__(self, params: Motion) -> None:
        self.params = params
        self.ages_us = [round(params.nearest_s * 1e6 * 2**n) for n in range(params.looks)]
        # A look may be older than the oldest age by the time between two looks.
        self.memory_us = self.ages_us[-1] + round(1e6 * max(1.0, 2 / params.fps))
        self.looks: deque[tuple[int, Image]] = deque()
        self.masks: deque[Image] = deque(maxlen=3)
        self.last: Image | None = None

    def moving_percent(self, pts_us: int, small: Image) -> float:
        soft = np.asarray(cv2.blur(small, (3, 3)), np.uint8)
        if self.last is None or self.last.shape != soft.shape:
            self.looks.clear()
            self.masks.clear()
            self.last = soft
        # Two frames' mean has a third less noise than either, and a walker's edge is still in place.
        look = np.asarray(cv2.addWeighted(soft, 0.5, self.last, 0.5, 0), np.uint8)
        self.last = soft
        while self.looks and self.looks[0][0] < pts_us - self.memory_us:
            self.looks.popleft()
        known = self._of_age(pts_us)
        self.looks.append((pts_us, look))
        return self._compare(look, known) if known else 0.0

    def _of_age(self, pts_us: int) -> list[Image]:
        """The looks nearest to the set ages, youngest first; fewer where the video has just begun."""
        found = []
        for age_us in self.ages_us:
            count = bisect_right(self.looks, pts_us - age_us, key=itemgetter(0))
            if count == 0:
                break
            found.append(self.looks[count - 1][1])
        return found

    def _compare(self, look: Image, known: list[Image]) -> float:
        change = cv2.absdiff(look, known[0])
        mask = _above(change, self.params.contrast)
        # Where nothing differs even from the youngest look, as in most frames, the rest need not be asked.
        if moving := cv2.countNonZero(mask) > 0:
            # Mean and median over the whole picture are noise, as long as less than half of it moves.
            mean, median = _mean_and_median(np.asarray(change, np.uint8)[::4, ::4])
            noise = min(1.25 * mean, 1.48 * median)
            for older in known[1:]:
                change = cv2.min(change, cv2.absdiff(look, older))
            mask = _above(change, max(self.params.contrast, self.params.noise_factor * noise))
        self.masks.append(mask)
        if len(self.masks) < 3 or not moving:
            return 0.0
        for earlier in list(self.masks)[:-1]:
            mask = np.asarray(cv2.bitwise_and(mask, cv2.dilate(earlier, _NEAR)), np.uint8)
        percent = 100.0 * cv2.countNonZero(mask) / mask.size
        if percent == 0.0:
            return 0.0
        if percent >= self.params.light_percent and _same_edges(look, known[0], within=mask):
            self.looks.clear()
            self.masks.clear()
            return 0.0
        return self._large_spots(mask)

    def _large_spots(self, mask: Image) -> float:
        joined = cv2.dilate(mask, _NEAR)
        _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        areas = stats[1:, cv2.CC_STAT_AREA] * (100.0 / mask.size)
        return float(areas[areas >= self.params.blob_percent].sum())


def _above(change: MatLike, limit: float) -> Image:
    return np.asarray(cv2.threshold(change, limit, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _mean_and_median(picture: Image) -> tuple[float, float]:
    """The same numbers as numpy's, from one count of the grey levels, which is several times faster."""
    counts = np.bincount(picture.ravel(), minlength=256)
    below = counts.cumsum()
    middle = np.searchsorted(below, [(picture.size - 1) // 2, picture.size // 2], side="right")
    return float(counts @ _LEVELS) / picture.size, float(middle.sum()) / 2


def _same_edges(left: Image, right: Image, *, within: Image) -> bool:
    """Tell whether two pictures show the same edges in a masked area, however bright: their gradients correlate."""
    inside = within > 0
    edges = [
        np.concatenate([cv2.Sobel(picture, cv2.CV_32F, 1, 0)[inside], cv2.Sobel(picture, cv2.CV_32F, 0, 1)[inside]])
        for picture in (left, right)
    ]
    norm = float(np.sqrt((edges[0] ** 2).sum() * (edges[1] ** 2).sum()))
    return norm > 0 and float((edges[0] * edges[1]).sum()) / norm > 0.5
