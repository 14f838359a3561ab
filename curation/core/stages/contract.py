"""What a filter stage gets and gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from curation.core.types import Detector, Footage, IntArray, Span, Track

EVER = Span(0, 1 << 62)
"""What counts as moving where no dense stage looked: all of the time."""


@dataclass(frozen=True)
class Before:
    """What the stage before let through.

    moving: the stretches of the last dense stage, or only EVER if there was none. pts_us: the times that a stage may
    look at. follows_dense: whether they lie outside `moving` too, to hold what stands still; after another sparse stage
    there is nothing more to see than what that one passed on, and dropped holds the times that it looked at in vain.
    """

    moving: Sequence[Span]
    pts_us: IntArray
    dropped: IntArray
    follows_dense: bool


@dataclass(frozen=True)
class Look:
    """One chunk of work: the footage, the stretch of it that is this chunk's, and what came before."""

    footage: Footage
    span: Span
    before: Before
    load_detector: Callable[[str], Detector]
    report: Callable[[int], None] = lambda _: None


class Stage(Protocol):
    """A filter. `look` is done by workers, chunk by chunk; the rest is done once, over the whole video."""

    kind: ClassVar[str]
    is_dense: ClassVar[bool]

    @property
    def cut_s(self) -> float | None:
        """Length of this stage's chunks; None leaves it to the installation and to the video's keyframes."""
        ...

    def look(self, look: Look) -> Track:
        """Write down what there is in a stretch."""
        ...

    def settle(self, track: Track, before: Before, *, end_us: int) -> list[Span]:
        """Turn what was written down over the whole video into steady stretches."""
        ...

    def pass_on(self, track: Track, spans: Sequence[Span]) -> IntArray:
        """Return the times, out of those looked at, that the next stage may look at."""
        ...

    def keepers(self, track: Track, spans: Sequence[Span]) -> IntArray:
        """Return the times worth keeping a frame of, if this is the last stage."""
        ...
