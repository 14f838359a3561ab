"""Bringing the table of frames up to date: rows that changed, rows that went, tags that came."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from curation.core.frame_columns import BoolArray
from curation.core.frame_reading import named, read_tags
from curation.core.frame_table import OWN, FrameTable, column_of
from curation.core.query import Kind
from curation.core.types import IntArray


def replaced(table: FrameTable, changed: FrameTable, *, gone: IntArray) -> FrameTable:
    """Put (M,) changed rows in the place of those of the same id, add those that are new, drop those that are gone.

    Both tables know the same tags. What changed and is gone is gone."""
    frames, odd = _without(table.frames, gone), _without(table.odd, np.concatenate([changed.ids, gone]))
    rows = _without(changed.frames, gone)
    places, is_known = _places(frames["id"].to_numpy(), rows["id"].to_numpy())
    frames = _patched(frames, places[is_known], rows.filter(pl.Series(is_known)))
    frames = _inserted(frames, places[~is_known], rows.filter(pl.Series(~is_known)))
    return FrameTable(frames, table.kinds, pl.concat([odd, _without(changed.odd, gone)]))


def _patched(frames: pl.DataFrame, places: IntArray, rows: pl.DataFrame) -> pl.DataFrame:
    """Write rows over those at their places. A column in which they do not differ is not copied, and few do."""
    order = np.arange(len(frames), dtype=np.uint32)
    order[places] = len(frames) + np.arange(len(places))
    written = []
    for column in frames.iter_columns():
        new = rows[column.name]
        if not column.gather(places).to_physical().equals(new.to_physical(), null_equal=True):
            written.append(pl.concat([column, new], rechunk=True).gather(order))
    return frames.with_columns(written)


def _inserted(frames: pl.DataFrame, places: IntArray, rows: pl.DataFrame) -> pl.DataFrame:
    """Put rows before those at their places: most are new, and come behind all others."""
    if not len(rows):
        return frames
    merged = pl.concat([frames, rows], rechunk=True)
    if places[0] == len(frames):
        return merged
    return merged[np.insert(np.arange(len(frames)), places, len(frames) + np.arange(len(places)))]


def with_kinds(table: FrameTable, kinds: Mapping[str, Kind], raw: pl.DataFrame | None) -> FrameTable:
    """Make the tags those of `kinds`. `raw` holds the JSON of those that are new or of another kind, and an id."""
    new = {tag: kind for tag, kind in kinds.items() if table.kinds.get(tag) != kind}
    kept = [tag for tag in kinds if tag not in new]
    frames = table.frames.drop([column_of(tag) for tag in table.kinds if tag not in kept])
    odd = [table.odd.filter(pl.col("name").is_in(kept))]
    if raw is not None:
        columns, odd_values = read_tags(raw, kinds=new)
        read = pl.DataFrame([raw["id"], *columns])
        frames = frames.join(read, on="id", how="left", maintain_order="left").rechunk()
        odd.append(odd_values.filter(pl.col("id").is_in(frames["id"].implode())))
    return FrameTable(frames.select(*OWN, *map(column_of, kinds)), dict(kinds), pl.concat(odd))


def renamed(table: FrameTable, cameras: Mapping[int, str]) -> FrameTable:
    """Write the names of cameras anew."""
    return FrameTable(named(table.frames, cameras), table.kinds, table.odd)


def _without(rows: pl.DataFrame, ids: IntArray) -> pl.DataFrame:
    """Return rows, of whatever is about frames, but for those of some frames."""
    return rows.filter(~pl.col("id").is_in(pl.Series(ids).implode())) if len(ids) and len(rows) else rows


def _places(ids: IntArray, sought: IntArray) -> tuple[IntArray, BoolArray]:
    """Return where each of (M,) ids is among (N,) rising ones, or would be, and whether it is there."""
    places = np.searchsorted(ids, sought)
    return places, np.append(ids, -1)[places] == sought
