"""What the path of a file says about it: whether it is footage, which camera took it, and when."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from curation.core.errors import IngestError

VIDEO_SUFFIXES = frozenset(
    {
        ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".flv", ".wmv",
        ".asf", ".3gp", ".ogv", ".h264", ".264", ".h265", ".265", ".hevc",
    }
)  # fmt: skip
_DIRECTIVES = {
    "Y": r"\d{4}", "m": r"\d{1,2}", "d": r"\d{1,2}", "H": r"\d{1,2}", "M": r"\d{1,2}", "S": r"\d{1,2}",
    "y": r"\d{2}", "j": r"\d{1,3}", "f": r"\d{1,6}", "b": r"[A-Za-z]{3}", "B": r"[A-Za-z]+", "I": r"\d{1,2}",
    "p": r"[AaPp][Mm]", "z": r"(?:[+-]\d{2}:?\d{2}|Z)", "%": "%",
}  # fmt: skip


def walk(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield (file, is_footage) for files and, recursively, folders, in order of name.

    A file that was named is always footage; in a folder the suffix decides. Hidden files are passed over. Raises
    IngestError for a path that is not there."""
    for path in paths:
        if path.is_dir():
            inside = (file for file in path.rglob("*") if file.is_file() and not _is_hidden(file, below=path))
            for file in sorted(inside):
                yield file, file.suffix.lower() in VIDEO_SUFFIXES
        elif path.exists():
            yield path, True
        else:
            raise IngestError(f"There is no file or folder {path}.")


def camera_from_path(pattern: str, path: Path) -> str:
    """Read the camera out of a path: the group `camera` of a regular expression, or its first group, or all it matches.

    camera_from_path(r"/cam-(\\w+)/", Path("/disk/cam-gate/1.mp4")) -> "gate". Raises IngestError if nothing matches."""
    try:
        found = re.search(pattern, path.as_posix())
    except re.error as error:
        raise IngestError(f"The pattern {pattern!r} is not a regular expression: {error}.") from error
    groups = [] if found is None else [found.groupdict().get("camera"), *found.groups()]
    camera = next(filter(None, groups), found.group(0) if found and not found.groups() else "")
    if not camera:
        raise IngestError(f"The pattern {pattern!r} finds no camera in {path}.")
    return str(camera)


def time_from_name(pattern: str, name: str) -> datetime:
    """Read the time out of a file's name by strptime's directives; UTC unless it has %z.

    time_from_name("%Y%m%dT%H%M%S", "gate_20260301T074500.mp4") -> 2026-03-01 07:45 UTC. Raises IngestError."""
    parts = re.split(r"%(.)", pattern)
    if unknown := [d for d in parts[1::2] if d not in _DIRECTIVES]:
        raise IngestError(
            f"The pattern {pattern!r}: %{unknown[0]} is not known; use {' '.join('%' + d for d in _DIRECTIVES)}."
        )
    if not {"Y", "y"} & set(parts[1::2]):
        raise IngestError(f"The pattern {pattern!r} has no year; use %Y or %y.")
    shape = "".join(_DIRECTIVES[part] if i % 2 else re.escape(part) for i, part in enumerate(parts))
    for found in re.finditer(f"(?=({shape}))", name):
        try:
            moment = datetime.strptime(found.group(1), pattern)
        except (ValueError, re.error):  # re.error: a directive twice
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise IngestError(f"The pattern {pattern!r} finds no time in {name!r}.")


def time_from_text(text: str) -> datetime:
    """Read an ISO 8601 time; UTC unless it says otherwise. Raises IngestError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise IngestError(f"{text!r} is not a time; write it like 2026-03-01T07:45:00+01:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_hidden(file: Path, *, below: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(below).parts)
