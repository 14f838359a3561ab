"""Frames in the conditions in which the model is unsure."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from activelearning.core.pool import Pool, Seeds
from activelearning.core.ranking import best_first, chances
from activelearning.core.samplers.contract import Need, Part, Proposal, Reason, nothing
from activelearning.core.samplers.fields import FLOOR, SHARE
from curation.core.operating.coding import MISSING, Codes
from curation.core.params import param
from curation.core.types import BoolArray, FloatArray


@dataclass(frozen=True)
class Attributes:
    """Finds frames by their tags, each factor by itself: as its values are spread over the frames that hold a doubtful
    box, so the picks are spread, at random within a value."""

    kind: ClassVar[str] = "attributes"
    needs: ClassVar[frozenset[Need]] = frozenset({"boxes", "tags"})

    share: float = param(1.0, **SHARE)
    factors: list[str] = param([], help="Factors to go by, each for an equal part; none named is all of them.")
    below: float = param(0.5, help="Boxes below this score are doubtful.", minimum=0, maximum=1)
    floor: float = param(0.1, **FLOOR)

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        if not len(pool):
            return nothing(pool)
        boxes = pool.boxes
        is_doubtful = np.zeros(len(pool), bool)
        is_doubtful[boxes.frame[(boxes.score >= self.floor) & (boxes.score < self.below)]] = True
        if not is_doubtful.any():
            return nothing(pool, f"attributes: no frame holds a box with a score from {self.floor} to {self.below}.")
        lacking = [name for name in self.factors if name not in pool.tags]
        notes = [f"attributes: no frame has a value for {name!r}." for name in lacking]
        shares = {name: _spread(codes, is_doubtful) for name, codes in sorted(pool.tags.items()) if self._goes_by(name)}
        shares = {name: share for name, share in shares.items() if share.any()}
        if not shares:
            return nothing(pool, *notes, "attributes: the doubtful frames have no tags to go by.")
        chance = chances(pool, seed=seed)
        parts, score = [], np.full((len(shares), len(pool)), np.nan)
        for at, (name, share) in enumerate(shares.items()):
            codes = pool.tags[name]
            score[at] = np.append(np.where(share > 0, share, np.nan), np.nan)[codes.codes]
            for value in np.flatnonzero(share > 0).tolist():
                rows = best_first(np.where(codes.codes == value, chance, np.nan), chance)
                parts.append(Part(rows, float(share[value]) / len(shares), f"{name}:{codes.names[value]}"))
        best = np.where(np.isnan(score), -1, score).max(axis=0)

        def why(row: int, part: int) -> Reason:
            of = {name: (pool.tags[name], int(pool.tags[name].codes[row])) for name in shares}
            told = [
                f"{name} is {codes.names[code]}, as in {shares[name][code]:.0%} of the frames with a doubtful box"
                for name, (codes, code) in of.items()
                if code != MISSING and shares[name][code] > 0
            ]
            return Reason(f"Its {'; '.join(told)}.")

        return Proposal(np.where(best > 0, best, np.nan), tuple(parts), why, tuple(notes))

    def _goes_by(self, name: str) -> bool:
        return not self.factors or name in self.factors


def _spread(codes: Codes, is_doubtful: BoolArray) -> FloatArray:
    """Return the share of each value among the doubtful frames that have one: (V,), zeros where none has."""
    known = codes.codes[is_doubtful & (codes.codes != MISSING)]
    counts = np.bincount(known, minlength=len(codes.names)).astype(np.float64)
    spread: FloatArray = counts / max(1.0, counts.sum())
    return spread
