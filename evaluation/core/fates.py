"""What became of each detection and each truth at an operating point."""

from dataclasses import dataclass

import numpy as np

from curation.core.types import BoolArray, IntArray
from evaluation.core.matching import matched
from evaluation.core.metrics.contract import BoxPart


@dataclass(frozen=True)
class Fates:
    """By COCO's rules, over all labels of a part's images.

    `order` (N,) are the detections that count at all, label by label, best score first. `truth_of` (D,) is the truth
    that a detection was matched with, -1 for none; `is_ignored` (D,) those that are neither right nor wrong;
    `truth_ignored` (T,) likewise."""

    order: IntArray
    truth_of: IntArray
    is_ignored: BoolArray
    truth_ignored: BoolArray


def fates(part: BoxPart, *, score: float, iou: float, max_detections: int = 100) -> Fates:
    """Tell what became of the detections of a part's images that reach a score.

    What scores less takes no truth away from what scores more, so one matching serves every score."""
    done = matched(part.evidence, area_px2=part.area_px2, ious=(iou,), max_detections=max_detections)
    kept = part.images[done.image] & (done.score >= score)
    order = done.index[kept]
    count = len(part.evidence.found.label)
    truth_of, is_ignored = np.full(count, -1, np.int64), np.zeros(count, np.bool_)
    truth_of[order] = done.partner[kept, 0]
    is_ignored[order] = done.ignored[kept] != 0
    return Fates(order, truth_of, is_ignored, ~done.truth_counts)


def labels_asked(part: BoxPart) -> BoolArray:
    """Return (L,) which of the evidence's labels a part is about."""
    return np.array([not part.labels or name in part.labels for name in part.evidence.labels], np.bool_)
