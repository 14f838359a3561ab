"""What metrics see, and what they answer."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.boxes import Evidence
from evaluation.core.events import FootageEvidence

Weights: TypeAlias = NDArray[np.int32]
"""(R, G): how often each of R replicates counts each of G groups. One row of ones is the sample itself."""
AreaRange: TypeAlias = tuple[float, float]
"""Square pixels, both ends included, as COCO has it."""
Source: TypeAlias = Literal["boxes", "events"]


@dataclass(frozen=True)
class BoxPart:
    """A scenario's share of the evidence: images (I,) of it, labels (all if empty), and an area range.

    Truth outside `area_px2` is ignored, and so are detections outside it that match nothing: COCO's area rules."""

    evidence: Evidence
    images: BoolArray
    labels: tuple[str, ...] = ()
    area_px2: AreaRange = (0.0, 1e10)


@dataclass(frozen=True)
class EventPart:
    """A scenario's share of footage: `stretches`, (S,) of the evidence's stretches, and labels (all if empty)."""

    evidence: FootageEvidence
    stretches: BoolArray
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Support:
    """What a figure stands on. `images` are frames; over time they are looks."""

    images: int
    instances: int
    groups: int


class Metric(Protocol):
    """One figure. Its fields are its parameters."""

    kind: ClassVar[str]
    source: ClassVar[Source]
    unit: ClassVar[str]
    """"" for a share from 0 to 1, else "s", "1/h", "objects"."""
    is_higher_better: ClassVar[bool]

    @property
    def title(self) -> str:
        """Name the figure with its parameters: "recall at IoU 0.5, score 0.3"."""
        ...

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, one for each row of (R, G) weights; NaN where there is nothing to measure.

        G is the number of groups of the whole evidence; groups without a share in the part do not matter."""
        ...

    def support(self, part: BoxPart | EventPart) -> Support: ...


def groups_of(part: BoxPart | EventPart) -> IntArray:
    """Return the groups that a part has a share in, rising."""
    if isinstance(part, BoxPart):
        return np.unique(part.evidence.group[part.images])
    return np.unique(part.evidence.group[part.stretches])
