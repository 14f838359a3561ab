"""The partial HNSW indexes: two for each embedder, made when it has many vectors.

Frames and boxes are never searched together, so each has its own index: in a shared one, boxes (there are many more)
would have to be stepped over, and recall would suffer.
"""

from typing import Literal, TypeAlias

from django.db import connection

from curation.models import Embedder, Embedding

Kind: TypeAlias = Literal["frames", "boxes"]
KINDS: dict[Kind, str] = {"frames": "detection_id IS NULL", "boxes": "detection_id IS NOT NULL"}
MIN_ROWS = 20_000
"""Below this many vectors, comparing with every one takes a few milliseconds and is exact."""
BUILD_MEMORY = "512MB"
MAX_DIMENSION = 4000
"""pgvector cannot index a longer halfvec."""


def index_name(embedder: Embedder, kind: Kind) -> str:
    return f"embedding_hnsw_{embedder.pk}_{kind}"


def has_index(embedder: Embedder, kind: Kind) -> bool:
    """Tell whether the index is there and whole."""
    return _state(index_name(embedder, kind)) == "valid"


def ensure_index(embedder: Embedder, *, min_rows: int = MIN_ROWS) -> list[str]:
    """Make the HNSW indexes that an embedder has grown to need; return the names of those made now.

    Does not block writers, so it must stand outside a transaction. If another worker is at it, it is left to that one.
    An index that an interrupted build left behind is made anew."""
    if connection.in_atomic_block:
        raise RuntimeError("ensure_index builds concurrently, so it must stand outside a transaction.")
    if embedder.dimension > MAX_DIMENSION:
        return []
    return [name for kind in KINDS if (name := _ensure(embedder, kind, min_rows))]


def _ensure(embedder: Embedder, kind: Kind, min_rows: int) -> str | None:
    name = index_name(embedder, kind)
    if _state(name) == "valid" or not _has_rows(embedder, kind, min_rows):
        return None
    with connection.cursor() as cursor:
        # Never wait for the lock: who waits holds a snapshot, and the other's concurrent build would wait for that.
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        if not cursor.fetchone()[0]:
            return None
        try:
            return _build(embedder, kind, name)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def _build(embedder: Embedder, kind: Kind, name: str) -> str | None:
    state = _state(name)
    if state == "valid":
        return None
    with connection.cursor() as cursor:
        if state == "invalid":
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        cursor.execute(f"SET maintenance_work_mem = '{BUILD_MEMORY}'")
        try:
            cursor.execute(
                f"CREATE INDEX CONCURRENTLY {name} ON curation_embedding "
                f"USING hnsw ((vector::halfvec({int(embedder.dimension)})) halfvec_cosine_ops) "
                f"WHERE embedder_id = {int(embedder.pk)} AND {KINDS[kind]}"
            )
        finally:
            cursor.execute("RESET maintenance_work_mem")
    return name


def _state(name: str) -> Literal["valid", "invalid", "absent"]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [name])
        row = cursor.fetchone()
    return "absent" if row is None else "valid" if row[0] else "invalid"


def _has_rows(embedder: Embedder, kind: Kind, count: int) -> bool:
    rows = Embedding.objects.filter(embedder=embedder, detection__isnull=kind == "frames").order_by()
    return count <= 0 or rows.values("pk")[count - 1 : count].exists()
