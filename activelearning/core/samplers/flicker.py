"""Frames in which a model loses an object that it sees before and after."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from activelearning.core.dips import MICROSECONDS, Dips, Nearby, dips_and_peaks
from activelearning.core.pool import Pool, Seeds
from activelearning.core.ranking import best_first, chances
from activelearning.core.samplers.contract import Need, Part, Proposal, Reason, nothing
from activelearning.core.samplers.fields import SHARE
from curation.core.params import param


@dataclass(frozen=True)
class Flicker:
    """Finds frames in which an object is lost that is seen shortly before and after, and boxes seen in one frame alone.

    A frame counts as its deepest dip: the lower score of before and after, less the score here. A lone box counts as
    its score, less that of what the frames beside it show there, times `alone`."""

    kind: ClassVar[str] = "flicker"
    needs: ClassVar[frozenset[Need]] = frozenset({"boxes"})

    share: float = param(1.0, **SHARE)
    seen: float = param(0.5, help="The score from which on an object is seen.", minimum=0.01, maximum=1)
    gap_s: float = param(3.0, help="An object is lost for so long at most.", unit="s", minimum=0.01, maximum=3600)
    reach: float = param(
        0.5,
        help="How far an object may move: boxes are widened by so much of their size.",
        minimum=0,
        maximum=5,
    )
    iou: float = param(0.2, help="Widened boxes that overlap so much are the same object.", minimum=0.01, maximum=1)
    alone: float = param(0.5, help="How much a box of one frame alone counts; 0 leaves it out.", minimum=0, maximum=1)
    least: float = param(0.1, help="Shallower dips do not count.", minimum=0, maximum=1)

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        if not len(pool.boxes):
            return nothing(pool)
        dips, peaks = dips_and_peaks(pool, seen=self.seen, nearby=Nearby(self.gap_s, self.reach, self.iou))
        rows = np.concatenate([dips.rows, peaks.rows])
        depth = np.concatenate([dips.depth, self.alone * peaks.depth])
        order = np.lexsort((np.arange(len(rows)), -depth))
        order = order[depth[order] >= max(self.least, 1e-9)]
        found, first = np.unique(rows[order], return_index=True)
        deepest = np.full(len(pool), -1)
        deepest[found] = order[first]
        score = np.full(len(pool), np.nan)
        score[found] = depth[order[first]]

        def why(row: int, part: int) -> Reason:
            at = int(deepest[row])
            return _lost(pool, dips, at) if at < len(dips.rows) else _alone(pool, peaks, at - len(dips.rows))

        return Proposal(score, (Part(best_first(score, chances(pool, seed=seed))),), why)


def _lost(pool: Pool, dips: Dips, at: int) -> Reason:
    before, after, boxes = int(dips.before[at]), int(dips.after[at]), pool.boxes
    now_us = pool.pts_us[dips.rows[at]]
    earlier, later = (abs(pool.pts_us[boxes.frame[box]] - now_us) / MICROSECONDS for box in (before, after))
    here = f"at {dips.here[at]:.2f}" if dips.here[at] > 0 else "not at all"
    return Reason(
        f"This {pool.labels[dips.label[at]]} is seen {earlier:.1f} s before (score {boxes.score[before]:.2f}) and "
        f"{later:.1f} s after ({boxes.score[after]:.2f}), here {here}.",
        box=_corners(dips, at),
    )


def _alone(pool: Pool, peaks: Dips, at: int) -> Reason:
    label = pool.labels[peaks.label[at]]
    return Reason(
        f"This {label} is seen here alone (score {peaks.here[at]:.2f}), in the frames before and after it is not.",
        box=_corners(peaks, at),
    )


def _corners(dips: Dips, at: int) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = dips.xyxy[at].tolist()
    return x1, y1, x2, y2
