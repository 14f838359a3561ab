"""What the metrics over time share: a scenario's part of the footage, its hours and looks, and weighted ratios."""

import numpy as np
from numpy.typing import NDArray

from curation.core import spans
from curation.core.errors import SpecError
from curation.core.types import BoolArray, FloatArray, IntArray, Span
from evaluation.core.events import FootageEvidence
from evaluation.core.metrics.contract import BoxPart, EventPart, Support, Weights


def part_of(part: BoxPart | EventPart) -> tuple[FootageEvidence, BoolArray]:
    """Return the evidence and which of its (S,) stretches are the part's. Raises SpecError for a part of boxes."""
    if isinstance(part, BoxPart):
        raise SpecError("This metric is over time: give the scenario `events: NAME`, a set of events, not a query.")
    labels = np.array([not part.labels or one.label in part.labels for one in part.evidence.stretches], np.bool_)
    return part.evidence, labels & part.stretches


def usable_score(score: float | None, evidence: FootageEvidence) -> float:
    """Return the score that looks are held against. Raises SpecError for none, and for one that was not kept."""
    if score is None:
        raise SpecError("This metric needs a score: write `score: 0.5`, or name an operating point for the suite.")
    if score < evidence.least_score:
        raise SpecError(
            f"score is {score:g}, but boxes below {evidence.least_score:g} were not kept: "
            f"look through the footage again with --min-score {score:g}."
        )
    return score


def ratio(weights: Weights, above: FloatArray | IntArray, below: FloatArray | IntArray) -> NDArray[np.float64]:
    """Return (R,) sums of (G,) `above` over sums of `below`, weighted by each row; NaN where there is nothing below."""
    has = (above != 0) | (below != 0)
    share = weights[:, has].astype(np.float64)
    over, under = share @ above[has].astype(np.float64), share @ below[has].astype(np.float64)
    figures: NDArray[np.float64] = np.divide(over, under, out=np.full(len(weights), np.nan), where=under > 0)
    return figures


def hours(evidence: FootageEvidence, chosen: BoolArray) -> NDArray[np.float64]:
    """Return the (G,) hours of footage of the chosen stretches; what was looked through for two labels counts once."""
    found = np.zeros(evidence.group_count, np.float64)
    by_place: dict[tuple[int, int], list[Span]] = {}
    for index in np.flatnonzero(chosen):
        one = evidence.stretches[index]
        place = (int(evidence.group[index]), one.video_id)
        by_place.setdefault(place, []).append(Span(one.start_us, one.end_us))
    for (group, _), stretches in by_place.items():
        found[group] += spans.total_us(stretches) / 3.6e9
    return found


def look_count(evidence: FootageEvidence, chosen: BoolArray) -> int:
    """Count the looks in the chosen stretches; one that serves several labels counts once."""
    by_video: dict[int, list[IntArray]] = {}
    for index in np.flatnonzero(chosen):
        one = evidence.stretches[index]
        by_video.setdefault(one.video_id, []).append(one.pts_us)
    return sum(len(np.unique(np.concatenate(pts))) for pts in by_video.values())


def support_of(evidence: FootageEvidence, chosen: BoolArray, *, only_with_events: bool) -> Support:
    """Tell what a figure over chosen stretches stands on. Where it is a figure of events alone, only groups that have
    one are counted: quiet footage says nothing about it."""
    counted = np.array([bool(one.events) for one in evidence.stretches], np.bool_) & chosen
    groups = np.unique(evidence.group[counted if only_with_events else chosen])
    instances = sum(len(evidence.stretches[index].events) for index in np.flatnonzero(chosen))
    return Support(images=look_count(evidence, chosen), instances=instances, groups=len(groups))
