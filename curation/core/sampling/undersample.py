"""All of the rarest, and of the others no more than of the next rarest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from curation.core.errors import SpecError
from curation.core.operating.coding import MISSING
from curation.core.params import param
from curation.core.sampling.classes import fill_classes
from curation.core.sampling.contract import Candidates, Layout, Part, SimpleLayout, Supply
from curation.core.sampling.numbering import numbered
from curation.core.types import BoolArray, IntArray


@dataclass(frozen=True)
class Undersample:
    """Takes all frames of the rarest class, then of each other as many as the next rarest has; up to `size`, if one is
    given, the limit goes on to the next rarest, and so on."""

    kind: ClassVar[str] = "undersample"
    needs_size: ClassVar[bool] = False

    over: list[str] = param(help="What the classes are: a factor, several, or `objects` or `label` for what is seen.")
    classes: list[str] = param([], help="Only these classes; none named is all that occur.")

    def __post_init__(self) -> None:
        if not self.over or len(set(self.over)) < len(self.over):
            raise ValueError(f"over is {self.over!r}; name one factor or more, each once.")

    def lay_out(self, candidates: Candidates, *, size: int | None) -> Layout:
        """Make a cell of the frames that show the same classes."""
        names: list[str] = []
        bits: list[BoolArray] = []
        cells: IntArray = np.zeros(len(candidates), np.int64)
        count = 1 if len(candidates) else 0
        for factor in self.over:
            own, of_code, codes = _classes_of(candidates, factor)
            words, cells = _joined(cells, codes, len(of_code))
            count = len(words)
            bits = [column[words // len(of_code)] for column in bits]
            bits += list(of_code[words % len(of_code)].T)
            names += own if len(self.over) == 1 else [f"{factor}:{name}" for name in own]
        wanted = self._wanted(names)
        members = np.asarray([bits[place] for place in wanted], bool).reshape(len(wanted), count)
        has_any: BoolArray = np.asarray(members.any(axis=0))
        lacking = int((~has_any[cells]).sum())
        return _Classes(
            cells=np.where(has_any[cells], cells, -1),
            cell_count=count,
            left_out={"shows none of the classes": lacking} if lacking else {},
            names=[names[place] for place in wanted],
            members=members,
            size=size,
        )

    def _wanted(self, names: Sequence[str]) -> list[int]:
        if unknown := [name for name in self.classes if name not in names]:
            raise SpecError(f"sampler.classes: there is no {unknown[0]!r}. Valid ones: {', '.join(names) or 'none'}.")
        return [place for place, name in enumerate(names) if not self.classes or name in self.classes]


@dataclass(frozen=True)
class _Classes(SimpleLayout):
    """members, (K, C), says which classes the frames of each cell show."""

    names: Sequence[str] = ()
    members: BoolArray | None = None
    size: int | None = None
    known: list[tuple[Supply, tuple[IntArray, int]]] = field(default_factory=list)
    """The last answer, which is asked for again."""

    def allot(self, supply: Supply) -> IntArray:
        return self._filled(supply)[0]

    def parts(self, counts: IntArray, supply: Supply) -> tuple[Sequence[Part], Sequence[str]]:
        assert self.members is not None
        _, limit = self._filled(supply)
        of_class = self.members @ supply.available
        parts = [
            Part(name, int(min(limit, of_class[k])), np.flatnonzero(self.members[k]))
            for k, name in enumerate(self.names)
        ]
        rising = [parts[k] for k in np.argsort(of_class, kind="stable")]
        return rising, self._notes(counts, limit, of_class)

    def _filled(self, supply: Supply) -> tuple[IntArray, int]:
        assert self.members is not None
        if not self.known or self.known[0][0] is not supply:
            self.known[:] = [(supply, fill_classes(self.members, supply, size=self.size))]
        return self.known[0][1]

    def _notes(self, counts: IntArray, limit: int, of_class: IntArray) -> list[str]:
        assert self.members is not None
        notes = [f"The limit is {limit:,} frames a class."]
        given = self.members @ counts
        if above := [f"{self.names[k]} {given[k]:,}" for k in np.flatnonzero(given > limit)]:
            notes.append(f"Above it, as they are seen together with rarer ones: {', '.join(above)}.")
        if absent := [self.names[k] for k in np.flatnonzero(of_class == 0)]:
            notes.append(f"No frame shows: {', '.join(absent)}.")
        return notes


def _classes_of(candidates: Candidates, factor: str) -> tuple[list[str], BoolArray, IntArray]:
    """Return the classes of a factor, which of them each code shows, (codes, classes), and each candidate's code."""
    lists = candidates.lists(factor)
    if lists is None:
        coded = candidates.codes(factor)
        own = np.eye(len(coded.names) + 1, len(coded.names), dtype=bool)  # the last code shows none
        return list(coded.names), own, np.where(coded.codes == MISSING, len(coded.names), coded.codes).astype(np.int64)
    names = sorted({name for word in lists.words if word for name in word})
    place = {name: k for k, name in enumerate(names)}
    shown = np.zeros((len(lists.words), len(names)), bool)
    for code, word in enumerate(lists.words):
        shown[code, [place[name] for name in word or ()]] = True
    return names, shown, lists.codes


def _joined(cells: IntArray, codes: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """Number the pairs of a cell and a code that occur; each is cell * count + code."""
    if not len(cells):
        return np.zeros(0, np.int64), cells
    return numbered(cells * count + codes)
