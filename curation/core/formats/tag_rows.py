"""Pictures as rows of a table, and back: name, size, camera, time, split, then each tag and where it came from."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from curation.core.formats import checks
from curation.core.formats.contract import FormatError, Skips
from curation.core.formats.losses import note_lost
from curation.core.formats.names import clean_name
from curation.core.formats.opening import Names, Shelf
from curation.core.formats.own_fields import read_own_fields
from curation.core.labels import LabelledPicture

SIDES = ("width_px", "height_px")
WORDS = ("name", "split", "camera", "sequence")
COLUMNS = (
    "name", "width_px", "height_px", "split", "camera", "recorded_at", "sequence", "frame_index", "time_s", "boxes",
)  # fmt: skip
SOURCE = ".source"
EXPECTED = "a table of tags has a column `name`, and one column for each tag"
_TAG = "tag."
_SAID = {"tags", "evidence", "split", "camera", "recorded_at", "sequence"}


def to_columns(pictures: Iterable[LabelledPicture], *, losses: Counter[str]) -> dict[str, list[Any]]:
    """Return the columns of a table, one row a picture; None where there is nothing to say.

    A tag's column has its name, or `tag.NAME` where another column has that name; beside it stands NAME.source, where
    the value came from. `boxes` is how many there are, for people; the boxes themselves are lost."""
    columns: dict[str, list[Any]] = {column: [] for column in COLUMNS}
    tags: dict[str, list[Any]] = {}
    count = 0
    for picture in pictures:
        _note_lost(picture, losses=losses)
        for column in COLUMNS[:-1]:
            value = getattr(picture, column)
            columns[column].append(
                None if value in ("", 0) and column != "frame_index" and column != "time_s" else value
            )
        columns["boxes"].append(None if picture.boxes is None else len(picture.boxes))
        named: dict[str, Any] = {
            _column(factor): value for factor, value in picture.tags.items() if not factor.endswith(SOURCE)
        }
        named |= {_column(factor) + SOURCE: said.get("source") for factor, said in picture.evidence.items()}
        for name, value in named.items():
            values = tags.setdefault(name, [])
            values.extend([None] * (count - len(values)))
            values.append(value)
        count += 1
    for values in tags.values():
        values.extend([None] * (count - len(values)))
    return columns | {name: tags[name] for name in sorted(tags)}


def _column(factor: str) -> str:
    return _TAG + factor if factor in COLUMNS or factor.startswith(_TAG) else factor


def _note_lost(picture: LabelledPicture, *, losses: Counter[str]) -> None:
    note_lost(picture, losses=losses, but=_SAID)
    if any(said.keys() - {"source"} for said in picture.evidence.values()):
        losses["evidence of tags beyond its source"] += 1
    if unsayable := sum(factor.endswith(SOURCE) for factor in picture.tags):
        losses[f"tag whose name ends with {SOURCE}"] += unsayable
    if picture.boxes:
        losses["box (only how many there are was written)"] += len(picture.boxes)


def check_columns(columns: Iterable[str], *, file: str) -> None:
    """Raise FormatError where a table has no column of names."""
    if "name" not in columns:
        raise FormatError(f"{file} has no such column; {EXPECTED}.")


def from_rows(
    rows: Iterable[Mapping[str, Any]], *, file: str, names: Names, shelf: Shelf, skips: Skips
) -> Iterator[LabelledPicture]:
    """Read rows of typed values, of which None says nothing. Sides that a table does not say are 0."""
    for number, row in enumerate(rows, start=2):  # as a spreadsheet counts: the first row is the header
        what = f"{file} row {number}"
        name = clean_name(row.get("name"))
        if not name:
            skips.add(f"{what}: {checks.shown(row.get('name'))}", "picture whose name is missing or not safe")
            continue
        if not names.take(name):
            skips.add(f"{what}: {name}", "picture whose name is another's too")
            continue
        own = read_own_fields(_said(row), what=what, skips=skips)
        sides = [checks.side(row.get(side)) or 0 for side in SIDES]
        files = shelf.find(name)
        yield LabelledPicture(
            **{**own, "name": name},
            width_px=sides[0],
            height_px=sides[1],
            picture_file=files[0] if len(files) == 1 else "",
        )


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {column: row.get(column) for column in COLUMNS}
    tags: dict[str, Any] = {}
    evidence: dict[str, Any] = {}
    for column, value in row.items():
        if value is None or column in COLUMNS:
            continue
        if column.endswith(SOURCE):
            evidence[column.removesuffix(SOURCE).removeprefix(_TAG)] = {"source": value}
        else:
            tags[column.removeprefix(_TAG)] = value
    return said | {"tags": tags, "evidence": evidence}
