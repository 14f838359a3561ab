"""What samplers, and the drawing around them, say to each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np

from curation.core.operating.coding import Codes
from curation.core.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Stratum:
    """One part of what a plan asks for; `available` frames would do. `reason` says why fewer than `wanted` come."""

    name: str
    wanted: int
    given: int
    available: int
    reason: str = ""

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.given)


@dataclass(frozen=True)
class Lists:
    """A list of labels for each of (N,) frames: `words[codes[i]]`. No labels were found is (), not known is None."""

    codes: IntArray
    words: Sequence[tuple[str, ...] | None]


class Candidates(Protocol):
    """(N,) frames that may be drawn, in an order that is chance, and the same for the same frames and seed."""

    def __len__(self) -> int: ...

    def matches(self, query: str) -> BoolArray:
        """Tell which match. Raises SpecError where the query is wrong."""
        ...

    def codes(self, factor: str) -> Codes:
        """Code a factor. Raises SpecError, with the valid names, where there is none of that name."""
        ...

    def lists(self, factor: str) -> Lists | None:
        """Return the labels of a factor that holds lists, None for a factor of another kind."""
        ...

    def numbers(self, field: str) -> FloatArray:
        """Return a number for each, NaN where it is not known. Raises SpecError where there is no such number."""
        ...

    def chances(self) -> FloatArray:
        """Return a number above 0 and below 1 for each, drawn evenly by the seed: rising, since the order is theirs."""
        ...


@dataclass(frozen=True)
class Cut:
    """The cells of `members`, (C,), can give `most` frames together, since `because` (a constraint) allows no more."""

    members: BoolArray
    most: int
    because: str


class Flow(Protocol):
    """Knows what cells can give together, however constraints bind them."""

    def fill(self, given: IntArray | None, wanted: IntArray) -> tuple[IntArray, IntArray]:
        """Raise what was given before, None at first, to `wanted` of each cell, (C,), as far as can be.

        Returns what is given then, for the next call, and how much that is of each cell, (C,). No cell gives less."""
        ...


@dataclass(frozen=True)
class Supply:
    """What (C,) cells can give: at most `available` each, and no more than the cuts say.

    The cuts may be some of many; `flow`, where there is one, knows all."""

    available: IntArray
    cuts: tuple[Cut, ...] = ()
    flow: Flow | None = None

    def room(self, given: IntArray) -> IntArray:
        """Tell how many more each cell could give, the others giving nothing more."""
        room = self.available - given
        if not self.cuts:
            return room
        left = self._most - self._members @ given
        return np.asarray(np.minimum(room, np.where(self._members, left[:, None], room).min(axis=0)))

    @cached_property
    def _members(self) -> BoolArray:
        return np.asarray([cut.members for cut in self.cuts], bool)

    @cached_property
    def _most(self) -> IntArray:
        return np.asarray([cut.most for cut in self.cuts], np.int64)


@dataclass(frozen=True)
class Part:
    """A stratum before it is filled: the numbers of its cells, and how many frames are wanted.

    `conflict` says why it falls short where neither its frames nor a constraint are the reason."""

    name: str
    wanted: int
    cells: IntArray
    conflict: str = ""


class Layout(Protocol):
    """What a sampler makes of the candidates: cells, each filled by chance, and how many frames each should give."""

    @property
    def cells(self) -> IntArray:
        """(N,) the cell of each candidate, 0 to C - 1; -1 for those that are never drawn."""
        ...

    @property
    def cell_count(self) -> int: ...

    @property
    def order(self) -> IntArray | None:
        """(N,) candidates, those to take first in front; None for their own order."""
        ...

    @property
    def left_out(self) -> Mapping[str, int]:
        """Why candidates are in no cell, and how many."""
        ...

    def allot(self, supply: Supply) -> IntArray:
        """Say how many frames each of (C,) cells is to give."""
        ...

    def parts(self, counts: IntArray, supply: Supply) -> tuple[Sequence[Part], Sequence[str]]:
        """Say what is asked for, part by part, and what is worth noting about counts that were allotted."""
        ...


class Sampler(Protocol):
    """A kind of plan. Its fields are its parameters."""

    kind: ClassVar[str]
    needs_size: ClassVar[bool]

    def lay_out(self, candidates: Candidates, *, size: int | None) -> Layout:
        """Sort the candidates into cells. Raises SpecError where the plan does not fit the data."""
        ...


@dataclass(frozen=True)
class SimpleLayout:
    """A layout with its arrays; only `allot` and `parts` are left to say."""

    cells: IntArray
    cell_count: int
    order: IntArray | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
