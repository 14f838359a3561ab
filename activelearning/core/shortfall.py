"""Why fewer frames were chosen than were asked for, in sentences."""

from collections.abc import Sequence

import numpy as np

from curation.core.sampling.selection import Selection
from curation.core.types import BoolArray

FULL = {
    "max_per_interval": "in an interval that gave enough",
    "max_per_video": "in a video that gave enough",
    "max_per_camera": "from a camera that gave enough",
}


def why_handed_on(samplers: Sequence[tuple[str, int, int]]) -> list[str]:
    """Say of each sampler (its name, frames asked of it, frames it gave) where it could not give its share."""
    rest = "; the other samplers were asked for the rest" if len(samplers) > 1 else ""
    return [
        f"{name} gave {given:,} of the {asked:,} frames that were its share{rest}."
        for name, asked, given in samplers
        if given < asked
    ]


def why_fewer(selection: Selection, chosen: Sequence[int], *, wanted: BoolArray, budget: int) -> str:
    """Say what became of the frames of the pool that were not chosen; each is counted once.

    wanted (N,) are those that some sampler wants."""
    open_rows: BoolArray = np.ones(len(wanted), bool)
    open_rows[list(chosen)] = False
    lost: list[tuple[int, str]] = []

    def count(rows: BoolArray, reason: str) -> None:
        nonlocal open_rows
        lost.append((int((open_rows & rows).sum()), reason))
        open_rows = open_rows & ~rows

    count(~wanted, "wanted by no sampler")
    count(selection.ruled_out & ~selection.too_alike, "too near in time to a chosen one (min_gap_s)")
    count(selection.too_alike, "too like a labelled or a chosen one (max_similarity)")
    for cap, left in zip(selection.rules.caps, selection.left, strict=True):
        is_full = (cap.groups >= 0) & (left[cap.groups] <= 0)
        count(is_full, f"{FULL[cap.name]} ({cap.name})")
    told = ", ".join(f"{number:,} {reason}" for number, reason in lost if number)
    start = f"{len(chosen):,} of the {budget:,} frames that were asked for were found"
    if not told:
        return f"{start}; there are no more."
    return f"{start}. Of the other {len(wanted) - len(chosen):,} of the pool: {told}."
