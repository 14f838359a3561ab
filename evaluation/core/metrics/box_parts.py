"""What the metrics of boxes share: a scenario's part of the images, and what was right, wrong and missed in it."""

from dataclasses import dataclass

import numpy as np

from curation.core.errors import SpecError
from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.matching import ALL_DETECTIONS, ignored_truth, matched
from evaluation.core.metrics.contract import BoxPart, EventPart, Support


@dataclass(frozen=True)
class Judgements:
    """(N,) detections of a part that are right or false, and (T,) truths that are to be found.

    Those that are neither (crowds, ignored, outside the area) are not there. Detections are sorted by label, then
    falling score."""

    score: FloatArray
    is_right: BoolArray
    image: IntArray
    label: IntArray
    group: IntArray
    truth_image: IntArray
    truth_label: IntArray
    truth_group: IntArray


def part_of(part: BoxPart | EventPart) -> BoxPart:
    """Return a part of images. Raises SpecError for one of footage."""
    if isinstance(part, EventPart):
        raise SpecError("This metric is over frames: give the scenario a `query`, not `events`.")
    return part


def labels_of(part: BoxPart) -> IntArray:
    """Return the indices of a part's labels, rising; those that the evidence does not have are left out."""
    known = part.evidence.labels
    return np.array([n for n, label in enumerate(known) if not part.labels or label in part.labels], np.int64)


def judgements_of(part: BoxPart, *, iou: float, score: float = 0.0) -> Judgements:
    """Tell right from false among a part's detections from a score on; all of an image's, however many."""
    evidence = part.evidence
    done = matched(evidence, area_px2=part.area_px2, ious=(iou,), max_detections=ALL_DETECTIONS)
    label = evidence.found.label[done.index]
    wanted = _wanted(part)
    kept = part.images[done.image] & wanted[label] & (done.score >= score) & (done.ignored == 0)
    truth = _truth_of(part)
    truth_image = evidence.truths.image[truth]
    return Judgements(
        done.score[kept],
        done.hits[kept] != 0,
        done.image[kept],
        label[kept],
        evidence.group[done.image[kept]],
        truth_image,
        evidence.truths.label[truth],
        evidence.group[truth_image],
    )


def usable_score(score: float | None) -> float:
    """Return the score from which boxes count. Raises SpecError where there is none."""
    if score is None:
        raise SpecError("This metric needs a score: write `score: 0.5`, or `score_from` with what it is to reach.")
    return score


def support_of(part: BoxPart, groups: IntArray | None = None) -> Support:
    """Tell what a figure stands on. groups: those of what it speaks of; else those with truth to be found.

    A group that has nothing to find says nothing about what share is found."""
    truth = _truth_of(part)
    own = part.evidence.group[part.evidence.truths.image[truth]] if groups is None else groups
    return Support(images=int(part.images.sum()), instances=len(truth), groups=len(np.unique(own)))


def per_group(part: BoxPart, group: IntArray, amounts: FloatArray | IntArray | None = None) -> FloatArray:
    """Sum amounts, or count, by group: (G,)."""
    summed: FloatArray = np.bincount(group, weights=amounts, minlength=part.evidence.group_count).astype(np.float64)
    return summed


def _truth_of(part: BoxPart) -> IntArray:
    """Return the truths of a part that are to be found."""
    truths = part.evidence.truths
    return np.flatnonzero(
        ~ignored_truth(truths, part.area_px2) & part.images[truths.image] & _wanted(part)[truths.label]
    )


def _wanted(part: BoxPart) -> BoolArray:
    wanted = np.zeros(len(part.evidence.labels), bool)
    wanted[labels_of(part)] = True
    return wanted
