"""Frames that may not be had, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from curation.core.types import BoolArray, IntArray

WHY: Mapping[str, str] = MappingProxyType(
    {
        "held_out": "held out",
        "in_test": "in the test",
        "beside_test": "of a visit that is in the test",
        "test_footage": "in footage that the test looks through",
        "like_test": "looking like a frame of the test",
        "labelled": "labelled already",
        "asked_for": "with the annotators already",
        "other_round": "candidates of another open round",
        "dropped": "dropped by a person",
    }
)
"""Why a frame may not be had, the weightiest first: "3 frames are …"."""


@dataclass(frozen=True)
class Bounds:
    """(N,) frames, and for each reason which of them it keeps out."""

    frame_ids: IntArray
    out: Mapping[str, BoolArray] = field(default_factory=dict)

    @property
    def is_out(self) -> BoolArray:
        """(N,)"""
        found = np.zeros(len(self.frame_ids), np.bool_)
        for mask in self.out.values():
            found |= mask
        return found

    def first(self) -> dict[int, str]:
        """Return the weightiest reason of each frame that is out: a key of `WHY`."""
        said: dict[int, str] = {}
        for why in WHY:
            for frame_id in self.frame_ids[self.out[why]].tolist() if why in self.out else ():
                said.setdefault(frame_id, why)
        return said

    def counts(self) -> dict[str, int]:
        """Count the frames that are out, each by its weightiest reason, in the order of `WHY`."""
        counted, seen = {}, np.zeros(len(self.frame_ids), np.bool_)
        for why in WHY:
            if why in self.out and (count := int((self.out[why] & ~seen).sum())):
                counted[why] = count
                seen |= self.out[why]
        return counted


def in_words(counts: Mapping[str, int]) -> str:
    """Say how many frames are out for which reason: "12 labelled already, 3 held out"."""
    return ", ".join(f"{count:,} {WHY[why]}" for why, count in counts.items())
