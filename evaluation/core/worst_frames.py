"""The frames where most goes wrong, and what to draw on them."""

import numpy as np

from curation.core.types import FloatArray
from evaluation.core.error_kinds import NAMES, PartErrors
from evaluation.core.explaining import FOUND, IGNORED, OUTSIDE
from evaluation.core.metrics.contract import BoxPart
from evaluation.core.results import ShownBox


def worst(part: BoxPart, errors: PartErrors, limit: int) -> list[tuple[int, int, int]]:
    """List at most `limit` images with errors, worst first: (image, misses, false alarms).

    Most errors first, of equally many most misses first, then in order of image. Images without errors are left out."""
    count = part.evidence.image_count
    misses = np.bincount(part.evidence.truths.image[errors.is_lost], minlength=count)
    false = np.bincount(part.evidence.found.image[errors.is_false], minlength=count)
    order = np.lexsort((-misses, -(misses + false)))
    return [(int(i), int(misses[i]), int(false[i])) for i in order[: max(0, limit)] if misses[i] + false[i]]


def shown_boxes(part: BoxPart, errors: PartErrors, image: int) -> tuple[ShownBox, ...]:
    """Return the boxes to draw on one image: its truth in order, then its detections, best score first."""
    truths, found, labels = part.evidence.truths, part.evidence.found, part.evidence.labels
    shown = []
    for t in range(*np.searchsorted(truths.image, (image, image + 1))):
        code = errors.truth[t]
        if code == OUTSIDE:
            continue
        box, label = _xyxy(truths.xywh[t]), labels[truths.label[t]]
        if code in (FOUND, IGNORED):
            shown.append(ShownBox(label, box, "truth" if code == FOUND else "ignored"))
        else:
            shown.append(ShownBox(label, box, "missed", kind=NAMES[code]))
    first, last = np.searchsorted(found.image, (image, image + 1))
    for d in first + np.argsort(-found.score[first:last], kind="stable"):
        code = errors.found[d]
        if code == OUTSIDE:
            continue
        box, label, score = _xyxy(found.xywh[d]), labels[found.label[d]], float(found.score[d])
        if code in (FOUND, IGNORED):
            shown.append(ShownBox(label, box, "found" if code == FOUND else "ignored", score))
        else:
            shown.append(ShownBox(label, box, "false", score, NAMES[code]))
    return tuple(shown)


def _xyxy(xywh: FloatArray) -> tuple[float, float, float, float]:
    x, y, width, height = map(float, xywh)
    return x, y, x + width, y + height
