"""Any frames, by chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curation.core.sampling.contract import Candidates, Layout, Part, SimpleLayout, Supply
from curation.core.types import IntArray


@dataclass(frozen=True)
class Random:
    """Gives every frame the same chance."""

    kind: ClassVar[str] = "random"
    needs_size: ClassVar[bool] = True

    def lay_out(self, candidates: Candidates, *, size: int | None) -> Layout:
        return OneCell(np.zeros(len(candidates), np.int64), 1, size=size or 0)


@dataclass(frozen=True)
class OneCell(SimpleLayout):
    """All candidates together."""

    size: int = 0

    def allot(self, supply: Supply) -> IntArray:
        return np.asarray([min(self.size, int(supply.room(np.zeros(1, np.int64))[0]))])

    def parts(self, counts: IntArray, supply: Supply) -> tuple[Sequence[Part], Sequence[str]]:
        return [Part("all frames", self.size, np.zeros(1, np.int64))], ()
