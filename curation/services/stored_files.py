"""Files that are in the storage already, by key, confined to it."""

from pathlib import Path, PurePosixPath

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage

from curation.backends.storage import local_path
from curation.core.errors import WinnowError

MAX_PART_BYTES = 255  # of a name in a folder, on every file system in use


class NoSuchFile(WinnowError):
    """The storage has no file of that key, or the key points out of the storage."""


def local_file(key: str) -> Path:
    """Give a path at which a stored file can be read; a bucket's file is fetched first. Raises NoSuchFile."""
    try:
        return local_path(confined(key))
    except (FileNotFoundError, ValueError) as error:
        raise NoSuchFile(f"The storage has no file {key!r}.") from error


def confined(key: str) -> str:
    """Give the key back if it stays inside the storage, symbolic links included. Raises NoSuchFile.

    >>> confined("incoming/gate.mp4")
    'incoming/gate.mp4'
    """
    parts = PurePosixPath(key).parts
    if not key or "\0" in key or "\\" in key or key.startswith("/") or ".." in parts:
        raise NoSuchFile(f"{key!r} is not a key of the storage: write it as incoming/gate.mp4, without '..' or a root.")
    try:
        root = Path(default_storage.path("")).resolve()
        if any(len(part.encode()) > MAX_PART_BYTES for part in parts):
            raise NoSuchFile(f"{key[:80]!r}… has a part that is longer than a file's name can be.")
        inside = Path(default_storage.path(key)).resolve().is_relative_to(root)
    except NotImplementedError:  # a bucket has no paths, so nothing leads out of it
        return key
    except SuspiciousFileOperation as error:
        raise NoSuchFile(f"{key!r} leads out of the storage.") from error
    if not inside:
        raise NoSuchFile(f"{key!r} leads out of the storage.")
    return key
