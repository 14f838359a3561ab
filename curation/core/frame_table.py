"""All frames as columns in memory: what filters, counts, profiles and draws from a million of them in no time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from curation.core.frame_columns import BoolArray, words_of, words_type
from curation.core.query import Kind
from curation.core.query.stored import read_stored
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
    "changed_xid": pl.Int64(),
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

    def count_labels(self) -> list[str]:
        """List the labels of objects that were counted in any frame, in order of name."""
        used = self.frames["object_counts"].to_physical().drop_nulls().unique()
        return sorted({label for word in used for label in self._counts[word]})

    def count_of(self, label: str) -> pl.Series:
        """Return how many objects of a label each frame shows, (N,) Int32: 0 where none, null where nobody looked."""
        said = pl.Series(f"count.{label}", [counts.get(label, 0) for counts in self._counts], pl.Int32)
        return said.gather(self.frames["object_counts"].to_physical())

    @cached_property
    def _counts(self) -> list[dict[str, int]]:
        """What each word of `object_counts` says; labels whose count is no whole number are left out."""
        said = map(read_stored, words_of(self.frames["object_counts"]))
        return [
            {label: n for label, n in counts.items() if type(n) is int and 0 <= n < 2**31}
            if isinstance(counts, dict)
            else {}
            for counts in said
        ]

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
