"""What the pages show, as plain values: made by queries, drawn by figures and components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class StageSum:
    """A stage over all videos: what it looked at, let through and cost. `interval_s` is the length of its intervals."""

    name: str
    kind: str
    frames_in: int
    frames_out: int
    cpu_s: float
    interval_s: float


@dataclass(frozen=True)
class Funnel:
    """A cascade's stages in order, over the newest run of each video that it is done with."""

    cascade: str
    stages: Sequence[StageSum]
    frames_decoded: int
    frames_kept: int
    footage_s: float
    videos: int

    @property
    def frames_seen(self) -> int:
        """Frames that the first stage looked at: its rate may be lower than the video's."""
        return self.stages[0].frames_in if self.stages else 0

    @property
    def cpu_s(self) -> float:
        return sum(stage.cpu_s for stage in self.stages)

    @property
    def last(self) -> StageSum | None:
        """The last filter, whose word counts: what one would run on every frame without a cascade."""
        filters = [stage for stage in self.stages if stage.kind != "embed" and stage.frames_in > 0]
        return filters[-1] if len(filters) > 1 else None

    @property
    def cpu_alone_s(self) -> float | None:
        """What the last filter would have cost on all that the first looked at, at its measured cost a frame."""
        return self.last.cpu_s / self.last.frames_in * self.frames_seen if self.last else None

    @property
    def saved_share(self) -> float | None:
        """The share of that cost which the cascade saves; None where it saves nothing."""
        alone_s = self.cpu_alone_s
        return 1 - self.cpu_s / alone_s if alone_s and alone_s > self.cpu_s else None

    def interval_share(self, *names: str) -> float | None:
        """The share of the footage within the intervals of the first of these stages that the cascade has."""
        by_name = {stage.name: stage for stage in self.stages}
        found = next((by_name[name] for name in names if name in by_name), None)
        return min(1.0, found.interval_s / self.footage_s) if found and self.footage_s else None


@dataclass(frozen=True)
class Totals:
    """What came in and what was kept. `open_runs` are queued or at work."""

    cameras: int
    videos: int
    footage_s: float
    frames_kept: int
    open_runs: int
    failed: int


@dataclass(frozen=True)
class Lane:
    """The intervals of one stage, `[start_s, end_s)`."""

    stage: str
    spans_s: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class VideoRow:
    """A video with its newest run. `status` is a run's, or `failed` or `new` where there is none."""

    id: int
    name: str
    camera: str
    duration_s: float
    size_bytes: int
    status: str
    error: str = ""
    frames_kept: int = 0
    lanes: Sequence[Lane] = ()
    share_done: float = 0.0
    speed_x: float | None = None
    left_s: float | None = None
    stage: str = ""


@dataclass(frozen=True)
class BoxMark:
    """A detection to draw, `xyxy` in pixels of the frame."""

    label: str
    score: float
    xyxy: tuple[float, float, float, float]


@dataclass(frozen=True)
class FrameCard:
    """A kept frame in the grid."""

    id: int
    picture: str
    width_px: int
    height_px: int
    video: str
    camera: str
    pts_s: float
    tags: Mapping[str, Any]
    boxes: Sequence[BoxMark] = ()
    score: float | None = None


@dataclass(frozen=True)
class FramePage:
    """One page of the frames that a query finds; `next_cursor` is None on the last."""

    count: int
    cards: Sequence[FrameCard]
    next_cursor: str | None


@dataclass(frozen=True)
class QueryFault:
    """What is wrong with a query; `column` counts from 1, and is None where no place of it is at fault."""

    message: str
    column: int | None = None
    near: str = ""


@dataclass(frozen=True)
class FrameDetail:
    """A frame with all that is known of it, and the kept frames of its video around it, in order."""

    card: FrameCard
    evidence: Mapping[str, Any]
    recorded_at: datetime | None
    video_id: int
    neighbours: Sequence[FrameCard] = field(default=())


@dataclass(frozen=True)
class Facet:
    """Values of a factor with how many frames have each; `term` is what asks for it."""

    label: str
    values: Sequence["FacetValue"]


@dataclass(frozen=True)
class FacetValue:
    label: str
    term: str
    frames: int


@dataclass(frozen=True)
class Facets:
    """Counts over the newest `frames` kept frames; `all_frames` says whether that is all there are."""

    facets: Sequence[Facet]
    frames: int
    all_frames: bool


@dataclass(frozen=True)
class VersionRow:
    """A dataset version in the list; `locked_at` is set where it is a hold-out."""

    name: str
    dataset: str
    frames: int
    annotations: int
    splits: Mapping[str, int]
    created_at: datetime
    created_by: str
    locked_at: datetime | None = None


@dataclass(frozen=True)
class UseRow:
    """A line of a hold-out's ledger."""

    at: datetime
    by: str
    purpose: str
    model: str
    metric: str
    value: float | None
    note: str


@dataclass(frozen=True)
class ExportRow:
    """An export of a version; `size_bytes` is 0 until its archive is whole."""

    id: int
    format: str
    purpose: str
    state: str
    size_bytes: int
    created_at: datetime


@dataclass(frozen=True)
class VersionDetail:
    """All that is known of a version. `report` is what its plan gave, as it was stored with it."""

    row: VersionRow
    parent: str
    conditions: str
    plan_text: str
    seed: int
    split_by: str
    sha256: str
    report: Mapping[str, Any]
    lock: Mapping[str, Any]
    held_frames: int
    uses: Sequence[UseRow] = field(default=())
    exports: Sequence[ExportRow] = field(default=())


@dataclass(frozen=True)
class TestRunRow:
    """A model held against a suite. `verdict` is "" until it is done; `state` is then its job's."""

    __test__ = False

    id: int
    suite: str
    model: str
    dataset: str
    is_final: bool
    verdict: str
    state: str
    error: str
    done: int
    total: int
    doing: str
    created_at: datetime
