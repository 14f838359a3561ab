"""What a tagger gets and gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol, TypeAlias

from curation.core.signals import PictureSignals
from curation.core.types import Box, Tag, TagValue

Needs: TypeAlias = Literal["picture", "motion", "boxes", "nothing"]
"""What a tagger goes by, besides size, time and camera: the picture's signals, the motion score or the boxes."""


@dataclass(frozen=True)
class Factor:
    """A condition that matters, and what kind of value it holds."""

    name: str
    kind: Literal["text", "number", "boolean", "text_list", "counts"]
    help: str
    values: tuple[str, ...] = ()
    """Of a categorical factor, in their order."""


@dataclass(frozen=True)
class FrameView:
    """All that is known of a frame before it is tagged.

    boxes is None where no detector looked, empty where one looked and saw nothing; detector is its name. motion_percent
    is None where no motion stage ran. `tags` holds what the camera says and what earlier taggers found."""

    signals: PictureSignals
    width_px: int
    height_px: int
    recorded_at: datetime | None
    motion_percent: float | None
    boxes: Sequence[Box] | None
    detector: str
    tags: Mapping[str, TagValue]


class Tagger(Protocol):
    """A frozen dataclass whose fields are its thresholds."""

    factors: ClassVar[tuple[Factor, ...]]
    needs: ClassVar[Needs]
    """Where that is not stored of a frame, it cannot be tagged anew without its picture, and keeps its tags."""

    def tag(self, view: FrameView) -> list[Tag]:
        """Return the factors this tagger can tell; none where it cannot."""
        ...


def bin_of(value: float, *, edges: Sequence[float], names: Sequence[str]) -> str:
    """Return the name of the bin that holds a value; an edge belongs to the bin above it.

    bin_of(45, edges=(12, 45), names=("pitch_dark", "dark", "dim")) -> "dim"."""
    return names[sum(value >= edge for edge in edges)]
