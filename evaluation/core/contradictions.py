"""How much each witness contradicts each label, as evidence that adds up: the logarithm of a likelihood ratio."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.boxes import Truths
from evaluation.core.overlaps import gather, overlapping
from evaluation.core.views import Sightings, View, sightings

SAME_IOU, NEAR_IOU, LEAST_IOU, AGREED_IOU = 0.5, 0.3, 0.1, 0.75
SIZES_PX2 = (32.0**2, 96.0**2)
"""COCO's small, medium and large."""
FEW = 10.0
"""So many objects of a size weigh as much as what is known of the label at all sizes."""
WRONG_BEFORE = 0.05
"""The share of labels that are wrong, before anything is known: near what audits of public data sets found."""
SUREST = 0.98
"""No witness is surer than this."""


@dataclass(frozen=True)
class Contradiction:
    """`evidence` (V,) is how much each view speaks against the label, below 0 for it; `said` (V,) the label that it
    says instead, -1 for none."""

    kind: Literal["missing", "spurious", "wrong_label", "wrong_box"]
    image: int
    truth: int
    label: int
    xywh: FloatArray
    suspicion: float
    evidence: FloatArray
    said: IntArray


@dataclass(frozen=True)
class Scene:
    """Truth, what all views saw of it, and which of both overlap: pairs (truth, sighting, IoU) from 0.1 up.

    own (T, V) is the best trust of a sighting of the truth's own label on it; finds (L x 3, V) how often a view finds
    objects of a label and size."""

    labels: Sequence[str]
    truths: Truths
    seen: Sightings
    speaks: BoolArray
    """(V, I)"""
    pairs: tuple[IntArray, IntArray, FloatArray]
    own: FloatArray
    finds: FloatArray
    is_placed: BoolArray
    """(D,) sightings that lie on a truth of their label."""

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.truths.label), len(self.speaks)

    @property
    def counts(self) -> BoolArray:
        return ~(self.truths.is_crowd | self.truths.is_ignored)


def scene_of(truths: Truths, views: Sequence[View], labels: Sequence[str]) -> Scene:
    """Put truth and views together."""
    seen = sightings(truths, views)
    d, t, iou = overlapping(
        seen.image, seen.xywh, truths.image, truths.xywh, least_iou=LEAST_IOU, is_crowd=truths.is_crowd
    )
    is_on = (seen.label[d] == truths.label[t]) & (iou >= SAME_IOU)
    own = np.zeros((len(truths.label), len(views)))
    np.maximum.at(own, (t[is_on], seen.view[d[is_on]]), seen.trust[d[is_on]])
    is_placed = np.zeros(len(seen.label), np.bool_)
    is_placed[d[is_on]] = True
    speaks = np.array([view.speaks for view in views], np.bool_)
    finds = _finds(truths, own > 0, speaks[:, truths.image].T, len(labels))
    return Scene(labels, truths, seen, speaks, (t, d, iou), own, finds, is_placed)


def contradictions(scene: Scene) -> Iterator[Contradiction]:
    """Yield how each label that counts is contradicted, by kind."""
    no_label = np.full(scene.shape, -1, np.int64)
    boxes, near = _badly_boxed(scene)
    yield from _told(scene, "wrong_box", boxes, no_label)
    yield from _told(scene, "spurious", _unseen(scene, near), no_label)
    for evidence, said in _swapped(scene):
        yield from _told(scene, "wrong_label", evidence, said)


def unlabelled(scene: Scene) -> Iterator[Contradiction]:
    """Yield what views saw where nothing is labelled, sightings of the same thing together."""
    seen, (t, d, iou) = scene.seen, scene.pairs
    free = ~scene.is_placed
    # What lies on a label, or in a crowd, or is the better box of a label that its view has no other for, is labelled.
    free[d[iou >= np.where(scene.truths.is_crowd[t], SAME_IOU, NEAR_IOU)]] = False
    unmatched = scene.own[t, seen.view[d]] == 0
    free[d[unmatched & (seen.label[d] == scene.truths.label[t])]] = False
    rows = np.flatnonzero(free)
    rows = rows[np.lexsort((rows, -seen.trust[rows], seen.image[rows]))]
    leader = gather(seen.image[rows], seen.label[rows], np.asarray(seen.xywh[rows], np.float64), SAME_IOU)
    trust = np.zeros((len(rows), len(scene.speaks)))
    np.maximum.at(trust, (leader, seen.view[rows]), seen.trust[rows])
    leads = np.flatnonzero(leader == np.arange(len(rows)))
    rows, best = rows[leads], trust[leads]
    unseen = -_surprise(scene.finds[_kind_of(seen.label[rows], seen.xywh[rows, 2] * seen.xywh[rows, 3])])
    evidence = np.where(best > 0, _sure(best), unseen) * scene.speaks[:, seen.image[rows]].T
    suspicion = _suspicion(evidence)
    for row, one, how in zip(rows, evidence, suspicion, strict=True):
        said = np.where(one > 0, seen.label[row], -1)
        image, label = int(seen.image[row]), int(seen.label[row])
        yield Contradiction("missing", image, -1, label, seen.xywh[row], float(how), one, said)


def _told(
    scene: Scene, kind: Literal["spurious", "wrong_label", "wrong_box"], evidence: FloatArray, said: IntArray
) -> Iterator[Contradiction]:
    truths = scene.truths
    evidence = evidence * scene.speaks[:, truths.image].T
    suspicion = _suspicion(evidence)
    for t in np.flatnonzero((evidence.max(axis=1, initial=0.0) > 0) & scene.counts):
        image, label = int(truths.image[t]), int(truths.label[t])
        yield Contradiction(kind, image, int(t), label, truths.xywh[t], float(suspicion[t]), evidence[t], said[t])


def _badly_boxed(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(T, V) evidence that the box is elsewhere, and the trust in the sighting that is near."""
    seen, truths, (t, d, iou) = scene.seen, scene.truths, scene.pairs
    view = seen.view[d]
    elsewhere = (
        (iou < SAME_IOU) & (seen.label[d] == truths.label[t]) & ~scene.is_placed[d] & (scene.own[t, view] == 0)
        & ~truths.is_crowd[t]
    )  # fmt: skip
    t, d, iou, view = t[elsewhere], d[elsewhere], iou[elsewhere], view[elsewhere]
    how_far = seen.trust[d] * np.clip((1 - iou) / (1 - NEAR_IOU), 0, 1)
    order = np.argsort(how_far, kind="stable")  # the strongest is written last
    t, d, view, how_far = t[order], d[order], view[order], how_far[order]
    strength, near, box = np.zeros(scene.shape), np.zeros(scene.shape), np.zeros((*scene.shape, 4))
    strength[t, view], box[t, view] = how_far, seen.xywh[d]
    np.maximum.at(near, (t, view), seen.trust[d])
    return _sure(strength * _agreement(strength > 0, box)) - _sure(scene.own), near


def _agreement(there: BoolArray, box: FloatArray) -> NDArray[np.float64]:
    """(T, V) how far each view's box agrees with the mean of all: views that contradict each other prove little."""
    count = np.maximum(there.sum(axis=1), 1)
    mean = (box * there[..., None]).sum(axis=1) / count[:, None]
    t, v = np.nonzero(there)
    one, _, iou = overlapping(t, box[t, v], np.arange(len(mean)), mean, least_iou=0.0)
    agreed = np.zeros(there.shape)
    agreed[t[one], v[one]] = np.minimum(iou / AGREED_IOU, 1.0)
    return agreed


def _unseen(scene: Scene, near: FloatArray) -> NDArray[np.float64]:
    """(T, V) evidence that nothing is there: it counts for more, the more often a view finds such objects."""
    seen, truths, (t, d, iou) = scene.seen, scene.truths, scene.pairs
    there = near.copy()
    on = iou >= NEAR_IOU
    np.maximum.at(there, (t[on], seen.view[d[on]]), seen.trust[d[on]])
    unseen = _surprise(scene.finds[_kind_of(truths.label, truths.area_px2)])
    return np.where(there < 0.5, unseen * (1 - 2 * there), -_sure(there))


def _swapped(scene: Scene) -> Iterator[tuple[NDArray[np.float64], IntArray]]:
    """Yield for each other label (T, V) evidence that it is this one, and that label where a view says so."""
    seen, truths, (t, d, iou) = scene.seen, scene.truths, scene.pairs
    # A sighting that lies on a truth of its own label tells of that one.
    other = (seen.label[d] != truths.label[t]) & (iou >= SAME_IOU) & ~scene.is_placed[d] & ~truths.is_crowd[t]
    t, d = t[other], d[other]
    for label in np.unique(seen.label[d]):
        is_this = seen.label[d] == label
        trust = np.zeros(scene.shape)
        np.maximum.at(trust, (t[is_this], seen.view[d[is_this]]), seen.trust[d[is_this]])
        yield _sure(trust) - _sure(scene.own), np.where(trust > 0, label, -1)


def _kind_of(label: IntArray, area_px2: FloatArray) -> IntArray:
    """Number (N,) objects by label and size: rows of `finds`."""
    return label * 3 + np.searchsorted(SIZES_PX2, area_px2)


def _finds(truths: Truths, found: BoolArray, speaks: BoolArray, label_count: int) -> NDArray[np.float64]:
    """(L x 3, V) how often each view finds objects of a label and size, drawn to the label's share where few are."""
    of = speaks & ~(truths.is_crowd | truths.is_ignored)[:, None]
    hits, count = np.zeros((label_count * 3, of.shape[1])), np.zeros((label_count * 3, of.shape[1]))
    which = _kind_of(truths.label, truths.area_px2)
    np.add.at(hits, which, found & of)
    np.add.at(count, which, of)
    label_hits, label_count_of = (x.reshape(label_count, 3, -1).sum(axis=1) for x in (hits, count))
    of_label = np.repeat((label_hits + 0.5) / (label_count_of + 1.0), 3, axis=0)
    return np.asarray((hits + FEW * of_label) / (count + FEW), np.float64)


def _surprise(finds: FloatArray) -> NDArray[np.float64]:
    """Say how much it proves that a view sees nothing which it finds so often."""
    return np.asarray(-np.log(1 - np.minimum(finds, SUREST)), np.float64)


def _sure(trust: FloatArray) -> NDArray[np.float64]:
    """Say how much a sighting proves; one that is as often wrong as right proves nothing."""
    sure = np.clip(np.asarray(trust, np.float64), 0.5, SUREST)
    return np.asarray(np.log(sure / (1 - sure)), np.float64)


def _suspicion(evidence: FloatArray) -> NDArray[np.float64]:
    """(N,) chance that a label is wrong, by (N, V) evidence of views that are taken for independent."""
    odds = np.log(WRONG_BEFORE / (1 - WRONG_BEFORE)) + evidence.sum(axis=1)
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)
