"""What a round looks through: frames that nobody labelled, what models see in them, and what went wrong in the test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from curation.core.operating.coding import Codes
from curation.core.types import BoolArray, FloatArray, IntArray

Vectors: TypeAlias = NDArray[np.float32]
"""Rows of unit length, (K, D); rows of zeros where there is none."""


@dataclass(frozen=True)
class Boxes:
    """(M,) boxes of a model, in order of frame, of a frame by falling score.

    frame (M,) is a row of the pool, label (M,) a place in its labels, xyxy (M, 4) in pixels of the upright frame."""

    frame: IntArray
    label: IntArray
    score: FloatArray
    xyxy: FloatArray
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """(M, D), or (0, 0) where no sampler asks for them."""

    def __len__(self) -> int:
        return len(self.frame)


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
    """Of other models, by name, for disagreement."""
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """Of the frames, (N, D), or (0, 0) where nothing asks for them."""
    tags: Mapping[str, Codes] = field(default_factory=dict)
    """By factor: (N,) codes and what they mean."""

    def __len__(self) -> int:
        return len(self.frame_ids)


@dataclass(frozen=True)
class Seeds:
    """(S,) things that went wrong in the test. box_vectors and frame_vectors are (S, D), or (0, 0) if not asked for."""

    ids: IntArray
    kind: Sequence[str]
    """missed, false_alarm or low_confidence."""
    scenario: Sequence[str]
    label: Sequence[str]
    box_vectors: Vectors
    frame_vectors: Vectors

    def __len__(self) -> int:
        return len(self.ids)
