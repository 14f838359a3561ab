"""An index of unit vectors that finds the rows most like a vector: all compared while they are few, else most."""

import logging
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.core.types import IntArray

EXACT_ROWS = 50_000
"""Up to so many rows each is compared with each: half a minute of one core at 512 numbers a row."""
LISTS_PER_ROOT = 2
"""Lists of the inverted file for each square root of the rows."""
SHARE_OF_LISTS, LEAST_LISTS = 1 / 64, 24
"""How many of the lists are looked through, and how many at least."""
MOST_COMPARED = 50_000
"""A row is compared with so many others at most."""
SAMPLE_PER_LIST = 40
"""Rows a list that its centre is found from; faiss warns below 39."""
SPARE = 8
"""Rows that are found besides the k, so that those equally near can be put in order."""
QUERIES = 4096


class NeighbourIndex:
    """Rows of (rows, dimension) unit vectors, added a batch at a time and numbered from 0. Zero rows are near nothing.

    Exact up to EXACT_ROWS `rows` expected. Above, an inverted file of half precision (faiss IVF), two bytes a number.
    It finds nearly all of the ten nearest where vectors crowd together, as those of footage do, and four of five where
    they are spread without any order (bench/neighbours.py measures both). `sample` is (S, dimension) rows like those
    to come, which the file's lists are made from. Threads: as many as OMP_NUM_THREADS says."""

    def __init__(self, dimension: int, *, rows: int, sample: NDArray[np.float32]) -> None:
        faiss = _faiss()
        self.dimension, self.count = dimension, 0
        self._rows: list[IntArray] = [np.empty(0, np.int64)]  # by faiss' own number
        self.is_exact = rows <= EXACT_ROWS
        if self.is_exact:
            self._index: Any = faiss.IndexFlatIP(dimension)
            return
        lists = max(LEAST_LISTS, round(LISTS_PER_ROOT * rows**0.5))
        self._coarse = faiss.IndexFlatIP(dimension)  # kept here: the index does not own it
        kind = faiss.ScalarQuantizer.QT_fp16
        self._index = faiss.IndexIVFScalarQuantizer(self._coarse, dimension, lists, kind, faiss.METRIC_INNER_PRODUCT)
        self._index.nprobe = max(LEAST_LISTS, round(lists * SHARE_OF_LISTS))
        # Else a crowd of equal rows, black frames say, would be compared with each other: all are in one list.
        self._index.max_codes = MOST_COMPARED
        self._index.cp.seed, self._index.cp.niter = 7, 8
        self._index.cp.max_points_per_centroid = SAMPLE_PER_LIST
        self._index.cp.min_points_per_centroid = 1  # it warns on stderr
        step = max(1, len(sample) // (lists * SAMPLE_PER_LIST))
        self._index.train(np.ascontiguousarray(sample[::step]))

    def fresh(self) -> "NeighbourIndex":
        """Return another index of this kind with nothing in it, made without looking at the sample again."""
        other = copy(self)
        other._index, other.count, other._rows = _faiss().clone_index(self._index), 0, [np.empty(0, np.int64)]
        other._index.reset()
        return other

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Add (N, dimension) rows; they are numbered on from those before."""
        is_some = np.asarray(vectors.any(axis=1))
        self._rows.append(self.count + np.flatnonzero(is_some))
        self.count += len(vectors)
        if is_some.any():
            self._index.add(np.ascontiguousarray(vectors[is_some], np.float32))

    def search(self, vectors: NDArray[np.float32], *, k: int) -> tuple[NDArray[np.float32], IntArray]:
        """Find the k rows most like each of (N, dimension) vectors: (N, k) similarities and rows, nearest first.

        Of equally near rows the first ones, as far as SPARE more than k show them. Similarity 0 and row -1 fill up."""
        nothing = -np.ones(len(vectors), np.int64)
        return self.others(vectors, own=nothing, k=k)

    def others(self, vectors: NDArray[np.float32], *, own: IntArray, k: int) -> tuple[NDArray[np.float32], IntArray]:
        """Find as `search` does, without row own[i] (N,) for vector i: its own."""
        similarity, rows = np.zeros((len(vectors), k), np.float32), np.full((len(vectors), k), -1, np.int64)
        self._rows = [np.concatenate(self._rows)]
        wanted = min(k + 1 + SPARE, len(self._rows[0]))
        for start in range(0, len(vectors) if wanted else 0, QUERIES):
            some = slice(start, start + QUERIES)
            asked = np.ascontiguousarray(vectors[some], np.float32)
            alike, found = self._index.search(asked, wanted)
            is_lacking, found = found < 0, self._rows[0][found]
            # What is not there, the row itself, and whatever a zero row seems near to, go to the end.
            is_out = is_lacking | (found == own[some, None]) | ~np.asarray(asked.any(axis=1))[:, None]
            alike, found = np.where(is_out, -np.inf, alike), np.where(is_out, np.iinfo(np.int64).max, found)
            order = np.lexsort((found, -alike), axis=1)[:, :k]
            alike, found = np.take_along_axis(alike, order, 1), np.take_along_axis(found, order, 1)
            is_there = np.isfinite(alike)
            width = alike.shape[1]
            similarity[some, :width] = np.where(is_there, np.clip(alike, -1.0, 1.0), 0.0)
            rows[some, :width] = np.where(is_there, found, -1)
        return similarity, rows


def _faiss() -> Any:
    """Load faiss when it is first needed: it takes a third of a second, and tells the log which build it found."""
    logging.getLogger("faiss.loader").setLevel(logging.WARNING)
    import faiss

    return faiss
