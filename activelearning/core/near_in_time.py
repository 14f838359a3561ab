"""Which frames were taken close to some known ones."""

import numpy as np

from curation.core.types import BoolArray, IntArray


def near_in_time(place: IntArray, time_us: IntArray, is_known: BoolArray, *, gap_us: int) -> BoolArray:
    """Tell which of (N,) frames lie at most gap_us before or after a known one of the same place; known ones do.

    place is a video or a camera, time_us is its clock. N may be 0.

    near_in_time([1, 1, 1, 2], [0, 5, 11, 0], [True, False, False, False], gap_us=5) -> [True, True, False, False]"""
    count = len(place)
    if not count:
        return np.zeros(0, np.bool_)
    order = np.lexsort((time_us, place))
    places, times, known = place[order], time_us[order], is_known[order]
    at = np.arange(count)
    before = np.maximum.accumulate(np.where(known, at, -1))
    after = np.minimum.accumulate(np.where(known, at, count)[::-1])[::-1]
    near = np.zeros(count, np.bool_)
    for nearest, there in ((before, before >= 0), (after, after < count)):
        other = np.where(there, nearest, 0)
        near |= there & (places[other] == places) & (np.abs(times - times[other]) <= gap_us)
    found = np.empty(count, np.bool_)
    found[order] = near
    return found
