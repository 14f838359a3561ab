"""Frames in which two models see different things."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from activelearning.core.pairing import one_to_one, overlaps
from activelearning.core.per_frame import Over, best_boxes, over_boxes
from activelearning.core.pool import Boxes, Pool, Seeds
from activelearning.core.ranking import best_first, chances
from activelearning.core.samplers.contract import Need, Part, Proposal, Reason, nothing
from activelearning.core.samplers.fields import OVER, SHARE
from curation.core.params import param
from curation.core.types import FloatArray, IntArray


@dataclass(frozen=True)
class Disagreement:
    """Finds frames in which another model sees other boxes than the tested one, or believes in them more or less.

    Boxes of one label are matched by overlap. A matched pair disagrees by the difference of its scores, a box that only
    one model has by its score."""

    kind: ClassVar[str] = "disagreement"
    needs: ClassVar[frozenset[Need]] = frozenset({"boxes", "others"})

    share: float = param(1.0, **SHARE)
    other: str = param("", help="The other model's name; none named is the one that the tested model was trained from.")
    over: Over = param("max", **OVER)
    iou: float = param(0.5, help="Boxes that overlap so much are the same object.", minimum=0.01, maximum=1)
    floor: float = param(0.25, help="Boxes that no model gives this score do not count.", minimum=0, maximum=1)

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        if not len(pool):
            return nothing(pool)
        if self.other not in pool.others:
            said = f"of {self.other!r}" if self.other else "of the model before"
            return nothing(pool, f"disagreement: there are no boxes {said} to compare with.")
        other, name = pool.others[self.other], self.other or "the model before"
        quarrels = _quarrels(pool.boxes, other, labels=len(pool.labels), iou=self.iou, floor=self.floor)
        found = over_boxes(quarrels.frame, quarrels.by, frames=len(pool), over=self.over)
        worst = np.full(len(pool), -1)
        best = best_boxes(quarrels.frame, quarrels.by)
        worst[quarrels.frame[best]] = best

        def why(row: int, part: int) -> Reason:
            return quarrels.reason(int(worst[row]), pool, other, name)

        score = found / (1 + found) if self.over == "sum" else found
        score = np.where(score > 0, score, np.nan)
        return Proposal(score, (Part(best_first(score, chances(pool, seed=seed))),), why)


@dataclass(frozen=True)
class _Quarrels:
    """(Q,) objects by rising frame: how much the models disagree, and each one's box, -1 where it has none."""

    frame: IntArray
    by: FloatArray
    mine: IntArray
    theirs: IntArray

    def reason(self, quarrel: int, pool: Pool, other: Boxes, name: str) -> Reason:
        mine, theirs = int(self.mine[quarrel]), int(self.theirs[quarrel])
        boxes, box = (pool.boxes, mine) if mine >= 0 else (other, theirs)
        label, score = pool.labels[boxes.label[box]], f"{boxes.score[box]:.2f}"
        if theirs < 0:
            told = f"Only the tested model sees this {label} (score {score}), {name} does not."
        elif mine < 0:
            told = f"Only {name} sees this {label} (score {score}), the tested model does not."
        else:
            told = f"The tested model gives this {label} a score of {score}, {name} {other.score[theirs]:.2f}."
        return Reason(told, box=boxes.corners(box))


def _quarrels(mine: Boxes, theirs: Boxes, *, labels: int, iou: float, floor: float) -> _Quarrels:
    one, two, _ = one_to_one(overlaps(_key(mine, labels), mine.xyxy, _key(theirs, labels), theirs.xyxy, least_iou=iou))
    alone, their_own = _others(one, len(mine)), _others(two, len(theirs))
    frame = np.concatenate([mine.frame[one], mine.frame[alone], theirs.frame[their_own]])
    most = np.concatenate([np.maximum(mine.score[one], theirs.score[two]), mine.score[alone], theirs.score[their_own]])
    by = np.concatenate([np.abs(mine.score[one] - theirs.score[two]), most[len(one) :]])
    of_mine = np.concatenate([one, alone, np.full(len(their_own), -1)])
    of_theirs = np.concatenate([two, np.full(len(alone), -1), their_own])
    counts = np.flatnonzero(most >= floor)
    order = counts[np.lexsort((of_theirs[counts], of_mine[counts], frame[counts]))]
    return _Quarrels(frame[order], by[order], of_mine[order], of_theirs[order])


def _key(boxes: Boxes, labels: int) -> IntArray:
    key: IntArray = boxes.frame * max(1, labels) + boxes.label
    return key


def _others(some: IntArray, count: int) -> IntArray:
    return np.setdiff1d(np.arange(count), some, assume_unique=True)
