"""Whole numbers of frames for cells, such that demands on unions of cells are met, or missed as little as can be.

An integer programme, solved by HiGHS (scipy.optimize.milp). One thread, no clock: the same task has the same answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp

from curation.core.sampling.contract import Supply
from curation.core.types import BoolArray, FloatArray, IntArray

LESS = 8
"""Where frames cannot be cut, a total that fits on paper may be too much by a few."""
NODES = 5_000
"""Where so many branches do not prove that nothing is better, the best that was found is taken."""
EXACT_CELLS, WHOLE_CELLS = 40, 200
"""Up to so many cells, counts are the closest to what is natural that there are; and shortfalls are the least in whole
frames. With more cells, they are the least there would be if frames could be cut, rounded up."""
BOXES = ((0, 1), (1, 2), (4, 5), (32, 33), (np.inf, np.inf))
"""How far below and above what is natural, rounded down, a cell may be: each is tried where the one before fails."""
SLACK = 1e-6
SWEEPS = 100


@dataclass(frozen=True)
class Demand:
    """The frames of some of (C,) cells together: `wanted`, and no more than that if it is a ceiling too."""

    cells: BoolArray
    wanted: int
    is_ceiling: bool = True


@dataclass(frozen=True)
class Answer:
    """How many frames each of (C,) cells gives, and how many each of (D,) demands misses."""

    counts: IntArray
    missing: IntArray


def nearest(demands: Sequence[Demand], *, supply: Supply, size: int) -> Answer:
    """Meet demands with at most `size` frames, or come as near as can be.

    In this order: the largest shortfall, as a share of what is wanted, is smallest; all shortfalls together are; there
    are as many frames as may be; and the frames are spread over the cells as they are there, but for the demands."""
    if not len(supply.available):
        return Answer(np.zeros(0, np.int64), np.asarray([demand.wanted for demand in demands], np.int64))
    task = _Task(demands, supply, size)
    missing: IntArray = np.zeros(len(demands), np.int64)
    full = min(size, int(supply.available.sum()))
    if (counts := task.spread(missing, full)) is not None:
        return Answer(counts, missing)  # nothing could be better
    most = task.most_frames(missing)
    if most is None:
        missing = task.least_missing()
        most = task.most_frames(missing)
    if most is None:  # only where the solver's tolerance played a trick; nothing is always allowed
        return Answer(np.zeros(len(supply.available), np.int64), task.wanted)
    total = int(np.floor(most.sum() + SLACK))
    tries = (task.spread(missing, less) for less in range(total, max(-1, total - LESS), -1))
    counts = next((found for found in tries if found is not None), np.floor(most + SLACK).astype(np.int64))
    return Answer(counts, np.maximum(0, task.wanted - task.members @ counts))


def largest_size(demands: Sequence[Demand], shares: FloatArray, *, supply: Supply) -> int:
    """Return the size up to which demands that grow with it, each by its share of it, can all be met; 0 if none.

    A demand of share 0 is a number of frames and does not grow."""
    cells = len(supply.available)
    rows, low, high = [], [], []
    for demand, share in zip(demands, shares, strict=True):
        rows.append(np.append(demand.cells.astype(float), -share))
        fixed = demand.wanted if share == 0 else 0
        low.append(fixed)
        high.append(fixed if demand.is_ceiling else np.inf)
    rows.append(np.append(np.ones(cells), -1.0))
    matrix, lower, upper = np.asarray(rows), np.asarray([*low, 0.0]), np.asarray([*high, 0.0])
    cuts = [(np.append(cut.members.astype(float), 0.0), cut.most) for cut in supply.cuts]
    at_most = [*matrix[np.isfinite(upper)], *-matrix, *(row for row, _ in cuts)]
    bounds = [*upper[np.isfinite(upper)], *-lower, *(most for _, most in cuts)]
    best = linprog(
        np.append(np.zeros(cells), -1.0),
        np.asarray(at_most),
        bounds,
        bounds=[*((0, n) for n in supply.available), (0, None)],
    )
    return int(np.floor(best.x[-1] + SLACK)) if best.x is not None else 0


class _Task:
    """The variables are, in this order: frames of each cell, shortfall of each demand, and one helper."""

    def __init__(self, demands: Sequence[Demand], supply: Supply, size: int) -> None:
        self.supply, self.size = supply, size
        self.cells, self.count = len(supply.available), len(demands)
        self.wanted = np.asarray([demand.wanted for demand in demands], np.int64)
        self.members = np.asarray([demand.cells for demand in demands], np.int64).reshape(self.count, self.cells)
        self.is_ceiling = np.asarray([demand.is_ceiling for demand in demands], bool)

    def most_frames(self, missing: IntArray) -> FloatArray | None:
        """Return the most frames with shortfalls of at most `missing`, None if that cannot be."""
        cost = np.concatenate([-np.ones(self.cells), np.zeros(self.count + 1)])
        found = self._solve(cost, missing=missing)
        return None if found is None else np.asarray(found.x[: self.cells])

    def least_missing(self) -> IntArray:
        """Return the shortfalls whose largest is least, and which then are least together."""
        worst = np.zeros(self.cells + self.count + 1)
        worst[-1] = 1
        levels = sparse.hstack(
            [
                sparse.csr_matrix((self.count, self.cells)),
                sparse.eye(self.count),
                -sparse.csr_matrix(self.wanted[:, None]),
            ]
        )
        found = self._solve(worst, missing=self.wanted, more=[LinearConstraint(levels, -np.inf, 0)])
        if found is None:
            return self.wanted
        allowed = np.minimum(self.wanted, np.floor(found.x[-1] * self.wanted + SLACK)).astype(np.int64)
        together = np.concatenate([np.zeros(self.cells), np.ones(self.count), [0]])
        found = self._solve(together, missing=allowed)
        if found is None:
            return np.asarray(allowed)
        lacking = np.ceil(self.wanted - self.members @ found.x[: self.cells] - SLACK)
        return np.asarray(np.maximum(0, lacking).astype(np.int64))

    def spread(self, missing: IntArray, total: int) -> IntArray | None:
        """Return counts with these shortfalls and this total, close to what is natural; None if there are none.

        Few cells: the closest there are. Many: the first that the solver finds within a few frames of it."""
        natural = self._natural(missing, total)
        if self.cells <= EXACT_CELLS:
            return self._closest(natural, missing, total)
        for below, above in BOXES:
            low = np.maximum(0, np.floor(natural) - below)
            found = self._within(low, np.minimum(self.supply.available, np.floor(natural) + above), missing, total)
            if found is not None:
                return found
        return None

    def _closest(self, natural: FloatArray, missing: IntArray, total: int) -> IntArray | None:
        # Helper variables: by how much each cell is above, and below.
        cells, eye = self.cells, sparse.eye(self.cells)
        rows, low, high = self._rows(missing, total)
        meeting = LinearConstraint(sparse.hstack([rows, sparse.csr_matrix((rows.shape[0], 2 * cells))]), low, high)
        near = LinearConstraint(sparse.hstack([eye, -eye, eye]), natural, natural)
        found = milp(
            np.concatenate([np.zeros(cells), np.ones(2 * cells)]),
            integrality=np.concatenate([np.ones(cells), np.zeros(2 * cells)]),
            bounds=Bounds(0, np.concatenate([self.supply.available, np.full(2 * cells, np.inf)])),
            constraints=[meeting, near],
            options={"node_limit": NODES, "mip_rel_gap": 0},
        )
        return None if found.x is None else self._counts(found)

    def _within(self, low: FloatArray, high: FloatArray, missing: IntArray, total: int) -> IntArray | None:
        rows, least, most = self._rows(missing, total)
        found = milp(
            np.zeros(self.cells),
            integrality=np.ones(self.cells),
            bounds=Bounds(low, np.maximum(low, high)),
            constraints=[LinearConstraint(rows, least, most)],
            options={"node_limit": NODES},
        )
        return None if found.x is None else self._counts(found)

    def _rows(self, missing: IntArray, total: int) -> tuple[sparse.csr_matrix, FloatArray, FloatArray]:
        """What must hold of the counts alone: each demand, each cut, and the total."""
        cuts = np.asarray([cut.members for cut in self.supply.cuts], float).reshape(-1, self.cells)
        rows = sparse.csr_matrix(np.vstack([self.members, cuts, np.ones(self.cells)]))
        low = np.concatenate([self.wanted - missing, np.zeros(len(cuts)), [total]])
        most = [cut.most for cut in self.supply.cuts]
        high = np.concatenate([np.where(self.is_ceiling, self.wanted, np.inf), most, [total]])
        return rows, low.astype(float), high.astype(float)

    def _solve(
        self, cost: FloatArray, *, missing: IntArray, more: Sequence[LinearConstraint] = ()
    ) -> OptimizeResult | None:
        rows, low, high = self._rows(missing, 0)
        low[: self.count], high[-1] = self.wanted, self.size
        shortfall = sparse.vstack([sparse.eye(self.count), sparse.csr_matrix((rows.shape[0] - self.count, self.count))])
        # A ceiling is on the frames themselves, the least on frames and shortfall together.
        helper = sparse.csr_matrix((rows.shape[0], 1))
        least = LinearConstraint(sparse.hstack([rows, shortfall, helper]), low, np.inf)
        most = LinearConstraint(sparse.hstack([rows, 0 * shortfall, helper]), -np.inf, high)
        integral = np.append(np.full(self.cells + self.count, int(self.cells <= WHOLE_CELLS)), 0)
        bounds = Bounds(0, np.concatenate([self.supply.available, missing, [1]]))
        options = {"node_limit": NODES, "mip_rel_gap": 0}
        found = milp(cost, integrality=integral, bounds=bounds, constraints=[least, most, *more], options=options)
        return None if found.x is None else found

    def _counts(self, found: OptimizeResult) -> IntArray:
        return np.asarray(np.rint(found.x[: self.cells]).astype(np.int64))

    def _natural(self, missing: IntArray, total: int) -> FloatArray:
        """Return what each cell would give if frames came as they are, but for the demands: raking.

        Source: Deming and Stephan, "On a least squares adjustment of a sampled frequency table", 1940."""
        available = self.supply.available.astype(float)
        counts: NDArray[np.float64] = available * total / max(1.0, available.sum())
        for _ in range(SWEEPS):
            before = counts.copy()
            for members, wanted, lacking, ceiling in zip(
                self.members.astype(bool), self.wanted, missing, self.is_ceiling, strict=True
            ):
                inside = counts[members].sum()
                if ceiling or inside < wanted - lacking:
                    _scale(counts, members, float(wanted - lacking), inside)
                    _scale(counts, ~members, float(total - wanted + lacking), counts[~members].sum())
            counts = np.minimum(counts, available)
            if np.abs(counts - before).max(initial=0) < SLACK:
                break
        return np.asarray(np.round(counts, 3))


def _scale(counts: FloatArray, members: BoolArray, wanted: float, inside: float) -> None:
    if inside > 0:
        counts[members] *= max(0.0, wanted) / inside
