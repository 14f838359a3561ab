"""Tags as CSV, one row a picture. What is not text is written as JSON, and so is text that could be taken for it."""

import csv
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
from curation.core.formats.tag_rows import EXPECTED, WORDS, check_columns, from_rows, to_columns
from curation.core.formats.text_files import Unreadable, read_text, to_json
from curation.core.formats.tree import LOOKED_AT, Tree
from curation.core.labels import LabelledPicture

_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class TagCsv:
    """A table of tags for people and spreadsheets: one row a picture, one column a tag, without boxes."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_pictures: ClassVar[bool] = False

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        heads = (
            tree.head(name).removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0] for name in tree.named(".csv")[:LOOKED_AT]
        )
        return any(b"name" in head.replace(b";", b",").replace(b'"', b"").strip().split(b",") for head in heads)

    def read(self, root: Path) -> Reading:
        skips = Skips()
        tree = open_tree(root, skips=skips)
        texts: dict[str, str] = {}
        why = "There is no CSV file"
        for name in tree.named(".csv"):
            try:
                texts[name] = read_text(tree, name)
                check_columns(_columns(texts[name]), file=name)
            except (Unreadable, FormatError, csv.Error) as error:
                texts.pop(name, None)
                why = str(error)
                skips.add(name, "file that is no table of tags")
        if not texts:
            raise FormatError(f"{why.rstrip('.')}; {EXPECTED}.")
        return Reading(each_file_once(_pictures(tree, texts, skips=skips), skips=skips), skips, [])

    def picture_path(self, picture: LabelledPicture) -> str:
        return ""

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        columns = to_columns(pictures, losses=losses)
        table = pl.DataFrame(
            {name: pl.Series([_cell(value) for value in values], dtype=pl.String) for name, values in columns.items()}
        )
        yield "tags.csv", table.write_csv().encode()


def _looks_like_a_table(head: bytes) -> bool:
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return b"name" in first.replace(b";", b",").replace(b'"', b"").strip().split(b",")


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        return to_json(value).decode()
    # A cell that begins like a formula is one to a spreadsheet.
    is_plain = value.isprintable() and not value.startswith(_FORMULA) and value.strip() == value and value != ""
    return value if is_plain and _value(value) == value else json.dumps(value)


def _value(cell: str) -> Any:
    if not cell:
        return None
    try:
        return json.loads(cell, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return cell


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _reader(text: str) -> Iterator[list[str]]:
    first = text.split("\n", 1)[0]
    return csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first and "," not in first else ",")


def _columns(text: str) -> list[str]:
    return next(_reader(text), [])


def _pictures(tree: Tree, texts: Mapping[str, str], *, skips: Skips) -> Iterator[LabelledPicture]:
    names, shelf = Names(), Shelf(tree.pictures)
    for file, text in texts.items():
        yield from from_rows(_rows(text, file=file, skips=skips), file=file, names=names, shelf=shelf, skips=skips)


def _rows(text: str, *, file: str, skips: Skips) -> Iterator[dict[str, Any]]:
    rows = _reader(text)
    columns = next(rows, [])
    for column, count in Counter(columns).items():
        if count > 1:
            skips.add(f"{file}: {column:.80}", "column whose name is another's too; the last one was read")
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            skips.add(file, "row that is no CSV")
            continue
        if row is None:
            return
        if len(row) > len(columns):
            skips.add(f"{file}: {','.join(row):.80}", "row with more cells than the header; the rest was read")
        if row:
            yield {name: _typed(name, cell) for name, cell in zip(columns, row, strict=False)}


def _typed(column: str, cell: str) -> Any:
    value = _value(cell)
    return cell if column in WORDS and value is not None and not isinstance(value, str) else value
