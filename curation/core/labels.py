"""Labelled pictures, as every format reads and writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from curation.core.types import TagValue


@dataclass(frozen=True)
class LabelledBox:
    """A labelled object: `xyxy` in pixels of the upright picture; corners are floats, not clamped.

    segmentation is COCO's (polygons or RLE), kept as it came; area_px2 is None where it is the box's own."""

    label: str
    x1: float
    y1: float
    x2: float
    y2: float
    is_crowd: bool = False
    track_id: int | None = None
    area_px2: float | None = None
    segmentation: Any = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelledPicture:
    """One picture with what is said of it.

    name: its path relative to the data's root, with '/', unique within the data. Its sides are 0 where a table of tags
    does not say them. boxes is None where nobody labelled its objects, empty where somebody did and there are none.
    For a frame of a video (MOT, annotations by frame or time): `sequence` names the video, and one of frame_index
    (from 0) and time_s says which frame."""

    name: str
    width_px: int
    height_px: int
    boxes: Sequence[LabelledBox] | None = None
    split: str = ""
    tags: Mapping[str, TagValue] = field(default_factory=dict)
    evidence: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sequence: str = ""
    frame_index: int | None = None
    time_s: float | None = None
    recorded_at: datetime | None = None
    camera: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What the format itself wants to see again, by the format's name, for instance {"coco": {"license": …}}."""
    picture_file: str = field(default="", compare=False)
    """Where a reader found its picture, relative to the root that it read; empty where none came along."""
    video_file: str = field(default="", compare=False)
    """Where a reader found the video `sequence`, relative to the root that it read; empty where none came along."""
