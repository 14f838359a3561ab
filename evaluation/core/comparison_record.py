"""What the comparison of two models on the same frames says: plain records that go into JSON and come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Change: TypeAlias = Literal["better", "worse", "same", "unknown"]


@dataclass(frozen=True)
class ChangedObject:
    """A labelled object that one model finds and the other misses. xyxy in pixels of the upright frame.

    The scores are those of the detections that found it; None where none did."""

    frame_id: int
    identity: str
    label: str
    box: tuple[float, float, float, float]
    score_a: float | None = None
    score_b: float | None = None
    image: str = ""
    camera: str = ""
    video: str = ""
    pts_us: int = 0


@dataclass(frozen=True)
class ScenarioComparison:
    """A scenario measured with both models. `difference` is b - a, and `low` and `high` are its interval's ends.

    The verdict speaks of b: better than a, worse, the same within the margin, or not known yet."""

    name: str
    critical: bool
    metric: str
    unit: str
    is_higher_better: bool
    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    verdict: Change
    reason: str
    images: int
    instances: int
    groups: int
    link_query: str = ""
    fixed_count: int = 0
    broken_count: int = 0
    """All objects that b finds and a misses, and the other way round; the lists below may hold only the first ones."""
    fixed: tuple[ChangedObject, ...] = ()
    broken: tuple[ChangedObject, ...] = ()


@dataclass(frozen=True)
class ComparisonRecord:
    """Two models over a suite, on exactly the same frames."""

    suite: str
    dataset: str
    dataset_sha256: str
    model_a: str
    model_a_sha256: str
    model_b: str
    model_b_sha256: str
    margin: float
    """Differences of less than this, up or down, count as none."""
    options: Mapping[str, Any]
    code_version: str
    created_at: str
    scenarios: tuple[ScenarioComparison, ...]
    notes: tuple[str, ...] = field(default=())

    def count(self, verdict: Change) -> int:
        return sum(one.verdict == verdict for one in self.scenarios)
