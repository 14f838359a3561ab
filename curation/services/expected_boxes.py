"""How many boxes a picture will have, by those that have been labelled, or by what detectors saw."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from django.db.models import Count

from curation.core.frame_table import FrameTable
from curation.core.types import BoolArray, IntArray
from curation.models import Annotation, Detection

BOX_SCORE = 0.4
SAMPLE_FRAMES = 2000
ENOUGH_LABELLED = 20
"""With fewer labelled frames than this, detections tell better how many boxes there will be."""
BoxSource: TypeAlias = Literal["given", "annotations", "detections", "unknown"]


@dataclass(frozen=True)
class Boxes:
    """How many boxes a picture has, where that comes from, and of how many frames it is the mean."""

    per_picture: float
    source: BoxSource
    seen_in: int


def expected_boxes(table: FrameTable, *, among: BoolArray, to_label: BoolArray) -> Boxes:
    """Say how many boxes to expect in a picture.

    (N,) masks: `among` are all frames in question, whose labelled ones are asked first; where they are few, detections
    of at least BOX_SCORE in those `to_label`. 0 boxes, unknown, where neither tells."""
    labelled = table.ids[among & table.frames["annotated"].to_numpy()]
    looked = table.ids[to_label & table.frames["object_counts"].is_not_null().to_numpy()]
    if len(labelled) >= ENOUGH_LABELLED or (len(labelled) and not len(looked)):
        some = _some(labelled)
        found = Annotation.objects.filter(frame__in=some.tolist()).count()
        return Boxes(found / len(some), "annotations", len(labelled))
    if len(looked):
        some = _some(looked)
        return Boxes(_detections(some) / len(some), "detections", len(looked))
    return Boxes(0.0, "unknown", 0)


def _detections(frame_ids: IntArray) -> int:
    """Count the objects in frames: of a frame that two runs keep, those of the run that saw more."""
    rows = Detection.objects.filter(frame__in=frame_ids.tolist(), score__gte=BOX_SCORE).order_by()
    most: dict[int, int] = {}
    for frame, _, count in rows.values_list("frame", "run").annotate(Count("id")):
        most[frame] = max(count, most.get(frame, 0))
    return sum(most.values())


def _some(ids: IntArray) -> IntArray:
    """Take at most SAMPLE_FRAMES, evenly spread, so that the same frames give the same figure."""
    if len(ids) <= SAMPLE_FRAMES:
        return ids
    picked: IntArray = ids[np.linspace(0, len(ids) - 1, SAMPLE_FRAMES).astype(np.int64)]
    return picked
