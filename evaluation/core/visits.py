"""Which frames are independent: groups that are drawn as a whole when a figure's uncertainty is worked out."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from curation.core.params import param
from curation.core.types import BoolArray, IntArray

GroupKind: TypeAlias = Literal["visit", "video", "camera", "frame"]


@dataclass(frozen=True)
class Grouping:
    """Neighbours in time are alike, so that they count as one piece of evidence."""

    kind: str = param("visit", help="visit (frames of a video without a longer gap), video, camera or frame.")
    gap_s: float = param(10.0, help="A longer gap between two frames ends a visit.", unit="s", minimum=0, maximum=1e6)

    def __post_init__(self) -> None:
        if self.kind not in ("visit", "video", "camera", "frame"):
            raise ValueError(f"kind is {self.kind!r}; it must be visit, video, camera or frame.")


def group_frames(
    grouping: Grouping, *, video: IntArray, camera: IntArray, pts_us: IntArray, is_picture: BoolArray
) -> tuple[IntArray, int]:
    """Number the groups of (N,) frames, from 0 in order of video and time; returns (N,) and how many there are.

    A picture that was imported alone is a visit, and a video, of its own."""
    count = len(video)
    if not count:
        return np.zeros(0, np.int64), 0
    alone = is_picture
    if grouping.kind == "camera":
        starts_at = _numbered(camera)
        return starts_at, int(starts_at.max()) + 1
    if grouping.kind == "frame":
        return np.arange(count), count
    order = np.lexsort((pts_us, video))
    new = np.ones(count, bool)
    new[1:] = (video[order][1:] != video[order][:-1]) | alone[order][1:] | alone[order][:-1]
    if grouping.kind == "visit":
        new[1:] |= np.diff(pts_us[order]) > grouping.gap_s * 1e6
    groups = np.empty(count, np.int64)
    groups[order] = np.cumsum(new) - 1
    return groups, int(groups.max()) + 1


def _numbered(values: IntArray) -> IntArray:
    _, numbers = np.unique(values, return_inverse=True)
    return numbers.astype(np.int64)
