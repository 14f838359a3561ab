"""Which detections are right: COCO's matching, done once for an area range and serving every scenario and replicate."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.boxes import Evidence, Truths

COCO_IOUS: tuple[float, ...] = tuple(np.linspace(0.5, 0.95, 10).tolist())
EVERYTHING: tuple[float, float] = (0.0, 1e10)
Bits: TypeAlias = NDArray[np.int32]
ALL_DETECTIONS = 1 << 30
MOST_IOUS = 31
"""A bit each of an int32."""


@dataclass(frozen=True)
class Matched:
    """(N,) detections sorted by label, then falling score (ties as they were given), and (T,) truths in their order.

    Bit t of the bit sets speaks of `ious[t]`. Detections past `max_detections` of an image and label are not there."""

    ious: tuple[float, ...]
    area_px2: tuple[float, float]
    max_detections: int
    label_start: IntArray
    """(labels + 1,): where each label's detections start."""
    index: IntArray
    """(N,) into the evidence's detections."""
    image: IntArray
    score: FloatArray
    rank: IntArray
    """(N,) place in its image and label by score, from 0."""
    hits: Bits
    """(N,) bits: matched to truth that counts."""
    ignored: Bits
    """(N,) bits: neither right nor wrong, for it matched a crowd or ignored truth, or is outside the area unmatched."""
    partner: Bits
    """(N, ious) the truth matched, ignored ones too; -1 for none."""
    truth_counts: BoolArray
    """(T,) whether it is to be found: inside the area, no crowd, not ignored."""
    truth_taken: Bits
    """(T,) bits: a detection matched it."""

    def bit(self, iou: float) -> int:
        """Return the mask of one of the ious."""
        return 1 << self.ious.index(iou)


def matched(
    evidence: Evidence, *, area_px2: tuple[float, float], ious: tuple[float, ...], max_detections: int = 100
) -> Matched:
    """Match all detections with truth; a second call with the same arguments returns the first one's answer.

    Truth outside `area_px2` is ignored; each truth is matched once, crowds as often as they like. Matching looks at one
    image and one label at a time, so its outcome holds for any choice of images, labels and least score.
    Raises ValueError if there are no ious or more than 31, or one is outside (0, 1].
    Source: pycocotools.cocoeval.COCOeval.evaluateImg, all of whose rules hold; but an annotation's id may be 0."""
    if not 0 < len(ious) <= MOST_IOUS or not all(0 < iou <= 1 for iou in ious):
        raise ValueError(f"ious is {ious!r}; it must be 1 to {MOST_IOUS} numbers above 0 and up to 1.")
    key = ("matched", area_px2, ious, max_detections)
    if key not in evidence.cache:
        evidence.cache[key] = _match(evidence, area_px2, ious, max_detections)
    made: Matched = evidence.cache[key]
    return made


@dataclass(frozen=True)
class _Order:
    """Detections sorted by cell (image and label), then falling score."""

    index: IntArray
    cell: IntArray
    start: IntArray
    """(cells + 1,)"""
    rank: IntArray
    by_score: IntArray
    """Its places in order of label, then falling score."""


def _match(evidence: Evidence, area_px2: tuple[float, float], ious: tuple[float, ...], max_detections: int) -> Matched:
    from evaluation.core.matching_kernel import match_cells

    found, truths = evidence.found, evidence.truths
    order = _by_cell(evidence, max_detections)
    to_ignore = ignored_truth(truths, area_px2)
    truth_cell = truths.image * len(evidence.labels) + truths.label
    truth_order = np.lexsort((to_ignore, truth_cell))
    sorted_cells, cells = truth_cell[truth_order], order.cell[order.start[:-1]]
    found_xywh = np.ascontiguousarray(found.xywh[order.index], np.float64).reshape(-1, 4)
    area = found_xywh[:, 2] * found_xywh[:, 3]
    count = len(order.index)
    hits: Bits = np.zeros(count, np.int32)
    ignored, taken = np.zeros_like(hits), np.zeros(len(truth_order), np.int32)
    partner: Bits = np.full((count, len(ious)), -1, np.int32)
    match_cells(
        order.start,
        np.searchsorted(sorted_cells, cells, "left"),
        np.searchsorted(sorted_cells, cells, "right"),
        found_xywh,
        (area < area_px2[0]) | (area > area_px2[1]),
        np.ascontiguousarray(truths.xywh[truth_order], np.float64).reshape(-1, 4),
        truths.is_crowd[truth_order],
        to_ignore[truth_order],
        np.array(ious, np.float64),
        hits,
        ignored,
        partner,
        taken,
    )
    if len(truth_order):
        partner = np.where(partner >= 0, truth_order[partner], -1).astype(np.int32)
    truth_taken = np.zeros_like(taken)
    truth_taken[truth_order] = taken
    by_score = order.by_score
    index = order.index[by_score]
    return Matched(
        ious=ious,
        area_px2=area_px2,
        max_detections=max_detections,
        label_start=np.searchsorted(found.label[index], np.arange(len(evidence.labels) + 1)).astype(np.int64),
        index=index,
        image=found.image[index],
        score=found.score[index],
        rank=order.rank[by_score],
        hits=hits[by_score],
        ignored=ignored[by_score],
        partner=partner[by_score],
        truth_counts=~to_ignore,
        truth_taken=truth_taken,
    )


def ignored_truth(truths: Truths, area_px2: tuple[float, float]) -> BoolArray:
    """Return (T,) whether truth neither counts as found nor as missed in an area range, both ends of it included."""
    low, high = area_px2
    return truths.is_ignored | truths.is_crowd | (truths.area_px2 < low) | (truths.area_px2 > high)


def _by_cell(evidence: Evidence, max_detections: int) -> _Order:
    key = ("by cell", max_detections)
    if key not in evidence.cache:
        found = evidence.found
        cell = found.image * len(evidence.labels) + found.label
        index = np.lexsort((-found.score, cell))
        cell = cell[index]
        first = np.flatnonzero(np.diff(cell, prepend=-1))
        rank = np.arange(len(cell)) - np.repeat(first, np.diff(first, append=len(cell)))
        kept = rank < max_detections
        index, cell, rank = index[kept], cell[kept], rank[kept]
        start = np.append(np.flatnonzero(np.diff(cell, prepend=-1)), len(cell))
        by_score = np.lexsort((index, -found.score[index], found.label[index]))
        evidence.cache[key] = _Order(index, cell, start, rank, by_score)
    made: _Order = evidence.cache[key]
    return made
