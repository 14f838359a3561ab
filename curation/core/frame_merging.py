"""Bringing the table of frames up to date: rows that changed, rows that went, tags that came."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from curation.core.frame_reading import named, read_tags
from curation.core.frame_table import OWN, FrameTable, column_of
from curation.core.query import Kind
from curation.core.types import IntArray


def replaced(table: FrameTable, changed: FrameTable, *, gone: IntArray) -> FrameTable:
    """Put (M,) changed rows in the place of those of the same id, add those that are new, drop those that are gone.

    Both tables know the same tags. What changed and is gone is gone."""
    frames, odd = _without(table, np.concatenate([changed.ids, gone]))
    rows, more_odd = _without(changed, gone)
    # Where each changed row belongs; most are new, and belong behind all others.
    places = np.searchsorted(frames["id"].to_numpy(), rows["id"].to_numpy())
    merged = pl.concat([frames, rows], rechunk=True)
    if len(places) and places[0] < len(frames):
        merged = merged[np.insert(np.arange(len(frames)), places, len(frames) + np.arange(len(places)))]
    return FrameTable(merged, table.kinds, pl.concat([odd, more_odd]))


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


def _without(table: FrameTable, ids: IntArray) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the table's frames and odd values but for some ids."""
    stays = np.ones(len(table) + 1, bool)
    rows = np.searchsorted(table.ids, ids)
    stays[rows[np.append(table.ids, -1)[rows] == ids]] = False
    if stays.all():
        return table.frames, table.odd
    return table.frames.filter(pl.Series(stays[:-1])), table.odd.filter(~pl.col("id").is_in(pl.Series(ids).implode()))
