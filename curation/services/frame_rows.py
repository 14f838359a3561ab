"""Reading frames in bulk from the database, as the table in memory wants them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from curation.core.frame_reading import UNNAMED
from curation.core.frame_table import column_of
from curation.core.query import Kind
from curation.core.types import IntArray
from curation.models import Camera

Statement = sql.SQL | sql.Composed
MOMENT = """
SELECT (SELECT system_identifier FROM pg_control_system())::text || '-'
           || (SELECT oid FROM pg_database WHERE datname = current_database())::text,
       pg_relation_filenode('curation_frame')::bigint, pg_snapshot_xmax(seen)::text::bigint,
       ARRAY(SELECT pg_snapshot_xip(seen)::text::bigint)
FROM (SELECT pg_current_snapshot() AS seen) AS it
"""
# In the order of OWN, without the camera's name.
OWN_SQL = (
    "f.id", "f.video_id", "f.camera_id", "f.pts_us", "(extract(epoch FROM f.recorded_at) * 1000000)::bigint",
    "f.width_px", "f.height_px", "(f.annotated_at IS NOT NULL)::int", "f.held_out::int", "f.phash", "f.uniqueness",
    "f.typicality", "f.outlier_score", "(f.duplicate_of_id IS NOT NULL)::int", "v.kind", "f.changed_xid",
    "f.tags -> 'object_counts'",
)  # fmt: skip
# A thousand rows come as one text, so that the driver need not hand over each by itself.
ALL_SQL = """
SELECT lines FROM (SELECT min(id) AS low, max(id) AS high, greatest(1000, (max(id) - min(id)) / 2000) AS step
                   FROM curation_frame) AS ids, generate_series(low, high, step) AS start,
    LATERAL (SELECT string_agg(concat({line}), E'\n') AS lines
             FROM curation_frame AS f JOIN curation_video AS v ON v.id = f.video_id
             WHERE f.id >= start AND f.id < start + step) AS block WHERE lines IS NOT NULL
"""
UNSEEN_SQL = """
SELECT string_agg(concat({line}), E'\n') FROM curation_frame AS f JOIN curation_video AS v ON v.id = f.video_id
WHERE {unseen} GROUP BY f.id / 1000
"""
GONE_SQL = """
SELECT g.frame_id FROM curation_goneframe AS g
WHERE {unseen} AND NOT EXISTS (SELECT FROM curation_frame AS f WHERE f.id = g.frame_id)
"""
CHECKSUM = "SELECT count(*), coalesce(sum(id % 1000003 * (changed_xid % 1000003)), 0)::numeric FROM curation_frame"
RAW: Mapping[str, pl.DataType] = {
    name: {pl.Boolean(): pl.Int8(), pl.Datetime("us", "UTC"): pl.Int64()}.get(
        dtype, pl.String() if isinstance(dtype, pl.Categorical) else dtype
    )
    for name, dtype in UNNAMED.items()
}
PIECE_BYTES = 8 << 20
NUMBERS_HEAD_BYTES = 19 + 2 + 4 + 20
"""Of a binary COPY of one array of one dimension: the file's header, the row's, the array's."""
NUMBER = np.dtype([("bytes", ">i4"), ("number", ">i8")])


@dataclass(frozen=True)
class Moment:
    """What a look at the database saw: what transactions before `xmax` wrote, but for those `under_way`.

    `place` is the table's file: another one takes its place when the table is truncated or rewritten."""

    database: str
    place: int
    xmax: int
    under_way: tuple[int, ...]


def this_moment() -> Moment:
    """Say what the transaction, or the next statement outside one, would see at least."""
    with connection.cursor() as cursor:
        cursor.execute(MOMENT)
        database, place, xmax, under_way = cursor.fetchone()
    return Moment(database, place, xmax, tuple(under_way))


def checksum() -> tuple[int, int]:
    """Return what tells two states of the frames apart: how many, and a sum over who wrote each last."""
    with connection.cursor() as cursor:
        cursor.execute(CHECKSUM)
        count, total = cursor.fetchone()
    return int(count), int(total)


def read_rows(kinds: Mapping[str, Kind], *, since: Moment | None = None) -> Iterator[pl.DataFrame]:
    """Read all frames, or those written since a look, piece by piece, as `core.frame_reading.read_piece` wants them."""
    line = _line([*OWN_SQL], kinds)
    statement = sql.SQL(ALL_SQL).format(line=line)
    if since is not None:
        statement = sql.SQL(UNSEEN_SQL).format(line=line, unseen=_unseen("f", since))
    return _pieces(statement, {**RAW, **{column_of(tag): pl.String() for tag in kinds}})


def read_gone(since: Moment) -> IntArray:
    """Read the ids of frames that were removed since a look."""
    return _numbers(sql.SQL(GONE_SQL).format(unseen=_unseen("g", since)), None)


def read_tags(kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """Read the JSON of some tags of all frames, and their ids."""
    schema: dict[str, pl.DataType] = {"id": pl.Int64(), **{column_of(tag): pl.String() for tag in kinds}}
    pieces = _pieces(sql.SQL(ALL_SQL).format(line=_line(["f.id"], kinds)), schema)
    return pl.concat([pl.Schema(schema).to_frame(), *pieces])


def camera_names() -> dict[int, str]:
    """Return the name of each camera by its number."""
    return dict(Camera.objects.values_list("id", "name"))


def read_ids(rows: QuerySet[Any], column: str) -> IntArray:
    """Read a column of whole numbers, in no order."""
    query, params = rows.values(column).query.sql_with_params()
    return _numbers(query, params)


def _numbers(query: str | Statement, params: Sequence[Any] | None) -> IntArray:
    """Read the numbers that a query gives as one array, which the driver hands over in one go."""
    asked = sql.SQL(query) if isinstance(query, str) else query
    statement = sql.SQL("COPY (SELECT array_agg(it) FROM ({}) AS found (it)) TO STDOUT (FORMAT BINARY)").format(asked)
    with connection.cursor() as cursor, cursor.copy(statement, params) as copy:
        received = b"".join(copy)
    numbers = (len(received) - NUMBERS_HEAD_BYTES) // NUMBER.itemsize
    if numbers < 1:
        return np.zeros(0, np.int64)
    return np.frombuffer(received, NUMBER, numbers, NUMBERS_HEAD_BYTES)["number"].astype(np.int64)


def _line(columns: Sequence[str], kinds: Mapping[str, Kind]) -> Statement:
    """Write columns and tags as arguments of concat, which leaves NULL empty. JSON has no bare tab or new line."""
    written = [sql.SQL(column) for column in columns]
    tags = [sql.SQL("f.tags -> {}").format(sql.Literal(tag)) for tag in kinds]
    return sql.SQL(", E'\t', ").join([*written, *tags])


def _unseen(table: str, since: Moment) -> Statement:
    return sql.SQL("({row}.changed_xid >= {xmax} OR {row}.changed_xid = ANY({under_way}::bigint[]))").format(
        row=sql.Identifier(table), xmax=sql.Literal(since.xmax), under_way=sql.Literal(list(since.under_way))
    )


def _pieces(statement: Statement, schema: Mapping[str, pl.DataType]) -> Iterator[pl.DataFrame]:
    waiting, waiting_bytes = [], 0
    command = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(statement)
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        copy.set_types(["bytea"])  # text as it comes: polars decodes it
        for (lines,) in copy.rows():
            waiting.append(lines)
            waiting_bytes += len(lines)
            if waiting_bytes >= PIECE_BYTES:
                yield _read(waiting, schema)
                waiting, waiting_bytes = [], 0
    if waiting:
        yield _read(waiting, schema)


def _read(lines: list[bytes], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.read_csv(b"\n".join(lines), has_header=False, separator="\t", quote_char=None, schema=schema)
