"""What samplers and the planning around them say to each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from activelearning.core.pool import Pool, Seeds
from curation.core.types import FloatArray

Need: TypeAlias = Literal["boxes", "box_vectors", "frame_vectors", "others", "tags", "seeds"]


@dataclass(frozen=True)
class Reason:
    """Why a frame is proposed: a sentence for people, and what it rests on. What does not apply is None or empty."""

    text: str
    scenario: str = ""
    seed: int | None = None
    """The seed's id."""
    similarity: float | None = None
    box: tuple[float, float, float, float] | None = None
    """The box in the frame that it is about, xyxy in pixels."""

    def to_dict(self) -> dict[str, Any]:
        said: dict[str, Any] = {"text": self.text}
        said |= {"scenario": self.scenario} if self.scenario else {}
        said |= {"seed": self.seed} if self.seed is not None else {}
        said |= {"similarity": round(self.similarity, 4)} if self.similarity is not None else {}
        return said | ({"box": [round(v, 2) for v in self.box]} if self.box is not None else {})


@dataclass(frozen=True)
class Proposal:
    """score (N,): how much a sampler wants each frame of the pool, 0 to 1; NaN for those that it does not want.

    why(row) gives the reason for a frame that it wants. notes say what a reader must know."""

    score: FloatArray
    why: Callable[[int], Reason]
    notes: tuple[str, ...] = ()
    limits: Mapping[int, int] = field(default_factory=dict)
    """Where a sampler wants at most so many of a group of frames: see `groups`."""
    groups: Any = None
    """(N,) group of each frame, or None."""


class Sampler(Protocol):
    """A way to find frames worth a label. Its fields are its parameters; `share` is its part of the budget."""

    kind: ClassVar[str]
    needs: ClassVar[frozenset[Need]]
    share: float

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        """Score the frames of a pool; an empty one gives an empty proposal. The same input and seed give the same."""
        ...
