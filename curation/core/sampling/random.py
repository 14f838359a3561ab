"""Any frames, by chance."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curation.core.sampling.contract import Allotment, Candidates, Layout, Part, SimpleLayout, Supply


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
    notes: tuple[str, ...] = ()

    def allot(self, supply: Supply) -> Allotment:
        given = min(self.size, int(supply.room(np.zeros(1, np.int64))[0]))
        return Allotment(np.asarray([given]), (Part("all frames", self.size, np.zeros(1, np.int64)),), self.notes)
