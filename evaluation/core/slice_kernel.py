"""Sums over slices and groups, compiled."""

import numpy as np
from numpy.typing import NDArray

from curation.core.types import FloatArray, IntArray
from evaluation.core.compiled import compiled

IMAGES, HITS, OF, GROUPS, ALONE, SPREAD, TOUCHED, OWN_SQUARES, ALL_SQUARES, REST_SQUARES, CROSSED = range(11)
"""Columns of the result: images; hits and of; groups with something to hit, and those with nothing of the rest; squares
of what each group moves the difference of the two rates by, and of all its images about the rest's rate; of what there
is to hit in a slice's groups, squares: of its own part, of all, and of the rest; and its own times the rest."""
_TINY = 1e-9


@compiled
def slice_sums(
    start: IntArray, cell: IntArray, hits: FloatArray, of: FloatArray, cells: int, whole_hits: float, whole_of: float
) -> NDArray[np.float64]:
    """Sum over (n,) images in order of group: group g holds images start[g] to start[g + 1]; cell is -1 for none.

    Returns (cells, 11): see the names of the columns."""
    sums = np.zeros((cells, 11), np.float64)
    for image in range(len(cell)):
        if cell[image] >= 0:
            sums[cell[image], IMAGES] += 1
            sums[cell[image], HITS] += hits[image]
            sums[cell[image], OF] += of[image]
    own_hits, own_of, touched = np.zeros(cells), np.zeros(cells), np.empty(cells, np.int64)
    for group in range(len(start) - 1):
        count, all_hits, all_of = 0, 0.0, 0.0
        for image in range(start[group], start[group + 1]):
            all_hits += hits[image]
            all_of += of[image]
            place = cell[image]
            if place >= 0 and of[image] > 0:
                if own_of[place] == 0:
                    touched[count] = place
                    count += 1
                own_hits[place] += hits[image]
                own_of[place] += of[image]
        for one in range(count):
            place = touched[one]
            row = sums[place]
            h, n = own_hits[place], own_of[place]
            own_hits[place], own_of[place] = 0.0, 0.0
            row[GROUPS] += 1
            row[ALL_SQUARES] += all_of * all_of
            row[OWN_SQUARES] += n * n
            row[REST_SQUARES] += (all_of - n) ** 2
            row[CROSSED] += n * (all_of - n)
            if all_of - n <= 0:
                row[ALONE] += 1
            other_of = whole_of - row[OF]
            if other_of > 0:
                other_rate = (whole_hits - row[HITS]) / other_of
                own = (h - row[HITS] / row[OF] * n) / max(row[OF] - n, _TINY)
                other = (all_hits - h - other_rate * (all_of - n)) / other_of
                row[SPREAD] += (own - other) ** 2
                row[TOUCHED] += ((all_hits - other_rate * all_of) / other_of) ** 2
    return sums
