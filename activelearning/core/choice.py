"""What a strategy chose, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from activelearning.core.samplers import Reason

Arm: TypeAlias = Literal["strategy", "control"]


@dataclass(frozen=True)
class Told:
    """What one sampler says of a frame; score is what it gave it, 0 to 1."""

    sampler: str
    score: float
    reason: Reason

    def to_dict(self) -> dict[str, Any]:
        return {"sampler": self.sampler, "score": round(self.score, 4), **self.reason.to_dict()}


@dataclass(frozen=True)
class Pick:
    """A frame that was chosen. The sampler that it was chosen for speaks first, then others that want it as well."""

    row: int
    frame_id: int
    arm: Arm
    reasons: tuple[Told, ...]

    @property
    def sampler(self) -> str:
        return self.reasons[0].sampler

    @property
    def score(self) -> float:
        return self.reasons[0].score


@dataclass(frozen=True)
class Choice:
    """Picks of the strategy, mixed so that the first few hold as much of each sampler and scenario as all do; then
    those of the control, in the order in which they were drawn. Notes say why fewer came, and more."""

    picks: tuple[Pick, ...]
    notes: tuple[str, ...] = ()
    given: Mapping[str, int] = field(default_factory=dict)
    """How many frames each sampler gave, and the control."""
