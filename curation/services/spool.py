"""Labelled pictures on disk, one a line: long work goes through any number of them and can go on at any line."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from curation.core.labels import LabelledBox, LabelledPicture


def write(path: Path, pictures: Iterable[LabelledPicture]) -> Iterator[int]:
    """Write pictures, yielding how many so far. The file is there once all are in it; a broken try leaves none."""
    # A name of its own for each process: one that lost its work to another may still be writing.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as lines:
            for count, picture in enumerate(pictures, start=1):
                lines.write(as_line(picture) + "\n")
                yield count
            lines.flush()
            os.fsync(lines.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path, *, start: int = 0) -> Iterator[LabelledPicture]:
    """Yield the pictures from line `start` (from 0) on."""
    with path.open(encoding="utf-8") as lines:
        for line in islice(lines, start, None):
            yield from_line(line)


def as_line(picture: LabelledPicture) -> str:
    """Write a picture as one line of JSON."""
    plain = asdict(picture)
    if picture.recorded_at is not None:
        plain["recorded_at"] = picture.recorded_at.isoformat()
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":"))


def from_line(line: str) -> LabelledPicture:
    """Read what `as_line` wrote."""
    plain: dict[str, Any] = json.loads(line)
    boxes, recorded_at = plain.pop("boxes"), plain.pop("recorded_at")
    return LabelledPicture(
        boxes=None if boxes is None else [LabelledBox(**box) for box in boxes],
        recorded_at=None if recorded_at is None else datetime.fromisoformat(recorded_at),
        **plain,
    )
