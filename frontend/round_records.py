"""What the page of rounds shows, as plain values: made by queries, drawn by figures and components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from activelearning.core.round_report import RoundReport

Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class RoundRow:
    """A round in the list. `work` is its job's state, "" where it has none; `sentence` is set once it is closed."""

    id: int
    model: str
    suite: str
    scenarios: Sequence[str]
    strategy: str
    budget: int
    state: str
    work: str
    loop: int | None
    created_at: datetime
    sentence: str = ""


@dataclass(frozen=True)
class WorkNow:
    """What a round's job, or its loop's, is at. `error` says why it failed."""

    id: int
    state: str
    done: int
    total: int
    doing: str
    error: str

    @property
    def is_open(self) -> bool:
        return self.state in ("queued", "running")


@dataclass(frozen=True)
class BatchView:
    """Frames with the annotators. `address` leads to their project, "" where there is no page to go to."""

    id: int
    name: str
    via: str
    via_words: str
    project: str
    address: str
    counts: Mapping[str, int]
    """Tasks by their state: labelled, skipped, gone, sent, waiting; those that were taken out here are in none."""
    labels_per_hour: float | None = None
    left_s: float | None = None
    annotators: int = 0
    agreement: float | None = None
    cost_so_far: float | None = None
    cost_expected: float | None = None
    currency: str = ""
    changes: Mapping[str, int] = field(default_factory=dict)
    """What became of the pre-annotations, counted over `compared` frames."""
    compared: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def labelled(self) -> int:
        return self.counts.get("labelled", 0)

    @property
    def is_open(self) -> bool:
        """Tell whether some of its frames wait for somebody."""
        return bool(self.counts.get("waiting") or self.counts.get("sent"))


@dataclass(frozen=True)
class TrainingView:
    """A model being taught. `epochs`, `figures` are as the model Training has them."""

    id: int
    name: str
    trainer: str
    dataset: str
    base: str
    state: str
    error: str
    epochs: Sequence[Mapping[str, Any]]
    of_epochs: int | None
    figures: Mapping[str, Any]
    device: str


@dataclass(frozen=True)
class RetestView:
    """The test after. `verdict` is "" until it is done."""

    id: int
    model: str
    verdict: str
    state: str


@dataclass(frozen=True)
class CountOf:
    """So many of a kind, and of what: seeds of a scenario, candidates of an arm."""

    name: str
    kind: str
    count: int
    dropped: int = 0


@dataclass(frozen=True)
class RoundDetail:
    """All that the page says of one round, pictures apart."""

    row: RoundRow
    test_run: int
    work: WorkNow | None
    loop_is_at_work: bool
    via: str
    is_automatic: bool
    strategy_text: str
    version: str
    version_frames: int | None
    seeds: Sequence[CountOf]
    candidates: Sequence[CountOf]
    batches: Sequence[BatchView]
    training: TrainingView | None
    retest: RetestView | None
    report: RoundReport | None
    notes: Sequence[str] = ()
    samplers: Sequence[str] = ()
    history: Sequence[Mapping[str, Any]] = ()

    @property
    def kept(self) -> int:
        return sum(one.count for one in self.candidates)

    @property
    def dropped(self) -> int:
        return sum(one.dropped for one in self.candidates)


@dataclass(frozen=True)
class Shot:
    """A frame's picture and where it comes from. `picture` is a signed link."""

    frame: int
    picture: str
    width_px: int
    height_px: int
    camera: str
    video: str
    pts_s: float


@dataclass(frozen=True)
class ReasonView:
    """Why a candidate was chosen. `box` is what in its frame that is about."""

    text: str
    sampler: str = ""
    scenario: str = ""
    box: Corners | None = None


@dataclass(frozen=True)
class CandidateCard:
    shot: Shot
    arm: str
    arm_words: str
    rank: int
    score: float
    reasons: Sequence[ReasonView]
    is_dropped: bool
    note: str


@dataclass(frozen=True)
class CandidatePage:
    """Some candidates; `after` is the rank after which the next ones come, None where these are the last."""

    cards: Sequence[CandidateCard]
    after: int | None


@dataclass(frozen=True)
class CandidateFilter:
    """Which candidates are shown; "" is any."""

    arm: str = ""
    sampler: str = ""
    scenario: str = ""
    dropped: str = ""

    def to_words(self) -> dict[str, str]:
        said = {"arm": self.arm, "sampler": self.sampler, "scenario": self.scenario, "dropped": self.dropped}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class SeedCard:
    """Something that went wrong. `box` is None where it is the whole frame."""

    shot: Shot
    scenario: str
    kind: str
    label: str
    score: float | None
    box: Corners | None = None


@dataclass(frozen=True)
class RedRun:
    """A test run that a round can start from."""

    id: int
    model: str
    suite: str
    red: Sequence[str] = field(default=())
