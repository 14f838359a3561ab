"""What a round looks through: frames that nobody labelled, what models see in them, and what went wrong in the test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.operating.coding import Codes
from curation.core.types import BoolArray, FloatArray, IntArray

Vectors: TypeAlias = NDArray[np.float32] | NDArray[np.float16]
"""Rows of unit length, (K, D); rows of zeros where there is none."""
NO_VECTORS: NDArray[np.float32] = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Boxes:
    """(M,) boxes of a model, in order of frame, of a frame by falling score.

    frame (M,) is a row of the pool, label (M,) a place in its labels, xyxy (M, 4) in pixels of the upright frame."""

    frame: IntArray
    label: IntArray
    score: FloatArray
    xyxy: FloatArray
    vectors: Vectors = field(default_factory=lambda: NO_VECTORS)
    """(M, D), or (0, 0) where no sampler asks for them."""

    def __post_init__(self) -> None:
        count = len(self.frame)
        if not count == len(self.label) == len(self.score) == len(self.xyxy) or len(self.vectors) not in (0, count):
            raise ValueError(f"Boxes: the columns of {count} boxes are not of one length.")
        if self.xyxy.shape != (count, 4):
            raise ValueError(f"Boxes: xyxy is {self.xyxy.shape}; it must be ({count}, 4).")
        if (np.diff(self.frame) < 0).any():
            raise ValueError("Boxes: they must be in order of frame.")

    def __len__(self) -> int:
        return len(self.frame)

    def corners(self, box: int) -> tuple[float, float, float, float]:
        """Return a box as plain numbers."""
        x1, y1, x2, y2 = self.xyxy[box].tolist()
        return x1, y1, x2, y2

    @classmethod
    def none(cls) -> "Boxes":
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, np.zeros(0), np.zeros((0, 4)))


@dataclass(frozen=True)
class Pool:
    """(N,) frames that may be chosen, by rising id: none is held out, in the test, labelled, or asked for already."""

    frame_ids: IntArray
    video: IntArray
    camera: IntArray
    pts_us: IntArray
    is_picture: BoolArray
    """Imported alone: it has no neighbours in time."""
    labels: tuple[str, ...]
    boxes: Boxes
    """Of the model that was tested, down to a low score."""
    others: Mapping[str, Boxes] = field(default_factory=dict)
    """Of other models, for disagreement, by the names that the strategy's `other_models` says."""
    vectors: Vectors = field(default_factory=lambda: NO_VECTORS)
    """Of the frames, (N, D), or (0, 0) where nothing asks for them."""
    tags: Mapping[str, Codes] = field(default_factory=dict)
    """By factor: (N,) codes and what they mean."""

    def __post_init__(self) -> None:
        count = len(self.frame_ids)
        columns = (self.video, self.camera, self.pts_us, self.is_picture, *(c.codes for c in self.tags.values()))
        if any(len(column) != count for column in columns) or len(self.vectors) not in (0, count):
            raise ValueError(f"Pool: the columns of {count} frames are not of one length.")
        if (np.diff(self.frame_ids) <= 0).any():
            raise ValueError("Pool: frame_ids must rise, each once.")
        for boxes in (self.boxes, *self.others.values()):
            if len(boxes) and not 0 <= boxes.frame[0] <= boxes.frame[-1] < count:
                raise ValueError(f"Pool: boxes lie in rows {boxes.frame[0]} to {boxes.frame[-1]} of {count} frames.")

    def __len__(self) -> int:
        return len(self.frame_ids)


@dataclass(frozen=True)
class Examples:
    """(E,) boxes of the tested model in the test, from which a sampler learns to tell its mistakes.

    kind is "missed" for a box that it left on an object that it missed, "false_alarm", or "other" for what is neither.
    seed (E,) is the row of the seed that a box belongs to, -1 for none."""

    scenario: Sequence[str]
    kind: Sequence[str]
    label: Sequence[str]
    score: FloatArray
    xyxy: FloatArray
    seed: IntArray
    vectors: Vectors = field(default_factory=lambda: NO_VECTORS)

    def __post_init__(self) -> None:
        count = len(self.score)
        columns = (self.scenario, self.kind, self.label, self.xyxy, self.seed)
        if any(len(column) != count for column in columns) or len(self.vectors) not in (0, count):
            raise ValueError(f"Examples: the columns of {count} boxes are not of one length.")

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def none(cls) -> "Examples":
        return cls((), (), (), np.zeros(0), np.zeros((0, 4)), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Seeds:
    """(S,) things that went wrong in the test. box_vectors and frame_vectors are (S, D), or (0, 0) if not asked for."""

    ids: IntArray
    kind: Sequence[str]
    """missed, false_alarm or low_confidence."""
    scenario: Sequence[str]
    label: Sequence[str]
    box_vectors: Vectors = field(default_factory=lambda: NO_VECTORS)
    frame_vectors: Vectors = field(default_factory=lambda: NO_VECTORS)
    examples: Examples = field(default_factory=Examples.none)
    """Empty where nothing asks for them."""

    def __post_init__(self) -> None:
        count = len(self.ids)
        if not count == len(self.kind) == len(self.scenario) == len(self.label):
            raise ValueError(f"Seeds: the columns of {count} seeds are not of one length.")
        if any(len(vectors) not in (0, count) for vectors in (self.box_vectors, self.frame_vectors)):
            raise ValueError(f"Seeds: {count} seeds need as many vectors, or none.")

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> "Seeds":
        return cls(np.zeros(0, np.int64), (), (), ())
