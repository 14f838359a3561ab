"""The vectors of many frames at once, as arrays."""

import numpy as np
from django.db import connection
from django.db.models import Count, Q
from numpy.typing import NDArray

from curation.core.types import BoolArray, IntArray
from curation.models import Embedder
from curation.services.likeness import SAME_PLACE

TOGETHER = 50_000
"""Frames asked for at once: 15 MB on the wire at 128 numbers a vector."""
DENSE = 4
"""Where ids are fewer than this apart on average, a range is asked for, and what was not wanted is dropped."""
HEADER_BYTES, TAIL_BYTES = 19, 2
WHERE = "WHERE embedder_id = %s AND detection_id IS NULL AND frame_id"


def default_embedder(*, name: str | None = None) -> Embedder | None:
    """Return the embedder that embedded the most frames, of equals the newest; None if none did any.

    With a name the one of those that are called so: an embedder has a row a version."""
    asked = Embedder.objects.filter(Q() if name is None else Q(name=name))
    made = asked.annotate(frames=Count("embeddings", filter=Q(embeddings__detection=None)))
    return made.filter(frames__gt=0).order_by("-frames", "-pk").first()


def frame_vectors(frame_ids: IntArray, *, embedder: Embedder) -> tuple[NDArray[np.float32], BoolArray]:
    """Read the vectors of (N,) frames: (N, dimension) rows of unit length, and (N,) which frames have one.

    Rows are about the embedder's mean where it has one, as `services.likeness` compares them. Frames without a vector,
    and those at the mean itself, which have no direction, are rows of zeros. Ids may repeat, and come in any order."""
    ids = np.asarray(frame_ids, np.int64)
    vectors = np.zeros((len(ids), embedder.dimension), np.float32)
    wanted, of_row = np.unique(ids, return_inverse=True)
    for start in range(0, len(wanted), TOGETHER):
        some = wanted[start : start + TOGETHER]
        found, read = _read(some, embedder)
        place = np.minimum(np.searchsorted(some, found), len(some) - 1)
        is_wanted = some[place] == found
        unit = np.zeros((len(some), embedder.dimension), np.float32)
        unit[place[is_wanted]] = _unit(read[is_wanted], embedder)
        rows = np.flatnonzero((of_row >= start) & (of_row < start + TOGETHER))
        vectors[rows] = unit[of_row[rows] - start]
    return vectors, np.asarray(vectors.any(axis=1))


def _read(ids: IntArray, embedder: Embedder) -> tuple[IntArray, NDArray[np.float32]]:
    """Read (id, vector) of rising ids, and perhaps of others between them."""
    if ids[-1] - ids[0] < DENSE * len(ids):
        which, params = "BETWEEN %s AND %s", [int(ids[0]), int(ids[-1])]
    else:
        which, params = "= ANY(%s)", [ids.tolist()]
    query = f"COPY (SELECT frame_id, vector FROM curation_embedding {WHERE} {which}) TO STDOUT (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(query, [embedder.pk, *params]) as copy:
        received = b"".join(copy)
    half = ("vector", ">f2", (embedder.dimension,))
    head = [("fields", ">i2"), ("id_bytes", ">i4"), ("id", ">i8"), ("bytes", ">i4"), ("dimension", ">i2")]
    rows = np.frombuffer(received[HEADER_BYTES:-TAIL_BYTES], np.dtype([*head, ("unused", ">i2"), half]))
    return rows["id"].astype(np.int64), rows["vector"].astype(np.float32)


def _unit(vectors: NDArray[np.float32], embedder: Embedder) -> NDArray[np.float32]:
    if embedder.mean is not None:
        vectors = vectors - np.asarray(embedder.mean, np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > SAME_PLACE)
    return unit
