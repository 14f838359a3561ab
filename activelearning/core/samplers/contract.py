"""What samplers and the planning around them say to each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

import numpy as np

from activelearning.core.pool import Pool, Seeds
from curation.core.types import FloatArray, IntArray

Need: TypeAlias = Literal["boxes", "box_vectors", "frame_vectors", "others", "tags", "seeds", "examples"]


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
class Part:
    """Frames that a sampler wants for one purpose, and how much of its picks they should be, beside its other parts.

    rows (K,) are rows of the pool, the most wanted first, each once. A row may be in several parts."""

    rows: IntArray
    share: float = 1.0
    name: str = ""
    """What it is for: a scenario, or a value of a factor."""


@dataclass(frozen=True)
class Proposal:
    """What a sampler wants. What one part cannot give, the others do.

    score (N,): how much each frame of the pool is wanted, 0 to 1; NaN for those that are not."""

    score: FloatArray
    parts: tuple[Part, ...]
    why: Callable[[int, int], Reason]
    """Gives the reason for a row that is in a part, by the row and the number of the part."""
    notes: tuple[str, ...] = ()
    """What a reader must know, one sentence each."""


class Sampler(Protocol):
    """A way to find frames worth a label. Its fields are its parameters; `share` is its part of the budget."""

    kind: ClassVar[str]
    needs: ClassVar[frozenset[Need]]

    @property
    def share(self) -> float: ...

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        """Say which frames of the pool are wanted; an empty pool, or nothing to go by, gives an empty proposal.

        The same pool, seeds and seed give the same."""
        ...


def nothing(pool: Pool, *notes: str) -> Proposal:
    """Want no frame of the pool, and say why."""

    def never(row: int, part: int) -> Reason:
        raise LookupError(f"row {row} was not proposed.")

    return Proposal(np.full(len(pool), np.nan), (), never, notes)
