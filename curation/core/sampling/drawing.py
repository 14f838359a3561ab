"""Drawing: cells, how many of each, which frames, and what to say where something falls short."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from curation.core.sampling.capacity import Network
from curation.core.sampling.constraints import Rules
from curation.core.sampling.contract import Candidates, Cut, Layout, Sampler, Stratum, Supply
from curation.core.sampling.reasons import stratum, takings_of
from curation.core.sampling.selection import Likeness, Selection
from curation.core.sampling.spacing import earliest
from curation.core.types import BoolArray, IntArray

MOST_CUTS = 200
MOST_ROUNDS, MOST_COVERING_ROUNDS = 12, 4
"""So often is found out anew what cells can really give; each time at least one gives less than was thought."""


@dataclass(frozen=True)
class Drawn:
    """rows, (n,) rising, of the candidates. `ruled_out` counts those that could not come as well, by constraint."""

    rows: IntArray
    strata: tuple[Stratum, ...]
    notes: tuple[str, ...]
    left_out: Mapping[str, int]
    ruled_out: Mapping[str, int]


def draw_from(
    candidates: Candidates, sampler: Sampler, *, size: int | None, rules: Rules, likeness: Likeness | None = None
) -> Drawn:
    """Draw frames as a sampler asks and the constraints allow.

    Cells with little to spare choose first. Where a cell gives less than it should, what it can give is found out, the
    frames are shared out anew, and all choose again."""
    layout = sampler.lay_out(candidates, size=size)
    settling = _Settling(layout, rules, likeness)
    first, _ = layout.parts(layout.allot(settling.supply), settling.supply)
    counts = settling.settle()
    last, notes = layout.parts(counts, settling.supply)
    rows = np.sort(np.concatenate(settling.chosen)) if settling.chosen else np.zeros(0, np.int64)
    given = settling.given()
    takings = takings_of(layout.cells, rows, rules, too_alike=settling.too_alike(), exhausted=settling.exhausted)
    wanted = {part.name: part.wanted for part in first}
    parts = [replace(part, wanted=wanted.get(part.name, part.wanted)) for part in last]
    strata = tuple(stratum(part, given, settling.available, takings) for part in parts)
    everywhere = np.arange(layout.cell_count)
    return Drawn(rows, strata, tuple(notes), dict(layout.left_out), takings.of_cells(everywhere))


class _Settling:
    """Lets cells choose until each gives what it should, or it is known that none can give more."""

    def __init__(self, layout: Layout, rules: Rules, likeness: Likeness | None) -> None:
        self._layout, self._rules, self._likeness = layout, rules, likeness
        cells = layout.cells
        order = np.arange(len(cells)) if layout.order is None else layout.order
        order = order[cells[order] >= 0]
        by_cell = order[np.argsort(cells[order], kind="stable")]
        self.available = np.bincount(cells[cells >= 0], minlength=layout.cell_count).astype(np.int64)
        ends = np.cumsum(self.available).tolist()
        self._rows = [by_cell[end - n : end] for end, n in zip(ends, self.available.tolist(), strict=True)]
        self.supply = Supply(self.available)
        self.selection = Selection.of(rules, likeness, rows=len(cells))
        self.chosen: list[IntArray] = [rows[:0] for rows in self._rows]
        self._network: Network | None = None
        self.exhausted = np.zeros(layout.cell_count, bool)
        """(C,) the cells of which constraints on pairs of frames let no more come."""
        # Such constraints, which no flow knows of.
        self._has_pairs = rules.apart is not None or (likeness is not None and likeness.most < 1)

    def given(self) -> IntArray:
        return np.asarray([len(rows) for rows in self.chosen], np.int64)

    def too_alike(self) -> BoolArray | None:
        """(N,) what was seen to be too alike to a chosen frame, None where likeness does not matter."""
        return self.selection.too_alike if self._likeness is not None and self._likeness.most < 1 else None

    def settle(self) -> IntArray:
        """Fill `chosen` and `selection`, and return what the cells, (C,), were to give in the end."""
        covers = self._likeness is not None and self._likeness.covers > 0
        counts = self._layout.allot(self.supply)
        shares = self._layout.cell_count > 1 and (self._rules.caps or self._has_pairs)
        if shares or not covers:
            # Without covering first: that is quick, and finds out what the cells can give.
            counts = self._settle(counts, covers=False)
        return self._settle(counts, covers=True) if covers else counts

    def _settle(self, counts: IntArray, *, covers: bool) -> IntArray:
        for rounds_left in reversed(range(MOST_COVERING_ROUNDS if covers else MOST_ROUNDS)):
            self._choose(counts, covers=covers)
            given = self.given()
            self.exhausted |= (given < counts) & self._has_pairs
            if (given == counts).all() or not rounds_left:
                break
            found = self._flow().improve(self._flow().given(self.chosen), counts) if self._rules.caps else None
            if isinstance(found, np.ndarray) and not self._has_pairs:
                self._change(found)
                break
            less = self._less(given, counts, found if isinstance(found, list) else [])
            if less is None:
                break
            counts = less
        return counts

    def _choose(self, wanted: IntArray, *, covers: bool) -> None:
        """Let each cell choose in turn, those with the least to spare first."""
        self.selection = Selection.of(self._rules, self._likeness, rows=len(self._layout.cells))
        self.chosen = [rows[:0] for rows in self._rows]
        asked = np.flatnonzero(wanted > 0)
        total = int(wanted.sum())
        for cell in asked[np.argsort(self.available[asked] / wanted[asked], kind="stable")].tolist():
            count = int(wanted[cell])
            among = max(count, -(-self._likeness.covers * count // total)) if covers and self._likeness else 0
            self.chosen[cell] = self._fill(self._rows[cell], count, among=among)

    def _fill(self, rows: IntArray, count: int, *, among: int) -> IntArray:
        selection, before = self.selection, self.selection.moment()
        taken = selection.cover(rows, count, among=among) if among else selection.take(rows, count)
        if self._rules.apart is None or len(taken) == count:
            return taken
        # Chance wastes room between frames that must be apart in time. From the earliest on, the most fit.
        selection.go_back(before)
        packed = selection.take(earliest(self._rules, rows[~selection.ruled_out[rows]]), count)
        if len(packed) > len(taken):
            return packed
        selection.go_back(before)
        return selection.cover(rows, count, among=among) if among else selection.take(rows, count)

    def _change(self, more: IntArray) -> None:
        """Swap frames for others: `more` of each pair, or fewer."""
        pairs = self._flow().pair_of
        for pair in np.flatnonzero(more):
            cell = self._flow().cell_of(pair)
            if more[pair] < 0:  # those chosen last go
                mine = np.flatnonzero(pairs[self.chosen[cell]] == pair)
                self.chosen[cell] = np.delete(self.chosen[cell], mine[more[pair] :])
            else:
                others = self._rows[cell][pairs[self._rows[cell]] == pair]
                others = others[~np.isin(others, self.chosen[cell])]
                self.chosen[cell] = np.append(self.chosen[cell], others[: more[pair]])

    def _less(self, given: IntArray, counts: IntArray, cuts: list[Cut]) -> IntArray | None:
        """Find out what cells can give, and share out anew; None if, for all that is known, all can give enough."""
        if not cuts:
            if not self._has_pairs:
                return None
            self.supply = replace(self.supply, available=np.where(given < counts, given, self.supply.available))
            return self._layout.allot(self.supply)
        nothing = self._flow().given([])
        for _ in range(MOST_CUTS):
            self.supply = _with_cuts(self.supply, cuts)
            counts = self._layout.allot(self.supply)
            found = self._flow().improve(nothing, counts)
            if not isinstance(found, list):
                break
            cuts = found
        if not self._has_pairs:
            # Some cells' bounds may still be unknown: what is to be shared out to the frame asks the flow itself.
            # Constraints on pairs of frames stop more than it knows of, so that beside them it would be in vain.
            self.supply = replace(self.supply, flow=self._flow())
        return self._layout.allot(self.supply)

    def _flow(self) -> Network:
        if self._network is None:
            self._network = Network(self._layout.cells, self._layout.cell_count, self._rules.caps)
        return self._network


def _with_cuts(supply: Supply, cuts: list[Cut]) -> Supply:
    available = supply.available
    for cut in cuts:
        if cut.members.sum() == 1:
            available = np.where(cut.members, np.minimum(available, cut.most), available)
    return Supply(available, (*supply.cuts, *(cut for cut in cuts if cut.members.sum() > 1)))  # and no flow
