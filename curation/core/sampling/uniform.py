"""Every combination of some factors' values equally often."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import ClassVar, Literal

import numpy as np

from curation.core.errors import SpecError
from curation.core.operating.coding import MISSING, Codes
from curation.core.params import param
from curation.core.sampling.contract import Candidates, Layout, Part, SimpleLayout, Supply
from curation.core.sampling.levels import fill_evenly
from curation.core.sampling.programme import Demand, nearest
from curation.core.sampling.shares import whole_counts
from curation.core.types import IntArray

MOST_CELLS = 20_000
SHOWN_MISSING = 2_000
"""Combinations without a frame are listed as long as there are no more combinations than this, else counted."""


@dataclass(frozen=True)
class Uniform:
    """Gives every combination of the factors' values as many frames; where one has too few, the others get more."""

    kind: ClassVar[str] = "uniform"
    needs_size: ClassVar[bool] = True

    factors: list[str] = param(help="The factors, such as [lighting, weather].")
    over: Literal["combinations", "values"] = param(
        "combinations", help="combinations: each alike; values: the values of each factor alike, whatever they meet."
    )
    unknown: bool = param(False, help="Treat frames without a value as a value of its own.")

    def __post_init__(self) -> None:
        if not self.factors or len(set(self.factors)) < len(self.factors):
            raise ValueError(f"factors is {self.factors!r}; name one factor or more, each once.")

    def lay_out(self, candidates: Candidates, *, size: int | None) -> Layout:
        coded = [_with_unknown(candidates.codes(name), unknown=self.unknown) for name in self.factors]
        combinations = int(np.prod([len(codes.names) for codes in coded], dtype=float))
        if combinations > MOST_CELLS:
            raise SpecError(
                f"sampler: {' x '.join(self.factors)} makes {combinations:,} combinations, and at most {MOST_CELLS:,} "
                "can be balanced. Leave a factor out, or cut it into fewer bins in the operating conditions."
            )
        cells: IntArray = np.zeros(len(candidates), np.int64)
        left_out = {}
        known = np.ones(len(candidates), bool)
        for codes in coded:
            lacking = known & (codes.codes == MISSING)
            if lacking.any():
                left_out[f"no value for {codes.factor}"] = int(lacking.sum())
            known &= ~lacking
            cells = cells * len(codes.names) + codes.codes
        cells[~known] = -1
        layout = _Combinations if self.over == "combinations" else _Values
        return layout(cells, combinations, left_out=left_out, coded=coded, size=size or 0)


@dataclass(frozen=True)
class _Combinations(SimpleLayout):
    """A cell is a combination of values."""

    coded: Sequence[Codes] = ()
    size: int = 0

    def allot(self, supply: Supply) -> IntArray:
        return fill_evenly(supply, size=self.size)

    def parts(self, counts: IntArray, supply: Supply) -> tuple[Sequence[Part], Sequence[str]]:
        present = np.bincount(self.cells[self.cells >= 0], minlength=self.cell_count) > 0
        shown = np.flatnonzero(present) if self.cell_count > SHOWN_MISSING else np.arange(self.cell_count)
        even = whole_counts(np.full(self.cell_count, self.size / max(1, self.cell_count)))
        names = self._names()
        parts = [Part(names[cell], int(even[cell]), np.asarray([cell])) for cell in shown.tolist()]
        absent = int((~present).sum())
        return parts, [f"{absent:,} of {self.cell_count:,} combinations have no frame to draw."] if absent else []

    def _names(self) -> list[str]:
        words = [[f"{codes.factor}:{name}" for name in codes.names] for codes in self.coded]
        return [" ".join(combination) for combination in product(*words)]


@dataclass(frozen=True)
class _Values(_Combinations):
    """Each factor is balanced by itself: as if each value had its quota."""

    def allot(self, supply: Supply) -> IntArray:
        demands: list[Demand] = []
        # Cells without frames only make the programme larger.
        filled = np.flatnonzero(supply.available > 0)
        for codes, of_cell in zip(self.coded, self._values_of_cells(), strict=True):
            cells = [of_cell[filled] == value for value in range(len(codes.names))]
            available = np.asarray([supply.available[filled][members].sum() for members in cells], np.int64)
            demands += map(Demand, cells, fill_evenly(Supply(available), size=self.size).tolist())
        cuts = tuple(replace(cut, members=cut.members[filled]) for cut in supply.cuts)
        answer = nearest(demands, supply=Supply(supply.available[filled], cuts), size=self.size)
        counts = np.zeros_like(supply.available)
        counts[filled] = answer.counts
        return counts

    def parts(self, counts: IntArray, supply: Supply) -> tuple[Sequence[Part], Sequence[str]]:
        parts: list[Part] = []
        for codes, of_cell in zip(self.coded, self._values_of_cells(), strict=True):
            even = whole_counts(np.full(len(codes.names), self.size / max(1, len(codes.names)))).tolist()
            conflict = f"Its frames are bound to values of other factors, which are to be as even as {codes.factor}."
            parts += [
                Part(f"{codes.factor}:{name}", wanted, np.flatnonzero(of_cell == value), conflict)
                for value, (name, wanted) in enumerate(zip(codes.names, even, strict=True))
            ]
        return parts, []

    def _values_of_cells(self) -> list[IntArray]:
        return list(np.unravel_index(np.arange(self.cell_count), [len(codes.names) for codes in self.coded]))


def _with_unknown(codes: Codes, *, unknown: bool) -> Codes:
    if not unknown:
        return codes
    filled = np.where(codes.codes == MISSING, len(codes.names), codes.codes).astype(np.int16)
    return replace(codes, names=(*codes.names, "unknown"), codes=filled)
