"""How much each witness contradicts each label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.boxes import Truths
from evaluation.core.overlaps import gather, overlapping
from evaluation.core.views import Sightings, View, sightings

SAME_IOU, NEAR_IOU, LEAST_IOU = 0.5, 0.3, 0.1
SIZES_PX2 = (32.0**2, 96.0**2)
"""COCO's small, medium and large."""
FEW = 10.0
"""So many objects of a size weigh as much as what is known of the label at all sizes."""


@dataclass(frozen=True)
class Contradiction:
    """`strength` (V,) is how much each view contradicts; `said` (V,) the label that it says, -1 for none."""

    kind: Literal["missing", "spurious", "wrong_label", "wrong_box"]
    image: int
    truth: int
    label: int
    xywh: FloatArray
    suspicion: float
    strength: FloatArray
    said: IntArray


@dataclass(frozen=True)
class Scene:
    """Truth, what all views saw of it, and which of both overlap: pairs (truth, sighting, IoU) from 0.1 up.

    own (T, V) is the best trust of a sighting of the truth's own label on it."""

    labels: Sequence[str]
    truths: Truths
    seen: Sightings
    speaks: BoolArray
    """(V, I)"""
    pairs: tuple[IntArray, IntArray, FloatArray]
    own: FloatArray
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
    return Scene(labels, truths, seen, speaks, (t, d, iou), own, is_placed)


def contradictions(scene: Scene) -> Iterator[Contradiction]:
    """Yield how each label that counts is contradicted, by kind."""
    own_label = np.full(scene.shape, -1, np.int64)
    boxes, near = _badly_boxed(scene)
    yield from _told(scene, "wrong_box", boxes, own_label)
    yield from _told(scene, "spurious", _unseen(scene, near), own_label)
    for strength, said in _swapped(scene):
        yield from _told(scene, "wrong_label", strength, said)


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
    strength = np.zeros((len(rows), len(scene.speaks)))
    np.maximum.at(strength, (leader, seen.view[rows]), seen.trust[rows])
    for place in np.flatnonzero(leader == np.arange(len(rows))):
        row, image = rows[place], int(seen.image[rows[place]])
        said = np.where(strength[place] > 0, seen.label[row], -1)
        suspicion = float(strength[place].sum() / scene.speaks[:, image].sum())
        yield Contradiction(
            "missing", image, -1, int(seen.label[row]), seen.xywh[row], suspicion, strength[place], said
        )


def _told(
    scene: Scene, kind: Literal["spurious", "wrong_label", "wrong_box"], strength: FloatArray, said: IntArray
) -> Iterator[Contradiction]:
    truths = scene.truths
    speaking = scene.speaks[:, truths.image].sum(axis=0)
    suspicion = strength.sum(axis=1) / np.maximum(speaking, 1)
    for t in np.flatnonzero((suspicion > 0) & scene.counts):
        image, label = int(truths.image[t]), int(truths.label[t])
        yield Contradiction(kind, image, int(t), label, truths.xywh[t], float(suspicion[t]), strength[t], said[t])


def _badly_boxed(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(T, V) how much the box is elsewhere, and the trust in the sighting that is near."""
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
    return strength * _agreement(strength > 0, box), near


def _agreement(there: BoolArray, box: FloatArray) -> NDArray[np.float64]:
    """(T, V) IoU of each view's box with the mean of all views' boxes: those who contradict each other prove little."""
    count = np.maximum(there.sum(axis=1), 1)
    mean = (box * there[..., None]).sum(axis=1) / count[:, None]
    t, v = np.nonzero(there)
    one, _, iou = overlapping(t, box[t, v], np.arange(len(mean)), mean, least_iou=0.0)
    agreed = np.zeros(there.shape)
    agreed[t[one], v[one]] = iou
    return agreed


def _unseen(scene: Scene, near: FloatArray) -> NDArray[np.float64]:
    """(T, V) how much each view is sure that nothing is there: how often it finds such objects, and saw none."""
    seen, truths, (t, d, iou) = scene.seen, scene.truths, scene.pairs
    there = near.copy()
    on = iou >= NEAR_IOU
    np.maximum.at(there, (t[on], seen.view[d[on]]), seen.trust[d[on]])
    size = np.searchsorted(SIZES_PX2, truths.area_px2)
    which = truths.label * 3 + size
    speaks = scene.speaks[:, truths.image].T & scene.counts[:, None]
    found = (scene.own > 0) & speaks
    finds = np.zeros(scene.shape)
    for v in range(len(scene.speaks)):
        of_label = _share(found[:, v], speaks[:, v], truths.label, prior=0.5, weight=1.0)
        finds[:, v] = _share(found[:, v], speaks[:, v], which, prior=of_label, weight=FEW)
    return np.where(speaks, finds * (1 - there), 0.0)


def _share(hit: BoolArray, of: BoolArray, which: IntArray, *, prior: FloatArray | float, weight: float) -> FloatArray:
    """(T,) the share of hits among those of the same kind, drawn towards a prior where there are few."""
    hits, count = np.bincount(which, weights=hit), np.bincount(which, weights=of)
    return np.asarray((hits[which] + weight * prior) / (count[which] + weight), np.float64)


def _swapped(scene: Scene) -> Iterator[tuple[NDArray[np.float64], IntArray]]:
    """Yield for each other label (T, V) how much each view says that it is this one."""
    seen, truths, (t, d, iou) = scene.seen, scene.truths, scene.pairs
    # A sighting that lies on a truth of its own label tells of that one.
    other = (seen.label[d] != truths.label[t]) & (iou >= SAME_IOU) & ~scene.is_placed[d] & ~truths.is_crowd[t]
    t, d = t[other], d[other]
    for label in np.unique(seen.label[d]):
        is_this = seen.label[d] == label
        strength = np.zeros(scene.shape)
        np.maximum.at(strength, (t[is_this], seen.view[d[is_this]]), seen.trust[d[is_this]])
        strength *= 1 - scene.own
        yield strength, np.where(strength > 0, label, -1)
