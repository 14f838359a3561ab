"""Choosing frames one part after the other, so that the constraints hold of all that are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.diversity import ROUNDING, Apart, Limit, Vectors, k_center
from curation.core.sampling.constraints import Cap, Rules
from curation.core.sampling.growing import Growing
from curation.core.sampling.spacing import spaced, stretches
from curation.core.types import BoolArray, IntArray

VectorsOf: TypeAlias = Callable[[IntArray], Vectors]
"""Gives (n, D) unit vectors of rows; zeros for a row without one."""
TOGETHER = 4096
"""So many vectors are compared with each other at once."""
CLOSE = 1e-4
"""So near to the limit, float32 does not tell on which side a similarity is."""


@dataclass(frozen=True)
class Likeness:
    """How frames are compared: at most `most` alike, and, with `covers`, picked so that they cover their part.

    `beside`, (M, D), are vectors of frames outside that count as if they were chosen."""

    vectors_of: VectorsOf
    beside: Vectors
    most: float = 1.0
    covers: int = 0
    """Picks come from so many candidates at most, over all parts; 0 does not cover."""


@dataclass(frozen=True)
class Moment:
    """What a selection had been when it was asked."""

    left: Sequence[IntArray]
    written: int
    vectors: int


@dataclass
class Selection:
    """What is chosen so far, and what that leaves."""

    rules: Rules
    likeness: Likeness | None
    left: Sequence[IntArray]
    """For each cap, how many more each group may give."""
    ruled_out: BoolArray
    """(N,) chosen, or too near in time or likeness to what is."""
    too_alike: BoolArray
    vectors: Growing
    """Of what is chosen, and of what is beside."""
    _written: list[tuple[BoolArray, IntArray]] = field(default_factory=list)
    """Which flags were set, in order."""

    @classmethod
    def of(cls, rules: Rules, likeness: Likeness | None, *, rows: int) -> "Selection":
        """Begin with nothing chosen of `rows` rows."""
        left = [np.full(cap.group_count, cap.most, np.int64) for cap in rules.caps]
        vectors = Growing(likeness.beside.copy() if likeness else np.zeros((0, 0), np.float32))
        return cls(rules, likeness, left, np.zeros(rows, bool), np.zeros(rows, bool), vectors)

    def moment(self) -> Moment:
        """Return what `go_back` needs to take back what is chosen from now on."""
        return Moment([left.copy() for left in self.left], len(self._written), len(self.vectors))

    def go_back(self, moment: Moment) -> None:
        """Take back all that was chosen since a moment."""
        for left, then in zip(self.left, moment.left, strict=True):
            left[:] = then
        for flags, rows in self._written[moment.written :]:
            flags[rows] = False
        del self._written[moment.written :]
        self.vectors.keep(moment.vectors)

    def take(self, rows: IntArray, count: int) -> IntArray:
        """Choose the first `count` of rows that may be, each counting for those after it; returns them."""
        taken: list[IntArray] = []
        lacking, start, step = count, 0, 2 * count + 64
        while lacking > 0 and start < len(rows):
            some = self._take(rows[start : start + step], lacking)
            taken.append(some)
            lacking -= len(some)
            start, step = start + step, 4 * step
        return np.concatenate([rows[:0], *taken])

    def cover(self, rows: IntArray, count: int, *, among: int) -> IntArray:
        """Choose `count` of the first `among` rows that may be: those that cover best; where too few, the first others.

        Frames without a vector come last."""
        likeness = self.likeness
        assert likeness is not None
        pool = rows[~self.ruled_out[rows]]
        pool = pool[self._has_room(pool)][:among]
        vectors = likeness.vectors_of(pool)
        known = vectors.any(axis=1)
        pool, vectors = pool[known], vectors[known]
        picks = k_center(
            vectors,
            count=count,
            centres=self.vectors.all if len(self.vectors) else None,
            limits=[_limit(cap, left, pool) for cap, left in zip(self.rules.caps, self.left, strict=True)],
            apart=_apart_among(self.rules, pool),
            most_similar=likeness.most,
        )
        self._choose(pool[picks], vectors[picks])
        return np.concatenate([pool[picks], self.take(rows, count - len(picks))])

    def _take(self, rows: IntArray, count: int) -> IntArray:
        alive = rows[~self.ruled_out[rows]]
        taken = [rows[:0]]
        while count > 0 and len(alive := alive[self._has_room(alive)]):
            batch = spaced(self.rules, alive)
            for cap, left in zip(self.rules.caps, self.left, strict=True):
                batch = batch[_is_among_first(cap.groups[batch], left)]
            if self.likeness is None:
                batch = batch[:count]
                self._choose(batch, None)
            else:
                batch, vectors = self._unlike(batch[: min(TOGETHER, 2 * count + 64)], self.likeness)
                batch, vectors = batch[:count], vectors[:count]
                self._choose(batch, vectors)
            taken.append(batch)
            count -= len(batch)
            alive = alive[~self.ruled_out[alive]]
        return np.concatenate(taken)

    def _choose(self, rows: IntArray, vectors: Vectors | None) -> None:
        if vectors is not None:
            self.vectors.add(vectors)
        for cap, left in zip(self.rules.caps, self.left, strict=True):
            groups = cap.groups[rows]
            np.subtract.at(left, groups[groups >= 0], 1)
        if self.rules.apart is not None:
            self._set(self.ruled_out, stretches(self.rules.apart, rows))
        self._set(self.ruled_out, rows)

    def _has_room(self, rows: IntArray) -> BoolArray:
        room = np.ones(len(rows), bool)
        for cap, left in zip(self.rules.caps, self.left, strict=True):
            groups = cap.groups[rows]
            room &= (groups < 0) | (left[groups] > 0)
        return room

    def _unlike(self, rows: IntArray, likeness: Likeness) -> tuple[IntArray, Vectors]:
        """Return those of rows that are not too alike to what is chosen, or to one of the rows before them."""
        vectors = likeness.vectors_of(rows)
        if likeness.most >= 1:
            return rows, vectors
        fits: BoolArray = np.ones(len(rows), bool)
        for start in range(0, len(self.vectors), TOGETHER):
            others = self.vectors.all[start : start + TOGETHER]
            fits &= ~is_above(vectors, others, likeness.most).any(axis=1)
        self._refuse(rows[~fits])
        rows, vectors = rows[fits], vectors[fits]
        alike = np.triu(is_above(vectors, vectors, likeness.most), k=1)
        fits = np.ones(len(rows), bool)
        for row in np.flatnonzero(alike.any(axis=1)):
            if fits[row]:
                fits &= ~alike[row]
        return rows[fits], vectors[fits]

    def _refuse(self, rows: IntArray) -> None:
        self._set(self.ruled_out, rows)
        self._set(self.too_alike, rows)

    def _set(self, flags: BoolArray, rows: IntArray) -> None:
        new = rows[~flags[rows]]
        flags[new] = True
        self._written.append((flags, new))


def is_above(left: Vectors, right: Vectors, most: float) -> BoolArray:
    """Tell for each of (N,) and each of (M,) unit vectors whether their cosine similarity is above `most`: (N, M)."""
    similarity = left @ right.T
    above: NDArray[np.bool_] = similarity > most
    close = np.argwhere(np.abs(similarity - most) < CLOSE)
    for start in range(0, len(close), TOGETHER):
        i, j = close[start : start + TOGETHER].T
        above[i, j] = np.vecdot(left[i].astype(np.float64), right[j].astype(np.float64)) > most + ROUNDING
    return above


def _is_among_first(groups: IntArray, left: IntArray) -> BoolArray:
    """Tell for each row whether it is among the first of its group, as many as are left for it."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    rank = np.arange(len(groups)) - np.searchsorted(ordered, ordered)
    first = np.empty(len(groups), bool)
    first[order] = (ordered < 0) | (rank < left[ordered])
    return first


def _limit(cap: Cap, left: IntArray, rows: IntArray) -> Limit:
    groups, of_row = np.unique(cap.groups[rows], return_inverse=True)
    return Limit(of_row, np.where(groups < 0, len(rows), left[groups]))


def _apart_among(rules: Rules, rows: IntArray) -> Apart | None:
    """Say which of some rows are too near in time to each other."""
    if rules.apart is None or rules.place is None:
        return None
    order = np.argsort(rules.place[rows])
    places = rules.place[rows][order]
    start = np.searchsorted(places, rules.apart.start[rows])
    return Apart(order, start, np.searchsorted(places, rules.apart.stop[rows]))
