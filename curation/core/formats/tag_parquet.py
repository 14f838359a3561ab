"""Tags as Parquet, one row a picture, columns typed. A tag whose values are of several types is JSON, as NAME.json."""

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from curation.core.formats.contract import FormatError, Reading, Skips
from curation.core.formats.opening import Names, Shelf, each_file_once, open_tree
from curation.core.formats.tag_rows import EXPECTED, check_columns, from_rows, to_columns
from curation.core.formats.text_files import to_json
from curation.core.formats.tree import LOOKED_AT, Tree
from curation.core.labels import LabelledPicture

_JSON = ".json"
_MAGIC = b"PAR1"
_MOST_ROWS = 50_000_000
_ROWS_AT_ONCE = 50_000
_EXACT_AS_FLOAT = 2**53
_OF_COLUMNS: Mapping[str, pl.DataType] = {
    "name": pl.String(), "width_px": pl.Int64(), "height_px": pl.Int64(), "split": pl.String(), "camera": pl.String(),
    "recorded_at": pl.Datetime("us", "UTC"), "sequence": pl.String(), "frame_index": pl.Int64(),
    "time_s": pl.Float64(), "boxes": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True)
class TagParquet:
    """A table of tags for programs: one row a picture, one typed column a tag, without boxes."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_pictures: ClassVar[bool] = False

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        return any(tree.head(name, len(_MAGIC)) == _MAGIC for name in tree.named(".parquet")[:LOOKED_AT])

    def read(self, root: Path) -> Reading:
        skips = Skips()
        tree = open_tree(root, skips=skips)
        tables: dict[str, bytes] = {}
        why = "There is no Parquet file"
        for name in tree.named(".parquet"):
            try:
                tables[name] = tree.read(name)
                check_columns(_columns(tables[name], name=name), file=name)
            except (OSError, ValueError, FormatError) as error:
                tables.pop(name, None)
                why = str(error)
                skips.add(name, "file that is no table of tags")
        if not tables:
            raise FormatError(f"{why.rstrip('.')}; {EXPECTED}.")
        return Reading(each_file_once(_pictures(tree, tables, skips=skips), skips=skips), skips, [])

    def picture_path(self, picture: LabelledPicture) -> str:
        return ""

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        columns = to_columns(pictures, losses=losses)
        table = pl.DataFrame([_series(name, values) for name, values in columns.items()])
        buffer = io.BytesIO()
        table.write_parquet(buffer)
        yield "tags.parquet", buffer.getvalue()


def _series(name: str, values: list[Any]) -> pl.Series:
    kind = _OF_COLUMNS.get(name) or _kind([value for value in values if value is not None])
    if kind is None or name.endswith(_JSON):
        return pl.Series(name + _JSON, [None if v is None else to_json(v).decode() for v in values], dtype=pl.String)
    return pl.Series(name, values, dtype=kind)


def _kind(values: list[Any]) -> pl.DataType | None:
    """Return the type that holds all values exactly; None if none does."""
    kinds = {type(value) for value in values}
    if kinds <= {str}:
        return pl.String()
    if kinds == {bool}:
        return pl.Boolean()
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values):
        return pl.Int64()
    if kinds <= {int, float} and all(isinstance(v, float) or abs(v) <= _EXACT_AS_FLOAT for v in values):
        return pl.Float64()
    return pl.List(pl.String()) if kinds == {list} else None


def _columns(content: bytes, *, name: str) -> list[str]:
    try:
        scan = pl.scan_parquet(io.BytesIO(content))
        count: int = scan.select(pl.len()).collect().item()
        columns = scan.collect_schema().names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        raise FormatError(f"{name} is not whole Parquet") from error
    if count > _MOST_ROWS:
        raise FormatError(f"{name} has {count} rows, more than {_MOST_ROWS}")
    return columns


def _pictures(tree: Tree, tables: Mapping[str, bytes], *, skips: Skips) -> Iterator[LabelledPicture]:
    names, shelf = Names(), Shelf(tree.pictures)
    for file, content in tables.items():
        yield from from_rows(_rows(content, file=file, skips=skips), file=file, names=names, shelf=shelf, skips=skips)


def _rows(content: bytes, *, file: str, skips: Skips) -> Iterator[dict[str, Any]]:
    start = 0
    while True:
        try:
            part = pl.scan_parquet(io.BytesIO(content)).slice(start, _ROWS_AT_ONCE).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
            skips.add(file, "rest of a file that is not whole Parquet; what stands before was read")
            return
        for row in part.iter_rows(named=True):
            yield dict(_item(column, value) for column, value in row.items())
        if part.height < _ROWS_AT_ONCE:
            return
        start += _ROWS_AT_ONCE


def _item(column: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, datetime):
        return column, value.isoformat()
    if column.endswith(_JSON) and isinstance(value, str):
        try:
            return column.removesuffix(_JSON), json.loads(value)
        except (ValueError, RecursionError):
            return column, value
    return column, value
