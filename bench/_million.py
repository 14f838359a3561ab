"""A million frames in a database of the benchmarks' own, made once and kept in the data folder."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
from psycopg import sql

from bench._footage import cache_dir
from config import embedded

VERSION = 1
FRAMES = 1_000_000
VECTORS, DIMENSION = 100_000, 512
_NAME = "million"


@contextmanager
def a_million_frames() -> Iterator[None]:
    """Set Django up on the million frames, and hold their server running for the block.

    Call it before anything imports Django's settings. The first time takes some minutes and 5 GB."""
    folder = cache_dir() / "million"
    with embedded.running(folder) as layout:
        os.environ |= {
            "WINNOW_DATA_DIR": str(folder),
            "DATABASE_URL": layout.database_url(_NAME),
            "REDIS_URL": layout.redis_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        with psycopg.connect(layout.database_url("postgres"), autocommit=True) as server:
            if not _is_filled(server):
                started_s = time.monotonic()
                print(f"Making {FRAMES:,} frames in {folder} …", file=sys.stderr)
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_NAME)))
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_NAME)))
                _set_up()
                _fill()
                server.execute(f"COMMENT ON DATABASE {_NAME} IS '{VERSION}'")
                print(f"Made in {time.monotonic() - started_s:.0f} s.", file=sys.stderr)
            else:
                _set_up()
        from django.db import connections

        try:
            yield
        finally:
            connections.close_all()


def _is_filled(server: psycopg.Connection) -> bool:
    said = server.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [_NAME]
    ).fetchone()  # fmt: skip
    return said is not None and said[0] == str(VERSION)


def _set_up() -> None:
    import django

    django.setup()
    from config.bootstrap import prepare

    prepare()


def _fill() -> None:
    from django.db import connection, transaction

    script = Path(__file__).with_suffix(".sql").read_text()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.connection.execute(script)
    _store_vectors()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _store_vectors() -> None:
    """Give every tenth frame a vector near its video's, so that there are likes and duplicates."""
    from curation.models import Embedder
    from curation.services.embedding import store_frame_vectors

    rng = np.random.default_rng(7)
    embedder = Embedder.objects.create(name="bench", version="1", dimension=DIMENSION)
    ids = np.arange(1, FRAMES + 1, FRAMES // VECTORS)
    centres = rng.normal(size=(2000, DIMENSION)).astype(np.float32)
    for chunk in np.array_split(ids, 20):
        vectors = centres[(chunk - 1) // 500] + 0.7 * rng.normal(size=(len(chunk), DIMENSION)).astype(np.float32)
        store_frame_vectors(embedder, chunk.tolist(), vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
