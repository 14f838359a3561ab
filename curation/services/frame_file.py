"""The table of frames as a file in the data folder, so that a process that starts need not load a million rows.

It is a copy and nothing more: one that is missing, damaged, of another database or of another version is not used."""

import fcntl
import json
import logging
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from curation.core.frame_columns import column_type
from curation.core.frame_table import OWN, FrameTable, column_of
from curation.services.frame_rows import Moment
from curation.services.frame_sync import Synced

MAGIC = b"winnow frames 1\n"
"""The number is the layout's version."""
SUFFIX = ".frames"
log = logging.getLogger(__name__)


def save(synced: Synced) -> None:
    """Write the file of the table's database. One that fails is said in the log: the file only saves time."""
    frames, odd = _packed(synced.table.frames), _packed(synced.table.odd)
    head = {
        "moment": asdict(synced.moment),
        "kinds": dict(synced.table.kinds),
        "cameras": list(synced.cameras.items()),
        "bytes": [len(frames), len(odd)],
        "crc32": zlib.crc32(odd, zlib.crc32(frames)),
    }
    path = _path(synced.moment.database)
    draft = path.with_suffix(".new")
    try:
        with one_process(synced.moment.database):
            with open(draft, "wb", opener=_private) as file:
                file.writelines([MAGIC, json.dumps(head).encode(), b"\n", frames, odd])
            os.replace(draft, path)  # not fsynced: after a power cut the checksum tells
    except OSError as error:
        log.warning("the table of frames was not written to %s: %s", path, error)


def read(database: str) -> Synced | None:
    """Read the file of a database; None if there is none that can be used. One that cannot is removed."""
    path = _path(database)
    try:
        return _read(path.read_bytes(), database)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        log.warning("%s is not used: %s", path, error)
        remove(database)
        return None


def saved_moment(database: str) -> Moment | None:
    """Return the moment that the file of a database shows, by its first lines alone; None if there is none."""
    try:
        with _path(database).open("rb") as file:
            return _moment(_head(file.readline(), file.readline()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def one_process(database: str) -> Iterator[None]:
    """Let one process at a time load the frames, so that the others find its file."""
    path = _path(database).with_suffix(".lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # the folder cannot be written: then there is no file to wait for
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def remove(database: str) -> None:
    """Remove the file of a database, if there is one and it can be removed."""
    with suppress(OSError):
        _path(database).unlink()


def _read(content: bytes, database: str) -> Synced:
    magic, line, payload = content.split(b"\n", 2)
    head = _head(magic + b"\n", line)
    moment = _moment(head)
    frames_bytes, odd_bytes = head["bytes"]
    if moment.database != database or len(payload) != frames_bytes + odd_bytes or zlib.crc32(payload) != head["crc32"]:
        raise ValueError("it is damaged, or another database's")
    frames, odd = pl.read_ipc(payload[:frames_bytes]), pl.read_ipc(payload[frames_bytes:])
    written = {**OWN, **{column_of(tag): column_type(column_of(tag), kind) for tag, kind in head["kinds"].items()}}
    if dict(frames.schema) != written:
        raise ValueError("it was written by another version of the program")
    return Synced(FrameTable(frames, head["kinds"], odd), moment, dict(head["cameras"]), moment.xmax)


def _moment(head: Mapping[str, Any]) -> Moment:
    said = head["moment"]
    return Moment(said["database"], said["place"], said["xmax"], tuple(said["under_way"]))


def _head(magic: bytes, line: bytes) -> dict[str, Any]:
    if magic != MAGIC:
        raise ValueError("it is of another version")
    head: dict[str, Any] = json.loads(line)
    return head


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _packed(frame: pl.DataFrame) -> bytes:
    packed = BytesIO()
    frame.write_ipc(packed, compression="lz4")
    return packed.getvalue()


def _path(database: str) -> Path:
    folder: Path = settings.WINNOW_DATA_DIR
    return folder / "cache" / "frame_table" / f"{database}{SUFFIX}"
