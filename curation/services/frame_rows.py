"""Reading frames in bulk from the database, as the table in memory wants them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from curation.core.frame_table import OWN, column_of
from curation.core.query import Kind
from curation.core.types import IntArray
from curation.models import Camera

MOMENT = """
SELECT (SELECT system_identifier FROM pg_control_system())::text || '/'
           || (SELECT oid FROM pg_database WHERE datname = current_database())::text,
       pg_relation_filenode('curation_frame')::bigint,
       pg_snapshot_xmin(now_seen)::text::bigint, pg_snapshot_xmax(now_seen)::text::bigint
FROM (SELECT pg_current_snapshot() AS now_seen) AS it
"""
# In the order of OWN, without the camera's name.
OWN_SQL = """
f.id, f.video_id, f.camera_id, f.pts_us, (extract(epoch FROM f.recorded_at) * 1000000)::bigint, f.width_px, f.height_px,
(f.annotated_at IS NOT NULL)::int, f.held_out::int, f.phash, f.uniqueness, f.typicality, f.outlier_score,
(f.duplicate_of_id IS NOT NULL)::int, v.kind, f.tags -> 'object_counts'
"""
ROWS_SQL = "SELECT {columns}, false FROM curation_frame AS f JOIN curation_video AS v ON v.id = f.video_id"
GONE_SQL = """
UNION ALL SELECT g.frame_id, {nulls}, true FROM curation_goneframe AS g WHERE g.changed_xid >= {since}
    AND NOT EXISTS (SELECT FROM curation_frame AS f WHERE f.id = g.frame_id)
"""
RAW_TYPES: Mapping[str, pl.DataType] = {
    name: {pl.Boolean(): pl.Int8(), pl.Datetime("us", "UTC"): pl.Int64()}.get(
        dtype, pl.String() if isinstance(dtype, pl.Categorical) else dtype
    )
    for name, dtype in OWN.items()
    if name != "camera"
}
ID_HEADER_BYTES, ID_TAIL_BYTES = 19, 2
ID_ROW = np.dtype([("fields", ">i2"), ("bytes", ">i4"), ("id", ">i8")])


@dataclass(frozen=True)
class Moment:
    """What a look at the database would see: whatever was written by a transaction before `xmin`, nothing of `xmax` or
    later. `place` is the table's file, which another one replaces when it is truncated or rewritten."""

    database: str
    place: int
    xmin: int
    xmax: int


def this_moment() -> Moment:
    """Say what the transaction, or the next statement outside one, would see at least."""
    with connection.cursor() as cursor:
        cursor.execute(MOMENT)
        return Moment(*cursor.fetchone())


def read_rows(kinds: Mapping[str, Kind], *, since: int | None = None) -> tuple[pl.DataFrame, IntArray]:
    """Read all frames, or those written by transactions from `since` on, in one look; and the ids of those gone then.

    Rows come as `core.frame_table.read_table` wants them: a tag's column holds its JSON."""
    columns: sql.SQL | sql.Composed = sql.SQL(OWN_SQL)
    for tag in kinds:
        columns += sql.SQL(", f.tags -> {}").format(sql.Literal(tag))
    statement: sql.SQL | sql.Composed = sql.SQL(ROWS_SQL).format(columns=columns)
    if since is not None:
        nulls = sql.SQL(", ").join([sql.SQL("NULL")] * (len(RAW_TYPES) - 1 + len(kinds)))
        statement += sql.SQL(" WHERE f.changed_xid >= {}").format(sql.Literal(since))
        statement += sql.SQL(GONE_SQL).format(nulls=nulls, since=sql.Literal(since))
    schema = {**RAW_TYPES, **{column_of(tag): pl.String() for tag in kinds}, "is gone": pl.String()}
    rows = _copied(statement, schema)
    is_gone = rows["is gone"] == "t"
    return rows.filter(~is_gone).drop("is gone"), rows.filter(is_gone)["id"].to_numpy()


def camera_names() -> dict[int, str]:
    """Return the name of each camera by its number."""
    return dict(Camera.objects.values_list("id", "name"))


def read_ids(rows: QuerySet[Any], column: str) -> IntArray:
    """Read a column of whole numbers, in no order: a million in a quarter of a second."""
    query, params = rows.values(column).query.sql_with_params()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", params) as copy:
        received = b"".join(copy)
    return np.frombuffer(received[ID_HEADER_BYTES:-ID_TAIL_BYTES], ID_ROW)["id"].astype(np.int64)


def _copied(statement: sql.Composed | sql.SQL, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY ({}) TO STDOUT").format(statement)) as copy:
        received = b"".join(copy)
    if not received:
        return pl.DataFrame(schema=schema)
    rows = pl.read_csv(
        received, has_header=False, separator="\t", quote_char=None, null_values="\\N", schema=schema, encoding="utf8"
    )
    if b"\\\\" in received:  # COPY doubles back slashes
        rows = rows.with_columns(pl.col(pl.String).str.replace_all("\\\\", "\\", literal=True))
    return rows
