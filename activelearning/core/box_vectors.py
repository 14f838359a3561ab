"""Vectors of boxes on their way to disk and back, and how they are compared."""

from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from activelearning.core.pool import Vectors
from curation.core.types import FloatArray, IntArray

Halves = NDArray[np.float16]
FORMAT = 1
SAME_PLACE = 1e-3
"""A vector this near to the mean has no direction about it."""
ROWS = 65_536


@dataclass(frozen=True)
class BoxVectors:
    """(M,) boxes, `xyxy` (M, 4) in pixels of a frame, and the unit vector of each, (M, D) as an embedder gave it."""

    frame_ids: IntArray
    xyxy: FloatArray
    vectors: Halves

    def __len__(self) -> int:
        return len(self.frame_ids)

    @classmethod
    def none(cls, dimension: int) -> "BoxVectors":
        return cls(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros((0, dimension), np.float16))

    def places_of(self, frame_ids: IntArray, xyxy: FloatArray) -> IntArray:
        """Return for each of (K,) boxes the place of the same box of the same frame here, -1 where it is not there."""
        known = {key: place for place, key in enumerate(_keys(self.frame_ids, self.xyxy))}
        found = [known.get(key, -1) for key in _keys(frame_ids, xyxy)]
        return np.asarray(found, np.int64)

    def with_more(self, other: "BoxVectors") -> "BoxVectors":
        return BoxVectors(
            np.concatenate([self.frame_ids, other.frame_ids]),
            np.concatenate([self.xyxy, other.xyxy]),
            np.concatenate([self.vectors, other.vectors]),
        )

    def encode(self) -> bytes:
        """Write all as one file."""
        file = BytesIO()
        np.savez(file, format=FORMAT, frame_ids=self.frame_ids, xyxy=_rounded(self.xyxy), vectors=self.vectors)
        return file.getvalue()


def decode(content: bytes, *, dimension: int) -> BoxVectors:
    """Read what `encode` wrote. Raises ValueError for anything else."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as read:
            if int(read["format"]) != FORMAT:
                raise ValueError(f"decode: format {read['format']} is not known.")
            found = BoxVectors(read["frame_ids"], read["xyxy"], read["vectors"])
    except (KeyError, OSError, EOFError, TypeError, ValueError, BadZipFile) as error:
        raise ValueError(f"decode: this is no file of box vectors: {error}") from error
    count = len(found.frame_ids)
    shapes = (found.frame_ids.shape, found.xyxy.shape, found.vectors.shape)
    if shapes != ((count,), (count, 4), (count, dimension)) or found.vectors.dtype != np.float16:
        raise ValueError(f"decode: vectors are {found.vectors.shape}; ({count}, {dimension}) is wanted.")
    return found


def about(vectors: Vectors, mean: NDArray[np.float32]) -> Vectors:
    """Turn (M, D) vectors into unit vectors about a mean (D,). What is at the mean, and zeros, become zeros."""
    result: Vectors = np.zeros_like(vectors)
    for start in range(0, len(vectors), ROWS):
        some = vectors[start : start + ROWS].astype(np.float32)
        off = some - mean
        lengths = np.linalg.norm(off, axis=1, keepdims=True)
        keeps = (lengths > SAME_PLACE) & some.any(axis=1, keepdims=True)
        result[start : start + ROWS] = np.divide(off, lengths, out=np.zeros_like(off), where=keeps)
    return result


def mean_of(vectors: Vectors) -> NDArray[np.float32]:
    """Return the mean (D,) of the rows of (M, D) that are not zero; zeros if there are none."""
    total, count = np.zeros(vectors.shape[1], np.float64), 0
    for start in range(0, len(vectors), ROWS):
        some = vectors[start : start + ROWS].astype(np.float64)
        total += some.sum(axis=0)
        count += int(np.count_nonzero(some.any(axis=1)))
    return (total / max(count, 1)).astype(np.float32)


def _keys(frame_ids: IntArray, xyxy: FloatArray) -> list[tuple[int, bytes]]:
    return [(frame_id, box.tobytes()) for frame_id, box in zip(frame_ids.tolist(), _rounded(xyxy), strict=True)]


def _rounded(xyxy: FloatArray) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.asarray(xyxy, np.float64).reshape(-1, 4), np.float32)
