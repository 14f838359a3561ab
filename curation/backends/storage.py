"""Files in Django's default storage: a local folder, or a bucket.

A file is never seen half written: on a disk it is written beside its place, synced and moved; a bucket's PUT is whole.
"""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage, storages

_BLOCK_BYTES = 1 << 20


class ContentChanged(Exception):
    """A file is not what it was when its SHA-256 was taken."""


def put_bytes(key: str, content: bytes) -> None:
    """Store bytes under a key, replacing what was there."""
    if (folder := _local_root()) is not None:
        with _Beside(_confined(folder, key)) as target:
            target.write(content)
    else:
        default_storage.save(key, ContentFile(content))


def put_file(key: str, source: Path, *, sha256: str) -> None:
    """Store a copy of a file under a key. Raises ContentChanged, storing nothing, if its SHA-256 is another."""
    folder = _local_root()
    if folder is not None:
        _copy_checked(source, _confined(folder, key), sha256)
        return
    # A copy that nobody writes to is checked and sent, so that the bucket cannot get anything else.
    with TemporaryDirectory(dir=_cache_dir()) as private:
        copy = Path(private) / "copy"
        _copy_checked(source, copy, sha256)
        with copy.open("rb") as read:
            default_storage.save(key, File(read))


def move_file(key: str, source: Path) -> None:
    """Store a synced file under a key and remove it from where it was; on one disk without copying it."""
    if (folder := _local_root()) is not None:
        target = _confined(folder, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        if _on_one_disk(source, target.parent):
            os.replace(source, target)
            _sync_folder(target.parent)
            return
        with source.open("rb") as read, _Beside(target) as write:
            shutil.copyfileobj(read, write, _BLOCK_BYTES)
    else:
        with source.open("rb") as read:
            default_storage.save(key, File(read))
    source.unlink()


def local_path(key: str) -> Path:
    """Return a path at which a stored file can be read; a bucket's file is fetched into the cache folder first.

    Raises FileNotFoundError if the storage does not have it."""
    if (folder := _local_root()) is not None:
        path = _confined(folder, key)
        if not path.is_file():
            raise FileNotFoundError(f"The storage has no file {key!r}.")
        return path
    cached = _confined(_cache_dir(), key)
    if not cached.is_file():
        with default_storage.open(key, "rb") as read, _Beside(cached) as target:
            while block := read.read(_BLOCK_BYTES):
                target.write(block)
    return cached


def read_bytes(key: str) -> bytes:
    """Return a stored file's content. Raises FileNotFoundError."""
    with default_storage.open(key, "rb") as read:
        return bytes(read.read())


def remove(keys: list[str]) -> None:
    """Remove files; those that are not there are no error."""
    for key in keys:
        with suppress(FileNotFoundError):
            default_storage.delete(key)


def _local_root() -> Path | None:
    # `default_storage` is lazy: what it stands for is only known by asking the registry, each time.
    storage = storages["default"]
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def _cache_dir() -> Path:
    folder = Path(settings.WINNOW_DATA_DIR) / "cache"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _copy_checked(source: Path, target: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    with source.open("rb") as read, _Beside(target) as write:
        while block := read.read(_BLOCK_BYTES):
            digest.update(block)
            write.write(block)
        if digest.hexdigest() != sha256:
            raise ContentChanged(f"{source.name} has the SHA-256 {digest.hexdigest()}, not {sha256}.")


def _confined(root: Path, key: str) -> Path:
    path = (root / key).resolve()
    if not path.is_relative_to(root.resolve()) or path == root.resolve():
        raise ValueError(f"The key {key!r} leads out of the storage.")
    return path


class _Beside:
    """Write a temporary file in the target's folder; on success sync it, move it into place and sync the folder."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> BinaryIO:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.target.parent, prefix=".part-")
        self.part = Path(name)
        self.file = os.fdopen(handle, "wb")
        return self.file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.file.close()
            self.part.unlink(missing_ok=True)
            return
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        os.replace(self.part, self.target)
        _sync_folder(self.target.parent)


def _on_one_disk(source: Path, folder: Path) -> bool:
    return source.stat().st_dev == folder.stat().st_dev


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
