"""Precision over recall of many weighted samples in one backward pass over detections, compiled."""

import numpy as np
from numpy.typing import NDArray

from curation.core.types import FloatArray, IntArray
from evaluation.core.compiled import compiled


@compiled
def needed_counts(positives: int, recalls: FloatArray, needed: IntArray) -> None:
    """Write the least number of right detections that reaches each recall, as floats compare; at least 1."""
    for r in range(len(recalls)):
        count = np.int64(np.ceil(recalls[r] * positives))
        while count > 1 and (count - 1) / positives >= recalls[r]:
            count -= 1
        while count < 1 or count / positives < recalls[r]:
            count += 1
        needed[r] = count


@compiled
def count_hits(
    weights: NDArray[np.int32], start: IntArray, group: IntArray, hits: NDArray[np.int32], counts: IntArray
) -> None:
    """Add to counts (R, K, T) how often each of R samples counts the right detections of each label and IoU."""
    for r in range(len(weights)):
        for k in range(len(start) - 1):
            for d in range(start[k], start[k + 1]):
                weight, bits, t = weights[r, group[d]], hits[d], 0
                while weight and bits:
                    if bits & 1:
                        counts[r, k, t] += weight
                    bits >>= 1
                    t += 1


@compiled
def sweep(
    weights: NDArray[np.int32],
    start: IntArray,
    group: IntArray,
    hits: NDArray[np.int32],
    ignored: NDArray[np.int32],
    positives: IntArray,
    recalls: FloatArray,
    precision: FloatArray,
    counts: IntArray,
) -> None:
    """Write the mean over `recalls` of the best precision at or past each, and the number of right detections.

    Both are (R, K, T). weights is (R, G); detections of label k are start[k]:start[k + 1], best score first; positives
    is (R, K). Labels without truth in a sample have NaN. Precision and recall rise only at right detections, so only
    those are worked on; going backwards, the best precision past a detection is a running maximum."""
    ious = precision.shape[2]
    needed, next_recall = np.empty(len(recalls), np.int64), np.empty(ious, np.int64)
    right, left_out = np.empty(ious, np.int64), np.empty(ious, np.int64)
    best, total = np.empty(ious, np.float64), np.empty(ious, np.float64)
    drawn = np.empty(len(group) + 1, np.int64)
    for r in range(len(weights)):
        for k in range(len(start) - 1):
            if positives[r, k] == 0:
                precision[r, k, :] = np.nan
                continue
            needed_counts(positives[r, k], recalls, needed)
            right[:], left_out[:], best[:], total[:] = 0, 0, 0, 0
            seen, most = 0, 0
            for d in range(start[k], start[k + 1]):
                drawn[most] = d  # without a branch, which would be guessed wrong too often
                most += weights[r, group[d]] != 0
            for n in range(most):
                d = drawn[n]
                weight = weights[r, group[d]]
                seen += weight
                bits, t = hits[d], 0
                while bits:
                    if bits & 1:
                        right[t] += weight
                    bits >>= 1
                    t += 1
                bits, t = ignored[d], 0
                while bits:
                    if bits & 1:
                        left_out[t] += weight
                    bits >>= 1
                    t += 1
            for t in range(ious):
                counts[r, k, t] = right[t]
                reached = len(recalls) - 1
                while reached >= 0 and needed[reached] > right[t]:
                    reached -= 1
                next_recall[t] = reached
            for n in range(most - 1, -1, -1):
                d = drawn[n]
                weight = weights[r, group[d]]
                bits, t = hits[d], 0
                while bits:
                    if bits & 1:
                        share = right[t] / (seen - left_out[t])
                        if share > best[t]:
                            best[t] = share
                        right[t] -= weight
                        while next_recall[t] >= 0 and needed[next_recall[t]] > right[t]:
                            total[t] += best[t]
                            next_recall[t] -= 1
                    bits >>= 1
                    t += 1
                bits, t = ignored[d], 0
                while bits:
                    if bits & 1:
                        left_out[t] -= weight
                    bits >>= 1
                    t += 1
                seen -= weight
            precision[r, k, :] = total / len(recalls)
