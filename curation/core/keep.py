"""Which frames of the stretches that matter are worth a picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.params import param
from curation.core.types import IntArray, Interval, Signals, Span, Track


@dataclass(frozen=True)
class Keep:
    """Frames kept of each stretch: a set rate, and the one at its peak."""

    fps: float = param(1.0, help="Frames kept each second of a stretch.", unit="1/s", minimum=0.001, maximum=60)
    peak: bool = param(True, help="Keep the frame with the highest score of each stretch too.")
    jpeg_quality: int = param(90, help="Quality of the stored pictures.", minimum=10, maximum=100)


def choose(keepers_us: IntArray, intervals: Sequence[Interval], keep: Keep) -> dict[int, str]:
    """Choose times out of `keepers_us` (rising): pts -> "rate" or "peak".

    Two frames of one stretch are at least one period apart, the peak's aside."""
    chosen: dict[int, str] = {}
    period = round(1e6 / keep.fps)
    for interval in intervals:
        inside = keepers_us[(keepers_us >= round(interval.start_s * 1e6)) & (keepers_us < round(interval.end_s * 1e6))]
        due = -1
        for pts in inside:
            if pts >= due:
                chosen[int(pts)] = "rate"
                due = int(pts) + period
        peak = round(interval.peak_s * 1e6)
        if keep.peak and peak in inside:
            chosen[peak] = "peak"
    return chosen


def with_peaks(stretches: Sequence[Span], track: Track) -> list[Interval]:
    """Give each stretch its highest score, and the first moment of it."""
    scores = track.score if isinstance(track, Signals) else track.scores
    found = []
    for span in stretches:
        first, last = np.searchsorted(track.pts_us, [span.start_us, span.end_us])
        inside = scores[first:last]
        best = int(np.argmax(inside)) if len(inside) else -1
        peak_us = int(track.pts_us[first + best]) if best >= 0 else span.start_us
        found.append(
            Interval(
                start_s=span.start_us / 1e6,
                end_s=span.end_us / 1e6,
                peak_s=peak_us / 1e6,
                peak_score=float(inside[best]) if best >= 0 else 0.0,
            )
        )
    return found
