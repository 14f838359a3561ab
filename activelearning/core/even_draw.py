"""A part of many frames that covers cameras and time evenly, in short stretches so that neighbours stay together."""

import numpy as np

from curation.core.types import BoolArray, IntArray

STRETCH_S = 10.0


def even_draw(
    camera: IntArray, video: IntArray, pts_us: IntArray, is_picture: BoolArray, *, most: int, seed: int
) -> BoolArray:
    """Draw at most `most` of (N,) frames: (N,) which they are. The same seed draws the same.

    Each camera gives as many as any other, if it has them. Of a camera whole stretches of 10 s are taken, equally far
    apart in the order of its videos and their time, from a start that chance sets; single pictures are stretches of
    their own."""
    count = len(camera)
    if count <= most:
        return np.ones(count, np.bool_)
    taken = np.zeros(count, np.bool_)
    stretch = np.where(is_picture, pts_us, pts_us // round(STRETCH_S * 1e6))
    chance = np.random.default_rng(seed)
    names, counts = np.unique(camera, return_counts=True)
    for name, quota in zip(names.tolist(), _quotas(counts, most).tolist(), strict=True):
        rows = np.flatnonzero(camera == name)
        rows = rows[np.lexsort((pts_us[rows], video[rows]))]
        is_first = np.ones(len(rows), np.bool_)
        is_first[1:] = (np.diff(video[rows]) != 0) | (np.diff(stretch[rows]) != 0)
        taken[rows[_of_camera(np.cumsum(is_first) - 1, quota, start=float(chance.random()))]] = True
    return taken


def _quotas(counts: IntArray, most: int) -> IntArray:
    """Share `most` out evenly; what a camera does not have the others get."""
    quotas = np.zeros(len(counts), np.int64)
    left = most
    order = np.argsort(counts, kind="stable")
    for done, place in enumerate(order.tolist()):
        quotas[place] = min(int(counts[place]), left // (len(counts) - done))
        left -= int(quotas[place])
    return quotas


def _of_camera(stretch: IntArray, quota: int, *, start: float) -> IntArray:
    """Return the places of up to `quota` frames; (n,) numbers of their stretches rise from 0."""
    if quota >= len(stretch):
        return np.arange(len(stretch))
    sizes = np.bincount(stretch)
    wanted = max(1, round(len(sizes) * quota / len(stretch)))
    chosen = np.unique(((np.arange(wanted) + start) * len(sizes) / wanted).astype(np.int64))
    rest = np.setdiff1d(np.arange(len(sizes)), chosen)
    step = max(1, round(len(rest) / max(1, wanted)))
    order = np.concatenate([_spread(chosen), rest[::step]])
    ends = np.cumsum(sizes[order])
    whole = order[: int(np.searchsorted(ends, quota, side="right"))]
    if not len(whole):  # one stretch alone is too long
        return np.flatnonzero(stretch == order[0])[:quota]
    return np.flatnonzero(np.isin(stretch, whole))


def _spread(places: IntArray) -> IntArray:
    """Order places so that what is cut off at the end lies evenly among them."""
    key = np.array([int(f"{n:032b}"[::-1], 2) for n in range(len(places))], np.int64)
    return places[np.argsort(key, kind="stable")]
