"""Objects that a model loses for a moment, or sees for a moment only: what does not fit the frames before and after.

An object is one that stands near where one of its label stood, for its size. Frames are compared with the next ones of
their video within `gap_s`; an object that is seen again there was lost in the frames between, unless somebody took its
place. How deep a dip is: the lower of the scores before and after, less what the model gives it in between. A box that
is seen in one frame alone is a peak: its score, less the higher of what the frames beside it give it.
Source: inconsistency over time as a sign of error, as in Bengar et al., "Temporal coherence for active learning in
videos", ICCVW 2019."""

from dataclasses import dataclass

import numpy as np

from activelearning.core.pairing import enlarged, one_to_one, overlaps
from activelearning.core.pool import Boxes, Pool
from curation.core.types import BoolArray, FloatArray, IntArray

MICROSECONDS = 1_000_000
MOST_STEPS = 64
"""Frames that are looked ahead at most, however dense the footage."""


@dataclass(frozen=True)
class Dips:
    """(Q,) moments. rows are rows of the pool; before and after are boxes of the pool, -1 both where it is a peak.

    here is the score that the model gives the object there, 0 for none; xyxy is where it is, or must be."""

    rows: IntArray
    depth: FloatArray
    label: IntArray
    xyxy: FloatArray
    here: FloatArray
    before: IntArray
    after: IntArray


@dataclass(frozen=True)
class Nearby:
    """What counts as the same object: boxes widened by `reach` of their size on each side that overlap by `iou`."""

    gap_s: float
    reach: float
    iou: float


def dips_and_peaks(pool: Pool, *, seen: float, nearby: Nearby) -> tuple[Dips, Dips]:
    """Find objects with a score of at least `seen` that are lost for a moment, and those seen for a moment only."""
    film = _Film.of(pool, nearby)
    boxes = pool.boxes
    is_moving = film.place[boxes.frame] >= 0
    shown = np.flatnonzero((boxes.score >= seen) & is_moving)
    faint = np.flatnonzero((boxes.score < seen) & is_moving)
    follower, steps, has_before = _follow(film, boxes, shown, len(pool.labels))
    return (
        _dips(film, boxes, shown, faint, follower, steps, len(pool.labels)),
        _peaks(film, boxes, shown[~has_before & (follower < 0)], faint, len(pool.labels)),
    )


@dataclass(frozen=True)
class _Film:
    """Frames of videos in order of time: rows (F,) of the pool; place (N,) of each row among them, -1 for pictures.

    ahead (F,) is how many of the next frames are of the same video and near enough in time."""

    rows: IntArray
    place: IntArray
    at_us: IntArray
    ahead: IntArray
    nearby: Nearby

    @classmethod
    def of(cls, pool: Pool, nearby: Nearby) -> "_Film":
        rows = np.flatnonzero(~pool.is_picture)
        rows = rows[np.lexsort((pool.frame_ids[rows], pool.pts_us[rows], pool.video[rows]))]
        place = np.full(len(pool), -1)
        place[rows] = np.arange(len(rows))
        at_us, video = pool.pts_us[rows], pool.video[rows]
        gap_us = round(nearby.gap_s * MICROSECONDS)
        ahead = np.zeros(len(rows), np.int64)
        for step in range(1, MOST_STEPS + 1):
            is_near = (video[step:] == video[:-step]) & (at_us[step:] - at_us[:-step] <= gap_us)
            if not is_near.any():
                break
            ahead[:-step] += is_near
        return cls(rows, place, at_us, ahead, nearby)


def _follow(film: _Film, boxes: Boxes, shown: IntArray, labels: int) -> tuple[IntArray, IntArray, BoolArray]:
    """Find for each of (S,) shown boxes the next one of its object: its place among them, or -1; the frames till there;
    and whether one comes before it."""
    follower, steps, has_before = np.full(len(shown), -1), np.zeros(len(shown), np.int64), np.zeros(len(shown), bool)
    place, label = film.place[boxes.frame[shown]], boxes.label[shown]
    wide = enlarged(boxes.xyxy[shown], by=film.nearby.reach)
    for step in range(1, int(film.ahead.max(initial=0)) + 1):
        open_ = np.flatnonzero((follower < 0) & (film.ahead[place] >= step))
        free = np.flatnonzero(~has_before)
        one, two, _ = one_to_one(
            overlaps(
                (place[open_] + step) * labels + label[open_], wide[open_],
                place[free] * labels + label[free], wide[free],
                least_iou=film.nearby.iou,
            )
        )  # fmt: skip
        follower[open_[one]], steps[open_[one]], has_before[free[two]] = free[two], step, True
    return follower, steps, has_before


def _dips(
    film: _Film, boxes: Boxes, shown: IntArray, faint: IntArray, follower: IntArray, steps: IntArray, labels: int
) -> Dips:
    leap = np.flatnonzero(steps > 1)
    lost = steps[leap] - 1
    of = np.repeat(leap, lost)  # a row for each frame in which an object is lost
    offset = 1 + np.arange(len(of)) - np.repeat(np.cumsum(lost) - lost, lost)
    before, after = shown[of], shown[follower[of]]
    place = film.place[boxes.frame[before]] + offset
    start_us, end_us = film.at_us[film.place[boxes.frame[before]]], film.at_us[film.place[boxes.frame[after]]]
    passed = ((film.at_us[place] - start_us) / np.maximum(end_us - start_us, 1))[:, None]
    xyxy = (1 - passed) * boxes.xyxy[before] + passed * boxes.xyxy[after]
    here = _score_there(film, boxes, faint, place, boxes.label[before], xyxy, labels)
    depth = np.minimum(boxes.score[before], boxes.score[after]) - here
    return Dips(film.rows[place], depth, boxes.label[before], xyxy, here, before, after)


def _peaks(film: _Film, boxes: Boxes, alone: IntArray, faint: IntArray, labels: int) -> Dips:
    place = film.place[boxes.frame[alone]]
    is_inside = (film.ahead[place] > 0) & (place > 0) & (film.ahead[place - 1] > 0)
    alone, place = alone[is_inside], place[is_inside]
    beside = [
        _score_there(film, boxes, faint, place + step, boxes.label[alone], boxes.xyxy[alone], labels)
        for step in (-1, 1)
    ]
    depth = boxes.score[alone] - np.maximum(*beside)
    nobody = np.full(len(alone), -1)
    return Dips(
        boxes.frame[alone], depth, boxes.label[alone], boxes.xyxy[alone], boxes.score[alone], nobody, nobody
    )  # fmt: skip


def _score_there(
    film: _Film, boxes: Boxes, faint: IntArray, place: IntArray, label: IntArray, xyxy: FloatArray, labels: int
) -> FloatArray:
    """Return the highest score of a faint box where an object should be: (Q,), 0 for none."""
    reach = film.nearby.reach
    one, two, _ = overlaps(
        place * labels + label, enlarged(xyxy, by=reach),
        film.place[boxes.frame[faint]] * labels + boxes.label[faint], enlarged(boxes.xyxy[faint], by=reach),
        least_iou=film.nearby.iou,
    )  # fmt: skip
    best = np.zeros(len(place))
    np.maximum.at(best, one, boxes.score[faint[two]])
    return best
