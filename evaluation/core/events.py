"""Truth and looks over time: what happened in stretches of footage, and when a model saw it."""

from dataclasses import dataclass

from curation.core.types import FloatArray, IntArray


@dataclass(frozen=True)
class Stretch:
    """A stretch `[start_us, end_us)` of one camera's video that was looked through for one label.

    `events` are the stretches in which it is there; `pts_us` (L,), rising, are the model's looks, and `scores` (L,) the
    best box's score at each, 0 where it saw none."""

    video_id: int
    camera: str
    label: str
    start_us: int
    end_us: int
    events: tuple[tuple[int, int], ...]
    pts_us: IntArray
    scores: FloatArray


@dataclass(frozen=True)
class FootageEvidence:
    """(S,) stretches of all cameras, cut so that no event lies in two, and the independent group of each."""

    stretches: tuple[Stretch, ...]
    group: IntArray
    """(S,)"""
    group_count: int
    least_score: float = 0.0
    """The model's boxes below this score were not kept, so no figure can go by a lower one."""
