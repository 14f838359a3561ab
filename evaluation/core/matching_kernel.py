"""COCO's matching of detections with truth, compiled."""

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.compiled import compiled

_NEARLY_ONE = 1 - 1e-10


@compiled
def match_cells(
    found_start: IntArray,
    truth_start: IntArray,
    truth_end: IntArray,
    found_xywh: FloatArray,
    is_outside: BoolArray,
    truth_xywh: FloatArray,
    is_crowd: BoolArray,
    is_ignored: BoolArray,
    ious: FloatArray,
    hits: NDArray[np.int32],
    ignored: NDArray[np.int32],
    partner: NDArray[np.int32],
    taken: NDArray[np.int32],
) -> None:
    """Match within each of C cells (an image and a label), best score first; the last four arrays are written to.

    found_start is (C + 1,); truths of cell c are truth_start[c]:truth_end[c], ignored ones last. `hits`, `ignored` (N,)
    and `taken` (T,) hold a bit for each of the ious; `partner` is (N, len(ious)) truths, -1 where there is none.
    Source: pycocotools.cocoeval.COCOeval.evaluateImg and bbIou of its maskApi.c."""
    lowest = min(ious.min(), _NEARLY_ONE)
    most = 0
    for cell in range(len(truth_start)):
        most = max(most, truth_end[cell] - truth_start[cell])
    overlap, near = np.empty(most, np.float64), np.empty(most, np.int64)
    for cell in range(len(truth_start)):
        for d in range(found_start[cell], found_start[cell + 1]):
            x, y, width, height = found_xywh[d, 0], found_xywh[d, 1], found_xywh[d, 2], found_xywh[d, 3]
            count = 0
            for g in range(truth_start[cell], truth_end[cell]):
                across = min(width + x, truth_xywh[g, 2] + truth_xywh[g, 0]) - max(x, truth_xywh[g, 0])
                if across <= 0:
                    continue
                along = min(height + y, truth_xywh[g, 3] + truth_xywh[g, 1]) - max(y, truth_xywh[g, 1])
                if along <= 0:
                    continue
                both = across * along
                area = width * height
                iou = both / (area if is_crowd[g] else area + truth_xywh[g, 2] * truth_xywh[g, 3] - both)
                if iou >= lowest:
                    overlap[count], near[count] = iou, g
                    count += 1
            hit, ignore = 0, 0
            for t in range(len(ious)):
                best, match = min(ious[t], _NEARLY_ONE), -1
                for n in range(count):
                    g = near[n]
                    if (taken[g] >> t) & 1 and not is_crowd[g]:
                        continue
                    if match >= 0 and not is_ignored[match] and is_ignored[g]:
                        break  # one that counts is matched: those to ignore, which come last, are not looked at
                    if overlap[n] < best:
                        continue
                    best, match = overlap[n], g
                partner[d, t] = match
                if match < 0:
                    if is_outside[d]:
                        ignore |= 1 << t
                    continue
                taken[match] |= 1 << t
                if is_ignored[match]:
                    ignore |= 1 << t
                else:
                    hit |= 1 << t
            hits[d], ignored[d] = hit, ignore
