"""Shares by query: 40% lighting:dark, 30% weather:rain; a frame may count for several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from curation.core.errors import SpecError
from curation.core.params import param
from curation.core.sampling.contract import Candidates, Layout, Part, SimpleLayout, Supply
from curation.core.sampling.numbering import numbered
from curation.core.sampling.programme import Answer, Demand, largest_size, nearest
from curation.core.sampling.shares import Ask, read_ask, read_share, whole_counts
from curation.core.types import BoolArray, IntArray

MOST_QUOTAS, MOST_CELLS = 40, 5_000
ROUNDING = 5
"""Whole numbers of frames can cost a size that fits on paper so many frames."""


@dataclass(frozen=True)
class Quota:
    """Gives each of some queries its share of the frames; quotas may overlap, and the rest comes as it is."""

    kind: ClassVar[str] = "quota"
    needs_size: ClassVar[bool] = True

    shares: dict[str, Any] = param({}, help="Percent of the frames for each query, as in {'lighting:dark': 40}.")
    quotas: list[str] = param([], help="The same as text: '40% lighting:dark', '>=40% …' or '50 frames …'.")
    mode: Literal["exact", "at_least"] = param(
        "exact", help="exact: neither fewer frames nor more; at_least: more may come with the others."
    )
    when_short: Literal["fill", "shrink"] = param(
        "fill", help="fill: keep the size as far as may be; shrink: keep the shares, with fewer frames."
    )

    def __post_init__(self) -> None:
        asks = self.asks()
        if not 1 <= len(asks) <= MOST_QUOTAS:
            raise ValueError(f"there are {len(asks)} quotas; give 1 to {MOST_QUOTAS} in `shares` or `quotas`.")
        queries = [ask.query for ask in asks]
        if twice := next((query for query in queries if queries.count(query) > 1), None):
            raise ValueError(f"there are two quotas for {twice!r}; give one.")

    def asks(self) -> list[Ask]:
        """Return what is asked for, in order. Raises ValueError for what cannot be read."""
        at_least = self.mode == "at_least"
        said = [read_share(query, share, at_least=at_least) for query, share in self.shares.items()]
        return [*said, *(read_ask(text, at_least=at_least) for text in self.quotas)]

    def lay_out(self, candidates: Candidates, *, size: int | None) -> Layout:
        asks = self.asks()
        signature = np.zeros(len(candidates), np.int64)
        for place, ask in enumerate(asks):
            signature |= candidates.matches(ask.query).astype(np.int64) << place
        signatures, cells = numbered(signature)
        if len(signatures) > MOST_CELLS:
            raise SpecError(
                f"sampler: frames meet {len(signatures):,} different combinations of these quotas, and at most "
                f"{MOST_CELLS:,} can be solved together. Leave some out."
            )
        members = (signatures[None, :] >> np.arange(len(asks))[:, None]) & 1 == 1
        return _Quotas(cells, len(signatures), asks=asks, members=members, size=size or 0, when_short=self.when_short)


@dataclass(frozen=True)
class _Quotas(SimpleLayout):
    """Cells are the frames that match the same quotas; members, (Q, C), says which cells count for which quota."""

    asks: Sequence[Ask] = ()
    members: BoolArray | None = None
    size: int = 0
    when_short: str = "fill"

    def allot(self, supply: Supply) -> IntArray:
        answer = nearest(self._demands(self.size), supply=supply, size=self.size)
        if self.when_short == "shrink" and not _is_whole(answer, self.size) and (fits := self._largest(supply)):
            return nearest(self._demands(fits), supply=supply, size=fits).counts
        return answer.counts

    def parts(self, counts: IntArray, supply: Supply) -> tuple[Sequence[Part], Sequence[str]]:
        if _is_whole(nearest(self._demands(self.size), supply=supply, size=self.size), self.size):
            return self._parts(counts, self.size, supply), ()
        fits = self._largest(supply)
        if self.when_short == "shrink" and fits:
            note = f"The size is {fits:,}, not {self.size:,}: above that not all quotas can be met."
            return self._parts(counts, fits, supply), (note,)
        note = f"All quotas can be met up to a size of {fits:,}." if fits else "The quotas cannot be met at any size."
        return self._parts(counts, self.size, supply), (note,)

    def _demands(self, size: int) -> list[Demand]:
        assert self.members is not None
        wanted = whole_counts(np.asarray([min(ask.frames(size), 2**40) for ask in self.asks]))
        return [
            Demand(cells, int(count), is_ceiling=not ask.at_least)
            for cells, count, ask in zip(self.members, wanted, self.asks, strict=True)
        ]

    def _largest(self, supply: Supply) -> int:
        """Return the largest size at which nothing falls short, 0 if there is none."""
        growth = np.asarray([ask.amount / 100 if ask.is_percent else 0.0 for ask in self.asks])
        top = min(self.size, largest_size(self._demands(self.size), growth, supply=supply))
        for size in range(top, max(0, top - ROUNDING), -1):
            if _is_whole(nearest(self._demands(size), supply=supply, size=size), size):
                return size
        return 0

    def _parts(self, counts: IntArray, size: int, supply: Supply) -> list[Part]:
        demands = self._demands(size)
        lacking = [demand.wanted > counts[demand.cells].sum() for demand in demands]
        parts = [
            Part(_name(ask), demand.wanted, np.flatnonzero(demand.cells), self._conflict(i, supply) if short else "")
            for i, (ask, demand, short) in enumerate(zip(self.asks, demands, lacking, strict=True))
        ]
        rest = ~np.any([demand.cells for demand in demands], axis=0)
        wanted = size - int(counts[~rest].sum())
        if wanted > 0:
            conflict = "The quotas are exact, so no more of their frames may stand in; write >= for those that may."
            parts.append(Part("the rest", wanted, np.flatnonzero(rest), conflict))
        return parts

    def _conflict(self, short: int, supply: Supply) -> str:
        """Say which other quota, or the size, stands in the way of one for which there are frames enough."""
        demands = self._demands(self.size)
        mine = demands[short]
        for ask, other in zip(self.asks, demands, strict=True):
            if other is mine or not nearest([mine, other], supply=supply, size=self.size).missing.any():
                continue
            both = int(supply.available[mine.cells & other.cells].sum())
            if mine.wanted + other.wanted - both > self.size:
                return (
                    f"With {_name(ask)} it asks for {mine.wanted + other.wanted:,} frames of {self.size:,}, "
                    f"and {f'only {both:,} match' if both else 'none matches'} both."
                )
            if other.is_ceiling:
                free = int(supply.available[mine.cells & ~other.cells].sum())
                return (
                    f"Only {free:,} of its frames do not match {ask.query} too, of which there may be "
                    f"{other.wanted:,}; write >= for that one if more may come."
                )
            return f"It cannot be met together with {_name(ask)}."
        return f"The quotas together ask for more than {self.size:,} frames can hold."


def _is_whole(answer: Answer, size: int) -> bool:
    return not answer.missing.any() and int(answer.counts.sum()) == size


def _name(ask: Ask) -> str:
    return f"{ask.amount_text} {ask.query}"
