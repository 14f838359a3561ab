"""What models see in the frames of a pool, and the vectors of what the tested one sees."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from activelearning.core.box_vectors import Halves
from activelearning.core.pool import Boxes
from activelearning.services.box_vectors import vectors_of_boxes
from curation.core.types import Embedder, IntArray
from curation.services.jobs import Progress
from evaluation.services.frame_predictions import LEAST_SCORE, Piece, boxes_of, labels_of

EMBEDDED = 10
"""So many of a frame's boxes have a vector, the best."""
Pieces: TypeAlias = Mapping[str, Sequence[Piece]]
"""The runs that have the pool's frames, by the name that a model goes by."""


@dataclass(frozen=True)
class Seen:
    """What models see in (N,) frames, by the name that each goes by; the labels are those of all of them."""

    labels: tuple[str, ...]
    boxes: Mapping[str, Boxes]


def seen_in(pieces: Pieces, frame_ids: IntArray, *, least_score: float = LEAST_SCORE) -> Seen:
    """Read what models see in (N,) frames by rising id, from the runs that have them."""
    labels = tuple(sorted({label for some in pieces.values() for label in labels_of(some)}))
    return Seen(labels, {name: _boxes(some, frame_ids, labels, least_score) for name, some in pieces.items()})


def with_vectors(
    boxes: Boxes, pieces: Sequence[Piece], frame_ids: IntArray, *, embedder: Embedder
) -> Generator[Progress, None, tuple[Boxes, tuple[int, ...]]]:
    """Add vectors, as the embedder gives them, to the best boxes of each frame; rows of zeros for the others, and where
    a picture cannot be read. Returns the frames of which that is so, too."""
    vectors: Halves = np.zeros((len(boxes), embedder.dimension), np.float16)
    wanted = np.flatnonzero(_places_in_frame(boxes) < EMBEDDED)
    unreadable: list[int] = []
    of_box = frame_ids[boxes.frame[wanted]]
    for piece in pieces:
        mine = wanted[np.isin(of_box, piece.frame_ids)]
        found = yield from vectors_of_boxes(
            frame_ids[boxes.frame[mine]], boxes.xyxy[mine], source=piece.run.key, embedder=embedder
        )
        vectors[mine] = found.vectors
        unreadable += found.unreadable
    return replace(boxes, vectors=vectors), tuple(unreadable)


def _boxes(pieces: Sequence[Piece], frame_ids: IntArray, labels: Sequence[str], least_score: float) -> Boxes:
    columns = []
    for piece in pieces:
        found = boxes_of(piece, labels=labels, least_score=least_score)
        xyxy = np.asarray(found.xywh, np.float64).copy()
        xyxy[:, 2:] += xyxy[:, :2]
        rows = np.searchsorted(frame_ids, piece.frame_ids)
        columns.append((rows[found.image], found.label, found.score, xyxy))
    if not columns:
        return Boxes.none()
    frame, label, score, boxes = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.lexsort((-score, frame))
    return Boxes(frame[order], label[order], score[order], boxes[order])


def _places_in_frame(boxes: Boxes) -> IntArray:
    """Number each box within its frame, from 0, the best first."""
    starts = np.searchsorted(boxes.frame, boxes.frame)
    places: IntArray = np.arange(len(boxes)) - starts
    return places
