"""Detections made elsewhere, from files: COCO results and CSV. Read row by row, whatever the file's size."""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from curation.core.errors import WinnowError
from curation.core.formats.contract import Skips
from evaluation.core.coco_index import CocoIndex
from evaluation.core.json_rows import JsonRowsError, json_rows

LONGEST_LABEL = 80
BY_NAME: Final = ("identity", "file_name", "file", "name", "image")
"""Fields that name a picture, the first that is there; `frame` is the number that Winnow gave it."""
CORNERS, SIDES = ("x1", "y1", "x2", "y2"), ("x", "y", "width", "height")


class DetectionFileError(WinnowError):
    """A file holds no detections that could be read at all."""


@dataclass(frozen=True)
class ReadBox:
    """A detection as a file says it: `image` names the picture (or is its number in Winnow), xyxy in pixels.

    width_px and height_px are the picture's by the file's word, 0 where it says nothing."""

    image: str | int
    label: str
    score: float
    x1: float
    y1: float
    x2: float
    y2: float
    width_px: int = 0
    height_px: int = 0


@dataclass
class Reading:
    """What is read from a file. `rows` counts all rows; those that are no detections are in `skips`, with reasons."""

    path: Path
    rows: int = 0
    skips: Skips = field(default_factory=Skips)

    def coco(self, index: CocoIndex | None) -> Iterator[ReadBox]:
        """Read COCO results: a list of {"image_id", "category_id", "bbox", "score"}, whose ids `index` explains.

        Without an index each row says `file_name` (or identity, or frame) and `label` itself. Raises
        DetectionFileError."""
        try:
            with self.path.open("rb") as file:
                for row in json_rows(file):
                    self.rows += 1
                    if (box := self._read_coco(row, index)) is not None:
                        yield box
        except (OSError, JsonRowsError) as error:
            raise DetectionFileError(
                f"{self.path.name} cannot be read as COCO results: {error} They are a JSON list of "
                '{"image_id": …, "category_id": …, "bbox": [x, y, width, height], "score": …}.'
            ) from error

    def csv(self) -> Iterator[ReadBox]:
        """Read CSV with a header: a column that names the picture (identity, file_name or frame), label, score, and
        x1, y1, x2, y2 (or x, y, width, height), in pixels. Raises DetectionFileError."""
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                rows = csv.DictReader(file, delimiter=_delimiter(file))
                self._check_columns(rows.fieldnames or ())
                for row in rows:
                    self.rows += 1
                    if (box := self._read_csv(row)) is not None:
                        yield box
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DetectionFileError(f"{self.path.name} cannot be read as CSV in UTF-8: {error}.") from error

    def _read_coco(self, row: object, index: CocoIndex | None) -> ReadBox | None:
        where = f"row {self.rows}"
        if not isinstance(row, Mapping):
            return self._skip(where, "row that is no JSON object")
        width_px = height_px = 0
        image, label = _image(row), row.get("label", row.get("category"))
        if index is not None and image is None:
            listed = index.images.get(_key(row.get("image_id")))
            if listed is None:
                return self._skip(
                    f"{where}: image_id {_shown(row.get('image_id'))}", "image that the truth does not list"
                )
            image, width_px, height_px = listed.name, listed.width_px, listed.height_px
        if index is not None and label is None:
            label = index.labels.get(_key(row.get("category_id")))
        if image is None:
            image_id = row.get("image_id")
            if not isinstance(image_id, str):
                return self._skip(where, "image_id that nothing explains: name the truth file that lists the images")
            image = image_id
        if label is None:
            return self._skip(f"{where}: category_id {_shown(row.get('category_id'))}", "category that nothing names")
        box = row.get("bbox")
        if not isinstance(box, list) or len(box) != 4:
            return self._skip(where, "row without a bbox of four numbers")
        x, y, width, height = (_number(side) for side in box)
        return self._checked(where, image, label, _number(row.get("score")), (x, y, x + width, y + height), width_px,
                             height_px)  # fmt: skip

    def _read_csv(self, row: Mapping[str, Any]) -> ReadBox | None:
        where = f"line {self.rows + 1}"
        image = _image(row)
        if image is None:
            return self._skip(where, "row that names no picture")
        sides = [_number(row.get(name)) for name in (CORNERS if row.get("x1") is not None else SIDES)]
        if row.get("x1") is None:
            sides = [sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3]]
        x1, y1, x2, y2 = sides
        return self._checked(where, image, row.get("label"), _number(row.get("score")), (x1, y1, x2, y2), 0, 0)

    def _checked(
        self, where: str, image: str | int, label: object, score: float, xyxy: tuple[float, float, float, float],
        width_px: int, height_px: int,
    ) -> ReadBox | None:  # fmt: skip
        if not isinstance(label, str) or not 0 < len(label := label.strip()) <= LONGEST_LABEL or not _is_text(label):
            return self._skip(where, f"row without a label of 1 to {LONGEST_LABEL} characters")
        if not 0 <= score <= 1:
            return self._skip(where, "score that is no number from 0 to 1")
        if not all(map(math.isfinite, xyxy)):
            return self._skip(where, "box whose sides are no numbers")
        x1, y1, x2, y2 = xyxy
        if not (x2 > x1 and y2 > y1):
            return self._skip(where, "box without an area")
        return ReadBox(image, label, score, x1, y1, x2, y2, width_px, height_px)

    def _check_columns(self, columns: Any) -> None:
        there = set(columns)
        lacking = [name for name in ("label", "score") if name not in there]
        lacking += [] if there & {*BY_NAME, "frame"} else ["identity (or file_name, or frame)"]
        lacking += [] if there >= {*CORNERS} or there >= {*SIDES} else ["x1, y1, x2, y2 (or x, y, width, height)"]
        if lacking:
            raise DetectionFileError(
                f"{self.path.name} lacks the columns {', '.join(lacking)}. Its first line must name its columns; it "
                f"has: {', '.join(str(name)[:40] for name in columns) or 'none'}."
            )

    def _skip(self, what: str, why: str) -> ReadBox | None:
        self.skips.add(what, why)
        return None


def _image(row: Mapping[str, Any]) -> str | int | None:
    """Return how a row names its picture; None if it does not."""
    for name in BY_NAME:
        if isinstance(said := row.get(name), str) and said.strip():
            return said.strip()
    frame = _number(row.get("frame"))
    return int(frame) if frame.is_integer() and 0 < frame < 1 << 63 else None


def _number(value: object) -> float:
    """Return a number, NaN for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _key(value: object) -> Any:
    return value if isinstance(value, str | int | float) else None


def _is_text(value: str) -> bool:
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _delimiter(file: IO[str]) -> str:
    first = file.readline(1 << 16)
    file.seek(0)
    return max(",;\t", key=first.count)


def _shown(value: object) -> str:
    return repr(value)[:60]
