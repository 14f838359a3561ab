"""All frames as columns in memory: what filters, counts, profiles and draws from a million of them in no time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from curation.core.frame_columns import BoolArray, typed, words_of, words_type
from curation.core.query import Kind
from curation.core.types import IntArray

OWN: Mapping[str, pl.DataType] = {
    "id": pl.Int64(),
    "video_id": pl.Int64(),
    "camera_id": pl.Int64(),
    "pts_us": pl.Int64(),
    "recorded_at": pl.Datetime("us", "UTC"),
    "width_px": pl.Int32(),
    "height_px": pl.Int32(),
    "annotated": pl.Boolean(),
    "held_out": pl.Boolean(),
    "phash": pl.Int64(),
    "uniqueness": pl.Float64(),
    "typicality": pl.Float64(),
    "outlier_score": pl.Float64(),
    "duplicate": pl.Boolean(),
    "kind": words_type("kind"),
    "object_counts": words_type("object_counts"),
    "camera": words_type("camera"),
}
"""A frame's own columns. `object_counts` is JSON, null where nobody looked for objects: see `FrameTable.count_of`."""
ODD = pl.Schema({"id": pl.Int64(), "name": pl.String(), "json": words_type("odd")})


@dataclass(frozen=True)
class FrameTable:
    """(N,) frames, by rising id. One column for each of `OWN`, then one for each tag, under `column_of(tag)`.

    Texts are Categorical, numbers Float64, booleans Boolean; a list is its JSON as Categorical (few lists differ). A
    value that does not fit its tag's kind is null there, and kept in `odd` (id, name, json)."""

    frames: pl.DataFrame
    kinds: Mapping[str, Kind]
    """Of each tag that the table knows."""
    odd: pl.DataFrame

    def __len__(self) -> int:
        return len(self.frames)

    @cached_property
    def ids(self) -> IntArray:
        """(N,) rising."""
        return self.frames["id"].to_numpy()

    def tag(self, name: str) -> pl.Series:
        """Return a tag's column (N,). Raises KeyError for a tag that the table does not know."""
        self.kinds[name]
        return self.frames[column_of(name)]

    @cached_property
    def _counts(self) -> list[dict[str, int]]:
        """What each word of `object_counts` says; labels whose count is no whole number are left out."""
        said = [json.loads(text) for text in words_of(self.frames["object_counts"])]
        return [
            {label: n for label, n in counts.items() if type(n) is int and 0 <= n < 2**31}
            if isinstance(counts, dict)
            else {}
            for counts in said
        ]

    def count_labels(self) -> list[str]:
        """List the labels of objects that were ever counted, in order of name."""
        return sorted({label for counts in self._counts for label in counts})

    def count_of(self, label: str) -> pl.Series:
        """Return how many objects of a label each frame shows, (N,) Int32: 0 where none, null where nobody looked."""
        said = pl.Series(f"count.{label}", [counts.get(label, 0) for counts in self._counts], pl.Int32)
        return said.gather(self.frames["object_counts"].to_physical())

    def odd_of(self, name: str) -> tuple[IntArray, pl.Series]:
        """Return the rows at which a tag has an odd value, and its JSON there."""
        if not len(self.odd):
            return np.zeros(0, np.int64), self.odd["json"]
        found = self.odd.filter(pl.col("name") == name)
        return np.searchsorted(self.ids, found["id"].to_numpy()), found["json"]

    def among(self, ids: IntArray, *, column: str = "id") -> BoolArray:
        """Tell for each row whether its id (or video_id, camera_id) is one of (M,) ids, in whatever order."""
        return np.isin(self.frames[column].to_numpy(), ids)


def column_of(tag: str) -> str:
    """Return the name of a tag's column: its own, where no column of the frame itself has it."""
    return f"tags.{tag}" if tag in OWN else tag


def read_table(raw: pl.DataFrame, *, kinds: Mapping[str, Kind], cameras: Mapping[int, str]) -> FrameTable:
    """Make a table of raw rows in any order: the columns of `OWN` but camera, and the JSON of each tag.

    `cameras` names every camera there is in the rows."""
    ordered = raw.sort("id")
    columns = [ordered[name].cast(dtype) for name, dtype in OWN.items() if name != "camera"]
    columns.append(camera_names(ordered["camera_id"], cameras))
    odd = []
    for tag, kind in kinds.items():
        column, rest = typed(ordered[column_of(tag)], name=column_of(tag), kind=kind)
        columns.append(column)
        if rest is not None:
            odd.append(odd_rows(ordered["id"], tag, rest))
    return FrameTable(pl.DataFrame(columns), dict(kinds), pl.concat([ODD.to_frame(), *odd]))


def odd_rows(ids: pl.Series, tag: str, values: pl.Series) -> pl.DataFrame:
    """List the odd values of a tag: (N,) JSON, null where there is none."""
    rows = pl.DataFrame({"id": ids, "name": pl.Series([tag]).new_from_index(0, len(ids)), "json": values})
    return rows.filter(pl.col("json").is_not_null()).cast(ODD)


def camera_names(camera_ids: pl.Series, cameras: Mapping[int, str]) -> pl.Series:
    """Name the camera of each of (N,) rows."""
    known = np.array(sorted(cameras), np.int64)
    names = pl.Series("camera", [cameras[key] for key in known.tolist()], pl.String).cast(OWN["camera"])
    return names.gather(np.searchsorted(known, camera_ids.to_numpy()))
