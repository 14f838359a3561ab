"""The files of an import: on this machine's disk, in the storage, or in an archive. All are bounded, none leads out."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from django.core.files.storage import FileSystemStorage, default_storage, storages

from curation.backends.zip_reader import check_archive
from curation.core.errors import MediaError
from curation.core.formats import FormatError, Reading, detect
from curation.core.formats.tree import Tree
from curation.services.import_request import AUTO, ImportFailed, ImportRequest, format_of, readable
from curation.services.stored_files import NoSuchFile, confined

MOST_VIDEO_BYTES = 64 << 30
_BLOCK_BYTES = 1 << 20
_NO_FORMAT = "It looks like none of the formats. Name its format"


@dataclass(frozen=True)
class Source:
    """Where pictures, annotations and the video are, as paths of this machine; `work` is a folder for what is made."""

    root: Path
    annotations: Path
    video: Path | None
    work: Path

    @cached_property
    def tree(self) -> Tree:
        """The files below the root. Raises ImportFailed."""
        try:
            return Tree(self.root)
        except (OSError, ValueError) as error:
            raise ImportFailed(f"{error} Name a folder, a zip archive or an annotation file.") from error

    def content(self, name: str, *, most_bytes: int) -> bytes:
        """Read a file below the root. Raises MediaError if it is larger or cannot be read."""
        try:
            content = self.tree.head(name, most_bytes + 1)
        except (OSError, ValueError) as error:
            raise MediaError("unreadable", "It cannot be read.") from error
        if len(content) > most_bytes:
            raise MediaError("too_large", f"It has more than {most_bytes} bytes.")
        return content

    def path_of(self, name: str) -> Path:
        """Return a path to a file below the root; one in an archive is unpacked first. Raises MediaError."""
        path = self.root / name
        if self.root.is_dir() and name in self.tree:
            return path
        target = self.work / "unpacked" / name
        if target.is_file():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        try:
            with closing(self.tree.open(name)) as read, part.open("wb") as write:
                _copy(read, write)
        except ValueError as error:
            raise MediaError("unreadable", f"It cannot be unpacked: {error}.") from error
        part.replace(target)
        return target


def open_source(request: ImportRequest, work: Path) -> Source:
    """Find the files of an import on this machine. Raises ImportFailed, NoSuchFile."""
    named = [request.root, request.annotations or request.root, request.video or request.root]
    if request.place == "disk":
        paths = [Path(name) for name in named]
    else:
        paths = [_stored(name.rstrip("/"), work) for name in named]
    for name, path in zip(named, paths, strict=True):
        if not path.exists():
            raise ImportFailed(f"{name} is no longer there. Put it back and resume the job, or begin a new import.")
        if path.is_file() and path.suffix.lower() == ".zip":
            try:
                check_archive(path)
            except MediaError as error:
                raise ImportFailed(str(error)) from error
    return Source(paths[0], paths[1], paths[2] if request.video else None, work)


def begin_reading(request: ImportRequest, source: Source) -> tuple[str, Reading]:
    """Begin to read the annotations; returns the format's name too. Raises ImportFailed."""
    name = request.format
    if name == AUTO:
        found = detect(source.annotations)
        if found is None:
            raise ImportFailed(f"{_NO_FORMAT}: {', '.join(readable())}.")
        name = found
    try:
        return name, format_of(name, request.settings).read(source.annotations)
    except FormatError as error:
        also = detect(source.annotations)
        hint = f" It looks like {also}." if also not in (None, name) else ""
        raise ImportFailed(f"{source.annotations.name} cannot be read as {name}: {error}{hint}") from error


def remove_work(work: Path) -> None:
    """Remove what an import unpacked and wrote down for itself."""
    shutil.rmtree(work, ignore_errors=True)


def _stored(key: str, work: Path) -> Path:
    """Return a path to a stored file or folder; out of a bucket it is fetched first."""
    confined(key)
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        return Path(storage.path(key))
    target = work / "fetched" / key
    whole = work / f"fetched-{len(key)}-{key.replace('/', '_')[-100:]}.done"
    if not whole.exists():
        for name in _keys_below(key):
            path = work / "fetched" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with default_storage.open(name, "rb") as read, path.open("wb") as write:
                _copy(read, write)
        whole.touch()
    if not target.exists():
        raise NoSuchFile(f"The storage has no file or folder {key!r}.")
    return target


def _keys_below(key: str) -> Iterator[str]:
    if default_storage.exists(key):
        yield key
        return
    folders, files = default_storage.listdir(key)
    for file in sorted(filter(None, files)):
        yield f"{key}/{confined(file)}"
    for folder in sorted(folders):
        yield from _keys_below(f"{key}/{confined(folder)}")


def _copy(read: IO[bytes], write: IO[bytes]) -> None:
    left = MOST_VIDEO_BYTES
    while block := read.read(_BLOCK_BYTES):
        left -= len(block)
        if left < 0:
            raise MediaError("too_large", f"It has more than {MOST_VIDEO_BYTES} bytes.")
        write.write(block)
