"""What each witness says is in the images: models, and the frames before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.boxes import Found, Truths
from evaluation.core.overlaps import overlapping

NEIGHBOURS = "the frames before and after"
STILL_IOU = 0.3
"""An object that the frames before and after show where it was, at most this much moved."""
LEAST_SCORE = 0.1
"""Weaker detections say nothing."""
PRIOR_WEIGHT = 5.0
LIGHT = 1e-3
"""The weight of a bin without detections: it gives way."""
BINS = 10


@dataclass(frozen=True)
class View:
    """One witness. `speaks` (I,) are the images of which it says anything: silence elsewhere means nothing."""

    name: str
    found: Found
    speaks: BoolArray


@dataclass(frozen=True)
class Sightings:
    """(D,) what all views together saw, in order of image. trust is how often a view is right that is so sure."""

    image: IntArray
    label: IntArray
    xywh: FloatArray
    score: FloatArray
    trust: FloatArray
    view: IntArray


def neighbours_view(truths: Truths, *, before: IntArray, after: IntArray) -> View:
    """See in each image what the truth of the images before and after it agree on: same label, about the same place.

    before and after are (I,) places of images, -1 where there is none near in time. Boxes are the mean of both."""
    speaks = (before >= 0) & (after >= 0)
    images = np.flatnonzero(speaks)
    ones, others = _rows_of(truths, before[images], images), _rows_of(truths, after[images], images)
    a, b, _ = overlapping(
        ones.image, truths.xywh[ones.row], others.image, truths.xywh[others.row], least_iou=STILL_IOU
    )  # fmt: skip
    same = truths.label[ones.row[a]] == truths.label[others.row[b]]
    a, b = a[same], b[same]
    boxes = (truths.xywh[ones.row[a]] + truths.xywh[others.row[b]]) / 2
    order = np.argsort(ones.image[a], kind="stable")
    found = Found(ones.image[a][order], truths.label[ones.row[a]][order], boxes[order], np.ones(len(a)))
    return View(NEIGHBOURS, found, speaks)


def sightings(truths: Truths, views: Sequence[View]) -> Sightings:
    """Put what views saw together, in order of image."""
    kept = [np.flatnonzero((v.found.score >= LEAST_SCORE) & v.speaks[v.found.image]) for v in views]
    parts = [
        (v.found.image[k], v.found.label[k], v.found.xywh[k], v.found.score[k], _trust(truths, v.found, k), n)
        for n, (v, k) in enumerate(zip(views, kept, strict=True))
    ]
    image = np.concatenate([p[0] for p in parts])
    order = np.argsort(image, kind="stable")
    view = np.concatenate([np.full(len(p[0]), p[5], np.int64) for p in parts])
    label, xywh, score, trust = (np.concatenate([p[i] for p in parts])[order] for i in (1, 2, 3, 4))
    return Sightings(image[order], label, xywh.reshape(-1, 4), score, trust, view[order])


def _trust(truths: Truths, found: Found, kept: IntArray) -> NDArray[np.float64]:
    """Say how often detections of such a label and score are right: their share that lies on truth of their label.

    In bins of the score, never falling. Where a label has few, all labels' share is believed, and where there are few
    of any, the score itself."""
    label, score = found.label[kept], np.clip(found.score[kept], 0.0, 1.0)
    d, t, _ = overlapping(found.image[kept], found.xywh[kept], truths.image, truths.xywh, least_iou=0.5)
    is_right = np.zeros(len(kept), np.bool_)
    is_right[d[label[d] == truths.label[t]]] = True
    which = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    share = _rising(which, is_right, prior=(np.arange(BINS) + 0.5) / BINS)
    trust = np.zeros(len(kept))
    for one in np.unique(label):
        mine = label == one
        trust[mine] = _rising(which[mine], is_right[mine], prior=share)[which[mine]]
    return trust


def _rising(which: IntArray, is_right: BoolArray, *, prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """(BINS,) share of right ones in each bin, drawn towards the prior, never falling."""
    count = np.bincount(which, minlength=BINS)
    right = np.bincount(which, weights=is_right, minlength=BINS)
    share = (right + PRIOR_WEIGHT * prior) / (count + PRIOR_WEIGHT)
    return np.asarray(isotonic_regression(share, weights=count + LIGHT).x, np.float64)


@dataclass(frozen=True)
class _Rows:
    image: IntArray
    row: IntArray


def _rows_of(truths: Truths, sources: IntArray, images: IntArray) -> _Rows:
    """Return the truths of source images as if they were in `images`, one source each."""
    first = np.searchsorted(truths.image, sources, side="left")
    count = np.searchsorted(truths.image, sources, side="right") - first
    image = np.repeat(images, count)
    start = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count) if len(count) else first
    row = np.arange(len(image)) + start
    counts = ~(truths.is_crowd[row] | truths.is_ignored[row])
    return _Rows(image[counts], row[counts])
