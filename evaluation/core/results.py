"""What a test run says: all that reports show, as plain records that go into JSON and come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Verdict: TypeAlias = Literal["pass", "fail", "inconclusive"]
RunVerdict: TypeAlias = Literal["ready", "failed", "undecided"]


@dataclass(frozen=True)
class ShownBox:
    """xyxy in pixels of the upright frame. what: "truth", "found", "missed", "false" (a detection that is none),
    "ignored". `kind` of a false or missed one is its kind of error ("localisation", …)."""

    label: str
    box: tuple[float, float, float, float]
    what: Literal["truth", "found", "missed", "false", "ignored"]
    score: float | None = None
    kind: str = ""


@dataclass(frozen=True)
class ShownFrame:
    """One of a scenario's worst frames: its picture's key, and all boxes to draw."""

    frame_id: int
    identity: str
    image: str
    width_px: int
    height_px: int
    camera: str
    video: str
    pts_us: int
    misses: int
    false_alarms: int
    boxes: tuple[ShownBox, ...] = ()


@dataclass(frozen=True)
class Curves:
    """precision at each of 101 recalls (0, 0.01, … 1) at IoU 0.5, None where there is no truth; calibration bins
    [{"low", "high", "score", "precision", "count"}]."""

    precision: tuple[float, ...] | None = None
    calibration: tuple[Mapping[str, float], ...] = ()
    operating_point: Mapping[str, float] | None = None
    """{"score", "precision", "recall"} at which errors were counted."""


@dataclass(frozen=True)
class Errors:
    """Counts at the operating point: kinds of TIDE (class, localisation, both, duplicate, background, missed), and the
    confusion matrix: rows are true labels, columns what was found, the last of each is nothing."""

    kinds: Mapping[str, int] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class ScenarioRecord:
    """A scenario and what came of it. `low` and `high` are the interval's ends; None where there is none.

    `threshold` is what the figure is held against: of a scenario relative to a baseline, the least (or most) that the
    difference may be, and `value` is then the difference; `baseline_value` and `model_value` say both."""

    name: str
    why: str
    critical: bool
    query: str
    link_query: str
    """The query that shows its frames in the dashboard."""
    metric: str
    kind: str
    unit: str
    is_higher_better: bool
    value: float | None
    low: float | None
    high: float | None
    threshold: float
    is_relative: bool
    model_value: float | None
    baseline_value: float | None
    images: int
    instances: int
    groups: int
    verdict: Verdict
    reason: str
    """One sentence: why this verdict, and what would change it."""
    groups_needed: int | None
    """How many further groups it would take to decide; None where decided, or where no number would."""
    share: float | None
    under_review: int = 0
    curves: Curves = field(default_factory=Curves)
    errors: Errors = field(default_factory=Errors)
    frames: tuple[ShownFrame, ...] = ()


@dataclass(frozen=True)
class Readiness:
    """`value` is weighted by the shares in which the scenarios are expected in use; None where none names its share."""

    verdict: RunVerdict
    value: float | None
    low: float | None
    high: float | None
    critical: int
    critical_passed: int
    critical_failed: int
    covered_share: float
    """The sum of the shares that went into the figure."""
    sentence: str


@dataclass(frozen=True)
class RunRecord:
    """A whole test run. `previous_uses` counts how often a hold-out was used before, for a final evaluation."""

    id: int
    suite: str
    model: str
    model_sha256: str
    baseline: str
    dataset: str
    dataset_sha256: str
    is_final: bool
    previous_uses: int
    options: Mapping[str, Any]
    code_version: str
    created_at: str
    finished_at: str
    readiness: Readiness
    scenarios: tuple[ScenarioRecord, ...]
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> RunVerdict:
        return self.readiness.verdict
