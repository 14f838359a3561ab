"""Why a part gives fewer frames than wanted: too few, a constraint, or other parts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.sampling.constraints import Rules
from curation.core.sampling.contract import Part, Stratum
from curation.core.sampling.spacing import stretches
from curation.core.types import BoolArray, IntArray

GAP, LIKENESS = "min_gap_s", "max_similarity"
FREE = -1


@dataclass(frozen=True)
class Takings:
    """How many frames of each cell each constraint keeps out: counts, (K, C), of the constraints `names`, (K,)."""

    names: Sequence[str]
    counts: IntArray

    def of_cells(self, cells: IntArray) -> dict[str, int]:
        """Return how many frames of some cells each constraint keeps out, those that keep out the most first."""
        sums = self.counts[:, cells].sum(axis=1)
        order = np.argsort(-sums, kind="stable")
        return {self.names[k]: int(sums[k]) for k in order if sums[k]}


def takings_of(
    cells: IntArray, rows: IntArray, rules: Rules, *, too_alike: BoolArray | None, exhausted: BoolArray
) -> Takings:
    """Tell which constraint keeps each frame out that is in a cell and not among the chosen rows.

    That is the first of: a full interval, video or camera; too near in time to a chosen frame; too alike to one, as is
    all that is left in a cell, of (C,), that is exhausted. too_alike is None where likeness does not matter."""
    names = [
        *(cap.name for cap in rules.caps),
        *([GAP] if rules.apart else []),
        *([] if too_alike is None else [LIKENESS]),
    ]
    by = np.full(len(cells), FREE, np.int64)
    if too_alike is not None:
        by[too_alike] = len(names) - 1
    if names:
        by[np.append(exhausted, False)[cells]] = len(names) - 1
    if rules.apart is not None:
        by[stretches(rules.apart, rows)] = names.index(GAP)
    for number in reversed(range(len(rules.caps))):
        cap = rules.caps[number]
        groups = cap.groups[rows]
        full = np.append(np.bincount(groups[groups >= 0], minlength=cap.group_count) >= cap.most, False)
        by[full[cap.groups]] = number
    by[rows] = FREE
    kept_out = (by != FREE) & (cells >= 0)
    counts = np.bincount(by[kept_out] * len(exhausted) + cells[kept_out], minlength=len(names) * len(exhausted))
    return Takings(names, counts.reshape(len(names), len(exhausted)))


def stratum(part: Part, given: IntArray, available: IntArray, takings: Takings) -> Stratum:
    """Say what a part gave; given and available are (C,)."""
    gave, had = int(given[part.cells].sum()), int(available[part.cells].sum())
    return Stratum(part.name, part.wanted, gave, had, "" if gave >= part.wanted else _reason(part, gave, had, takings))


def _reason(part: Part, gave: int, had: int, takings: Takings) -> str:
    if not had:
        return "There is no such frame."
    said = [f"There {'is' if had == 1 else 'are'} only {had:,} such {_frames(had)}."] if had < part.wanted else []
    if gave < min(had, part.wanted):
        out = takings.of_cells(part.cells)
        if out:
            said.append(f"Kept out: {', '.join(f'{count:,} by {name}' for name, count in out.items())}.")
        else:
            said.append(part.conflict or "The other parts leave no room for more.")
    return " ".join(said)


def _frames(count: int) -> str:
    return "frame" if count == 1 else "frames"
