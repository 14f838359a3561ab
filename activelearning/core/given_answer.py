"""What one annotator said of one frame, as it came in: by Label Studio, by a file, or by a known truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from curation.core.types import TagValue

Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class GivenBox:
    """A box `xyxy` in pixels of the upright frame. `region` is its id in the answer; empty where it has none."""

    label: str
    box: Corners
    region: str = ""


@dataclass(frozen=True)
class GivenAnswer:
    """One annotation. No `boxes` of an answer that is no skip say that the frame shows nothing.

    number: the annotation's id at Label Studio; None of a file or a known truth, where the annotator tells answers
    apart. `raw` are its regions as they came; `problems` say in words what could not be read of it."""

    annotator: str
    boxes: tuple[GivenBox, ...] = ()
    number: int | None = None
    tags: Mapping[str, TagValue] = field(default_factory=dict)
    is_skip: bool = False
    is_truth: bool = False
    """Marked as ground truth: it decides alone."""
    lead_time_s: float | None = None
    created_there: datetime | None = None
    updated_there: datetime | None = None
    raw: tuple[Any, ...] = ()
    problems: tuple[str, ...] = ()
