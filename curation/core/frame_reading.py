"""From rows as the database gives them, tags as JSON, to the table of frames in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from curation.core.frame_columns import column_type, typed
from curation.core.frame_table import ODD, OWN, FrameTable, column_of
from curation.core.query import Kind

UNNAMED = {name: dtype for name, dtype in OWN.items() if name != "camera"}


@dataclass(frozen=True)
class Piece:
    """Some rows, in any order, that do not know their camera's name yet; `odd` as in FrameTable."""

    frames: pl.DataFrame
    odd: pl.DataFrame


def read_piece(raw: pl.DataFrame, *, kinds: Mapping[str, Kind]) -> Piece:
    """Read raw rows: a column for each of `OWN` but camera, times in microseconds, and the JSON of each tag."""
    columns = [raw[name].cast(dtype) for name, dtype in UNNAMED.items()]
    more, odd = read_tags(raw, kinds=kinds)
    return Piece(pl.DataFrame(columns + more), odd)


def read_tags(raw: pl.DataFrame, *, kinds: Mapping[str, Kind]) -> tuple[list[pl.Series], pl.DataFrame]:
    """Read the JSON of each tag: its typed column, and the odd values of all of them. `raw` has an id."""
    columns, odd = [], [ODD.to_frame()]
    for tag, kind in kinds.items():
        column, rest = typed(raw[column_of(tag)], name=column_of(tag), kind=kind)
        columns.append(column)
        if rest is not None:
            rows = pl.DataFrame({"id": raw["id"], "json": rest}).filter(pl.col("json").is_not_null())
            odd.append(rows.select("id", pl.lit(tag).alias("name"), "json").cast(ODD))
    return columns, pl.concat(odd)


def assembled(pieces: Sequence[Piece], *, kinds: Mapping[str, Kind], cameras: Mapping[int, str]) -> FrameTable:
    """Make one table of pieces. `cameras` names every camera there is in the rows."""
    empty = {**UNNAMED, **{column_of(tag): column_type(column_of(tag), kind) for tag, kind in kinds.items()}}
    frames = pl.concat([pl.Schema(empty).to_frame(), *(piece.frames for piece in pieces)], rechunk=True)
    if not frames["id"].is_sorted():
        frames = frames.sort("id")
    odd = pl.concat([ODD.to_frame(), *(piece.odd for piece in pieces)])
    return FrameTable(named(frames, cameras), dict(kinds), odd)


def named(frames: pl.DataFrame, cameras: Mapping[int, str]) -> pl.DataFrame:
    """Write each row's camera's name beside its number."""
    known = np.array(sorted(cameras), np.int64)
    names = pl.Series("camera", [cameras[key] for key in known.tolist()], pl.String).cast(OWN["camera"])
    written = names.gather(np.searchsorted(known, frames["camera_id"].to_numpy()))
    others = [column for column in frames.columns if column not in OWN]
    return frames.with_columns(written).select(*OWN, *others)
