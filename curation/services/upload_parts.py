"""The bytes of an upload on the disk of the web server: `uploads/<id>.part` in the data folder.

The row's offset is the truth. A crash between writing and saving leaves bytes past it, which the next part cuts off."""

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol
from uuid import UUID

from django.conf import settings

from curation.core.errors import WinnowError

BLOCK_BYTES = 1 << 20


class UploadError(WinnowError):
    """An upload cannot go on as asked. `code` is stable, for programs; `received_bytes` is where the next part goes."""

    def __init__(self, code: str, message: str, *, received_bytes: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.received_bytes = received_bytes


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Part:
    """A part that has arrived whole and lies in a file of its own."""

    path: Path
    length_bytes: int
    sha256: str


def folder() -> Path:
    """Give the folder of unfinished uploads, made if need be."""
    found = Path(settings.WINNOW_DATA_DIR) / "uploads"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def path_of(upload_id: UUID) -> Path:
    """Give the file that an upload's parts are joined in. Its name is ours, never the sender's."""
    return folder() / f"{upload_id}.part"


@contextmanager
def spooled(stream: Readable, *, length_bytes: int) -> Iterator[Part]:
    """Bring a part to disk by blocks of 1 MiB, and remove it after the block of code.

    A part is written aside first, so that a slow sender holds neither a row lock nor a transaction, and a part that
    breaks off or does not match its checksum never touches what has arrived before. Raises UploadError."""
    with disk_errors(), NamedTemporaryFile(dir=folder(), suffix=".spool") as file:
        digest, left = hashlib.sha256(), length_bytes
        while left:
            try:
                block = stream.read(min(BLOCK_BYTES, left))
            except OSError as error:  # Django's UnreadablePostError: the sender is gone
                raise UploadError("short_part", f"The part broke off: {error}") from error
            if not block:
                raise UploadError("short_part", f"The part ends {left} bytes before its Content-Length.")
            digest.update(block)
            file.write(block)
            left -= len(block)
        file.flush()
        yield Part(Path(file.name), length_bytes, digest.hexdigest())


def append(upload_id: UUID, part: Part, *, offset: int) -> None:
    """Write a part at the offset and bring it to the platter; whatever lay past the offset is cut off.

    Call it with the upload's row locked. Raises UploadError if bytes before the offset are missing."""
    path = path_of(upload_id)
    with disk_errors(), path.open("r+b" if path.exists() else "xb") as file, part.path.open("rb") as source:
        if file.seek(0, os.SEEK_END) < offset:
            raise UploadError("lost", "What was received before is gone from the server's disk. Begin a new upload.")
        file.truncate(offset)
        file.seek(offset)
        shutil.copyfileobj(source, file, BLOCK_BYTES)
        file.flush()
        os.fsync(file.fileno())
    if offset == 0:
        _sync_folder()


def sha256_of(path: Path) -> str:
    """Hash a file by blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(upload_id: UUID) -> None:
    """Remove an upload's file, if it is there."""
    path_of(upload_id).unlink(missing_ok=True)


def strays(*, older_than_s: float) -> Iterator[Path]:
    """List the files that nobody has written to for that long: of rows that are gone, and spools of killed servers."""
    before = time.time() - older_than_s
    for path in folder().iterdir():
        if path.suffix in (".part", ".spool") and path.stat().st_mtime < before:
            yield path


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn a full disk into an UploadError; nothing that was received before is lost by it."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UploadError("disk_full", "The server's disk is full. Free some space and send the part again.") from error


def _sync_folder() -> None:
    descriptor = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
