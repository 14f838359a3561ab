"""The words that the parts of a cascade speak to each other with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32] | NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
Image: TypeAlias = NDArray[np.uint8]
"""(H, W) luma or (H, W, 3) RGB."""

TagValue: TypeAlias = str | bool | int | float | list[str] | dict[str, int]


@dataclass(frozen=True)
class Span:
    """A stretch `[start_us, end_us)` in microseconds from the start of a video."""

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.end_us < self.start_us:
            raise ValueError(f"Span: end_us {self.end_us} is before start_us {self.start_us}.")

    def holds(self, pts_us: int) -> bool:
        return self.start_us <= pts_us < self.end_us


@dataclass(frozen=True)
class Interval:
    """A stretch `[start_s, end_s)` that a stage found interesting; the peak is its highest score, and when that was."""

    start_s: float
    end_s: float
    peak_s: float
    peak_score: float


@dataclass(frozen=True)
class Box:
    """A detected object: `xyxy` in pixels of the upright frame, score 0..1."""

    label: str
    score: float
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def area_px2(self) -> float:
        return max(0.0, self.x2 - self.x1) * max(0.0, self.y2 - self.y1)


class Picture(Protocol):
    """A decoded frame. Colour is converted only when asked for."""

    @property
    def pts_us(self) -> int: ...

    @property
    def is_full_range(self) -> bool:
        """Whether luma runs from 0 to 255, not from 16 to 235 as most cameras code it."""
        ...

    def luma(self) -> Image:
        """(H, W) uint8 as it was coded: not turned upright. A view where the pixel format allows it."""
        ...

    def rgb(self) -> Image:
        """(H, W, 3) uint8, upright."""
        ...


class Footage(Protocol):
    """A video that can be read forward. Times are microseconds from its start."""

    @property
    def keyframes_us(self) -> IntArray: ...

    def frames(self, span: Span, *, warm_up_us: int = 0) -> Iterator[Picture]:
        """Yield every frame that decodes whose pts lies in the span or at most `warm_up_us` before it, in order."""
        ...

    def at(self, pts_us: int) -> Picture | None:
        """Return the first frame at or after a time, None past the end. Times must not go backwards."""
        ...


class Detector(Protocol):
    """Finds objects in pictures."""

    @property
    def labels(self) -> Sequence[str]: ...

    def detect(self, pictures: Sequence[Image], *, min_score: float) -> list[list[Box]]:
        """Find objects in (H, W, 3) RGB pictures of any size; one list for each picture, best score first."""
        ...


class Embedder(Protocol):
    """Turns pictures into vectors whose cosine similarity means likeness."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str:
        """SHA-256 of the weights, or the version of the code where there are none."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def centred(self) -> bool:
        """Whether the collection's mean must be subtracted before two vectors are compared."""
        ...

    def embed_pictures(self, pictures: Sequence[Image]) -> NDArray[np.float32]:
        """Return (N, dimension) unit vectors of (H, W, 3) RGB pictures of any size. N may be 0."""
        ...


class TextEmbedder(Embedder, Protocol):
    """An embedder that puts text into the same space as pictures."""

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (N, dimension) unit vectors."""
        ...


@dataclass(frozen=True)
class Signals:
    """What a dense stage wrote: one value a signal for each analysed frame. `score` decides the stage's intervals."""

    pts_us: IntArray
    values: Mapping[str, NDArray[np.float32]]

    @property
    def score(self) -> NDArray[np.float32]:
        return self.values["score"]


@dataclass(frozen=True)
class Observations:
    """What a sparse stage saw, at the times at which it looked.

    `scores` is the best score at each look, whatever its size; `boxes` holds the boxes of each look.
    `asked` is False where the stage took an earlier stage's word that nothing is there and did not look itself.
    """

    pts_us: IntArray
    scores: NDArray[np.float32]
    boxes: Sequence[Sequence[Box]]
    asked: NDArray[np.bool_]


Track: TypeAlias = Signals | Observations


@dataclass(frozen=True)
class Tag:
    """A frame's value for a factor, and where it came from."""

    factor: str
    value: TagValue
    source: str
    """tagger | rule | model | camera | human"""
    by: str
    confidence: float = 1.0
    detail: Mapping[str, object] = field(default_factory=dict)
