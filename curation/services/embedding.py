"""Storing vectors of frames and boxes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Avg
from numpy.typing import NDArray

from curation.core import types
from curation.models import Embedder, Embedding

MEAN_ROWS = 100_000
"""From this many vectors on the mean stays as it is: more of them hardly move it, and scores stay comparable."""


def embedder_row(embedder: types.Embedder) -> Embedder:
    """Return the row of an embedder, made if this is its first use. Safe when two workers ask at once.

    Raises ValueError if the same name and version had another dimension before."""
    row, _ = Embedder.objects.get_or_create(
        name=embedder.name, version=embedder.version, defaults={"dimension": embedder.dimension}
    )
    if row.dimension != embedder.dimension:
        raise ValueError(
            f"{embedder.name} version {embedder.version} gave {row.dimension} numbers before and now "
            f"{embedder.dimension}: a changed embedder needs another version."
        )
    return row


def store_frame_vectors(embedder: Embedder, frame_ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
    """Store one (N, dimension) vector a frame. Storing again replaces. N may be 0."""
    ids = np.asarray(frame_ids, np.int64)
    _store(
        embedder,
        ids,
        vectors,
        """
        INSERT INTO curation_embedding (embedder_id, frame_id, vector)
        SELECT %s, id, vector FROM winnow_vectors ORDER BY id
        ON CONFLICT (embedder_id, frame_id) WHERE detection_id IS NULL DO UPDATE SET vector = EXCLUDED.vector
        """,
    )


def store_box_vectors(embedder: Embedder, detection_ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
    """Store one (N, dimension) vector a detection. Storing again replaces. N may be 0.

    A detection that is gone meanwhile (its run was done again) is left out."""
    ids = np.asarray(detection_ids, np.int64)
    _store(
        embedder,
        ids,
        vectors,
        """
        INSERT INTO curation_embedding (embedder_id, frame_id, detection_id, vector)
        SELECT %s, detection.frame_id, detection.id, vector
        FROM winnow_vectors JOIN curation_detection detection USING (id) ORDER BY id
        ON CONFLICT (embedder_id, detection_id) WHERE detection_id IS NOT NULL DO UPDATE SET vector = EXCLUDED.vector
        """,
    )


def refresh_mean(embedder: Embedder) -> None:
    """Set the mean of all its vectors, for an embedder whose vectors are compared about their mean.

    Does nothing once there are `MEAN_ROWS` vectors and a mean."""
    rows = Embedding.objects.filter(embedder=embedder)
    if embedder.mean is not None and rows.order_by().values("pk")[MEAN_ROWS : MEAN_ROWS + 1].exists():
        return
    embedder.mean = rows.aggregate(mean=Avg("vector"))["mean"]
    embedder.save(update_fields=("mean",))


def _store(embedder: Embedder, ids: NDArray[np.int64], vectors: NDArray[np.float32], insert: str) -> None:
    if vectors.shape != (len(ids), embedder.dimension):
        raise ValueError(f"vectors is {vectors.shape}, but ({len(ids)}, {embedder.dimension}) is wanted.")
    if not np.isfinite(vectors).all():
        raise ValueError(f"vectors of {embedder.name} hold NaN or infinity.")
    if len(ids) == 0:
        return
    # The last of a repeated id counts: one INSERT may not touch a row twice.
    unique, last = np.unique(ids[::-1], return_index=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE winnow_vectors (id bigint, vector halfvec) ON COMMIT DROP")
        with cursor.copy("COPY winnow_vectors FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(_binary_rows(unique, vectors[::-1][last]))
        # In order of id, so that two workers that store the same rows wait for each other and do not deadlock.
        cursor.execute(insert, [embedder.pk])
        cursor.execute("DROP TABLE winnow_vectors")


def _binary_rows(ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> bytes:
    """Lay out (id, halfvec) rows as Postgres' binary COPY wants them, at once instead of row by row.

    Source: https://www.postgresql.org/docs/current/sql-copy.html and halfvec_recv in pgvector."""
    dimension = vectors.shape[1]
    half = ("vector", ">f2", (dimension,))
    head = (("fields", ">i2"), ("id_bytes", ">i4"), ("id", ">i8"), ("vector_bytes", ">i4"))
    row: Any = np.dtype([*head, ("dimension", ">i2"), ("unused", ">i2"), half])
    rows = np.zeros(len(ids), row)
    rows["fields"], rows["id_bytes"], rows["id"] = 2, 8, ids
    rows["vector_bytes"], rows["dimension"], rows["vector"] = 4 + 2 * dimension, dimension, vectors
    header = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
    return header + rows.tobytes() + b"\xff\xff"
