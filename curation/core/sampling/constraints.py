"""What holds of a drawn dataset whatever is asked for: the most from one place, the least time between, no likes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.errors import SpecError
from curation.core.params import param
from curation.core.ruling_out import Apart
from curation.core.sampling.numbering import numbered
from curation.core.types import BoolArray, IntArray

MICROSECONDS = 1_000_000
MOST = 2**30
"""A cap above this caps nothing."""


@dataclass(frozen=True)
class Constraints:
    """Limits on the whole draw. What is not given does not limit; imported pictures have no video, interval or gap."""

    max_per_video: int | None = param(None, help="At most so many frames of one video.", minimum=1)
    max_per_camera: int | None = param(None, help="At most so many frames of one camera.", minimum=1)
    max_per_interval: int | None = param(None, help="At most so many frames of one interval of a video.", minimum=1)
    interval_s: float = param(60.0, help="How long such an interval is.", unit="s", minimum=0.001, maximum=1e7)
    min_gap_s: float | None = param(
        None, help="Least time between two frames of a video.", unit="s", minimum=0, maximum=1e7
    )
    max_similarity: float | None = param(
        None, help="No two frames whose vectors are more alike (cosine similarity).", minimum=0, maximum=1
    )
    leave_out_duplicates: bool = param(False, help="Leave out frames that are marked as duplicates of another.")


@dataclass(frozen=True)
class Diversity:
    """Picks within each part are those that cover it best: k-center greedy on the frames' vectors."""

    embedder: str = param("", help="Whose vectors; none named is the embedder that most frames have one of.")
    candidates: int = param(
        100_000, help="Picks come from so many frames at most, drawn by chance from all parts.", minimum=1
    )


@dataclass(frozen=True)
class Whereabouts:
    """Where (N,) frames come from; video and camera are ids. A picture stands alone: its video is only a folder."""

    video: IntArray
    camera: IntArray
    pts_us: IntArray
    is_picture: BoolArray


@dataclass(frozen=True)
class Cap:
    """At most `most` frames of one group; groups, (N,), count from 0, -1 is no group."""

    name: str
    most: int
    groups: IntArray
    group_count: int


@dataclass(frozen=True)
class Rules:
    """The constraints on (N,) frames that do not need their vectors. Each cap's groups lie within those of the next."""

    caps: Sequence[Cap]
    apart: Apart | None
    """Which frames are too near in time, as stretches of the frames in order of time."""
    place: IntArray | None
    """(N,) where each frame stands in that order."""


def rules_of(constraints: Constraints, at: Whereabouts) -> Rules:
    """Group the frames as the constraints ask."""
    caps = []
    if constraints.max_per_interval is not None:
        stretch = at.pts_us // round(constraints.interval_s * MICROSECONDS)
        caps.append(_cap("max_per_interval", constraints.max_per_interval, [at.video, stretch], ~at.is_picture))
    if constraints.max_per_video is not None:
        caps.append(_cap("max_per_video", constraints.max_per_video, [at.video], ~at.is_picture))
    if constraints.max_per_camera is not None:
        caps.append(_cap("max_per_camera", constraints.max_per_camera, [at.camera], np.ones(len(at.video), bool)))
    if not constraints.min_gap_s:
        return Rules(caps, None, None)
    apart, place = _apart(round(constraints.min_gap_s * MICROSECONDS), at)
    return Rules(caps, apart, place)


def _cap(name: str, most: int, keys: Sequence[IntArray], is_meant: BoolArray) -> Cap:
    codes: IntArray = np.zeros(len(is_meant), np.int64)
    count = 1
    for key in keys:
        values, of_row = numbered(key)
        _, codes = numbered(codes * max(1, len(values)) + of_row)
        count = int(codes.max(initial=0)) + 1
    return Cap(name, min(most, MOST), np.where(is_meant, codes, -1), count)


def _apart(gap_us: int, at: Whereabouts) -> tuple[Apart, IntArray]:
    # Pictures of a folder stand on a line of their own, so that no stretch of a video's frames has one within.
    moment = _on_one_line(2 * at.video + at.is_picture, at.pts_us, gap_us)
    order = np.argsort(moment, kind="stable")
    moment = moment[order]
    here = np.arange(len(order))
    place = np.empty_like(here)
    place[order] = here
    alone = at.is_picture[order]
    start = np.where(alone, here, np.searchsorted(moment, moment - gap_us, side="right"))
    stop = np.where(alone, here + 1, np.searchsorted(moment, moment + gap_us, side="left"))
    return Apart(order, start[place], stop[place]), place


def _on_one_line(video: IntArray, pts_us: IntArray, gap_us: int) -> IntArray:
    """Put the times of all videos on one line, so far apart that no gap reaches from one to the next."""
    videos, number = numbered(video)
    first_us, last_us = int(pts_us.min(initial=0)), int(pts_us.max(initial=0))
    length_us = last_us - first_us + gap_us + 1
    if len(videos) * length_us >= 2**62:
        raise SpecError(
            f"min_gap_s: the frames' times reach from {first_us / 1e6:g} to {last_us / 1e6:g} s, too far to compare."
        )
    line: IntArray = number * length_us + pts_us - first_us
    return line
