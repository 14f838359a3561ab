"""What the renderer knows of a frame of the demo's footage: for whoever stands in for an annotator."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from curation.core.types import TagValue
from curation.models import Frame
from demo.truth_as_coco import LEAST_VISIBLE, conditions_of

WORLDS = ("demo-pool-world", "demo-world")
"""Folders below the data folder whose footage may be labelled. The test's is not among them."""
_NEAR_S = 0.04


@dataclass(frozen=True)
class FrameSaid:
    """What a person who sees everything would draw and say: boxes {"label": …, "box": xyxy px}, and tags."""

    boxes: tuple[tuple[str, tuple[float, float, float, float]], ...]
    tags: Mapping[str, TagValue]


def truth_of_frame(frame: Frame, *, labels: Sequence[str]) -> FrameSaid | None:
    """Return the boxes of some labels in a frame, of which a fifth or more is to be seen, and its conditions.

    None of footage that the demo did not render. `frame.video.camera` is read: select it with the frame."""
    path = _file(frame.video.camera.name, frame.video.name)
    if path is None:
        return None
    truth = _read(path, path.stat().st_mtime_ns)
    times_s = truth["times_s"]
    at_s = times_s[0] + frame.pts_s  # a video's times run from its first frame
    index = next((i for i, known_s in enumerate(times_s) if abs(known_s - at_s) <= _NEAR_S), None)
    if index is None:
        return None
    boxes = tuple(
        (label, (x1, y1, x2, y2))
        for _, label, x1, y1, x2, y2, visible in truth["boxes"][index]
        if label in labels and visible >= LEAST_VISIBLE
    )
    return FrameSaid(boxes, conditions_of(truth, index))


def _file(camera: str, video: str) -> Path | None:
    name = f"{Path(video).stem}.truth.json"
    found = (settings.WINNOW_DATA_DIR / world / Path(camera).name / name for world in WORLDS)
    return next((path for path in found if path.is_file()), None)


@lru_cache(maxsize=64)
def _read(path: Path, _changed_ns: int) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return truth
