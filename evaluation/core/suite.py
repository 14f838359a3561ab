"""What a suite is: scenarios, each a slice with a figure and what is asked of it. Written out whole."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from curation.core.params import param
from evaluation.core.metrics import Metric
from evaluation.core.visits import Grouping

AREAS: Mapping[str, tuple[float, float]] = {
    "all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10),
}  # fmt: skip
"""COCO's, in square pixels, both ends included."""
SCENARIO_KEYS = (
    "name", "why", "query", "events", "labels", "area", "metric", "at_least", "at_most", "not_worse_by", "critical",
    "least_images", "least_instances", "least_groups", "share", "score_from",
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """How figures become verdicts."""

    confidence: float = param(0.95, help="Of the interval.", minimum=0.5, maximum=0.999)
    replicates: int = param(1000, help="Draws of groups.", minimum=50, maximum=20_000)
    seed: int = param(0, help="Same seed, same interval.", minimum=0, maximum=2**31)
    mode: str = param("interval", help="interval (the interval decides) or simple (the figure itself decides).")

    def __post_init__(self) -> None:
        if self.mode not in ("interval", "simple"):
            raise ValueError(f"mode is {self.mode!r}; it must be interval or simple.")


@dataclass(frozen=True)
class ScoreFrom:
    """Where the score at which boxes count comes from: the one that reaches a precision or recall on other frames."""

    dataset: str = param(help="A dataset version, NAME@2, that is not the one under test.")
    precision: float | None = param(None, help="Least precision.", minimum=0, maximum=1)
    recall: float | None = param(None, help="Least recall.", minimum=0, maximum=1)

    def __post_init__(self) -> None:
        if (self.precision is None) == (self.recall is None):
            raise ValueError("give either a precision or a recall that is to be reached.")


@dataclass(frozen=True)
class Scenario:
    """A named slice with a figure and what is asked of it: a unit test for a model.

    Exactly one bound: `at_least` or `at_most` of the figure, or `not_worse_by`, the most by which the baseline may be
    better. A scenario has a query over the dataset version's frames, or names a set of events in whole footage."""

    name: str
    metric: Metric
    why: str = ""
    query: str = "*:*"
    events: str = ""
    labels: tuple[str, ...] = ()
    area_px2: tuple[float, float] = AREAS["all"]
    at_least: float | None = None
    at_most: float | None = None
    not_worse_by: float | None = None
    critical: bool = False
    least_images: int = 1
    least_instances: int = 1
    least_groups: int = 5
    share: float | None = None
    score_from: ScoreFrom | None = None

    def to_dict(self) -> dict[str, Any]:
        plain = {key: getattr(self, key) for key in SCENARIO_KEYS if key not in ("metric", "area", "score_from")}
        metric: Any = self.metric
        return {
            **plain,
            "labels": list(self.labels),
            "area": list(self.area_px2),
            "metric": {"kind": self.metric.kind, **dataclasses.asdict(metric)},
            "score_from": dataclasses.asdict(self.score_from) if self.score_from else None,
        }


@dataclass(frozen=True)
class Suite:
    """Scenarios in the order in which they were written."""

    name: str
    scenarios: tuple[Scenario, ...]
    description: str = ""
    dataset: str = ""
    group_by: Grouping = field(default_factory=Grouping)
    options: Options = field(default_factory=Options)

    def to_dict(self) -> dict[str, Any]:
        """Write every parameter out, defaults too, as plain values that `parse_suite` reads again."""
        return {
            "suite": self.name,
            "description": self.description,
            "dataset": self.dataset,
            "group_by": dataclasses.asdict(self.group_by),
            **dataclasses.asdict(self.options),
            "scenarios": [scenario.to_dict() for scenario in self.scenarios],
        }

    def sha256(self) -> str:
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    @property
    def needs_frames(self) -> bool:
        return any(not scenario.events for scenario in self.scenarios)

    @property
    def needs_baseline(self) -> bool:
        return any(scenario.not_worse_by is not None for scenario in self.scenarios)
