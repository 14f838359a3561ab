"""The files to read: a folder, a zip archive, or one file. Nothing outside it can be reached."""

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from curation.core.formats.names import clean_name

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".mpg", ".mpeg"})
MOST_BYTES = 1 << 30
"""Annotation files beyond this are refused: they are read as a whole."""
LOOKED_AT = 50
"""Files of one kind that are looked into to tell a format."""
_MOST_NAMES = 5_000_000
_OWN, _OWN_HEAD = "manifest.json", b'{\n "winnow": '
"""What an export of Winnow says of itself: no format's file, though it may look like one."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)  # RuntimeError: encrypted


class TooLarge(ValueError):
    """A file is larger than what is read at once."""


class Tree:
    """Files by name, relative to the root, with '/', sorted. Hidden files, links that lead out of the root and names
    that are not safe are passed over; `refused` says which of them and why."""

    def __init__(self, root: Path) -> None:
        """Look what is there. Raises FileNotFoundError, or ValueError for something that is no folder, file or zip."""
        if not root.exists():
            raise FileNotFoundError(f"There is no file or folder {root}.")
        self.root = root
        self.refused: list[tuple[str, str]] = []
        self._zip: zipfile.ZipFile | None = None
        self._members: dict[str, zipfile.ZipInfo] = {}
        if root.is_dir():
            self.names = tuple(sorted(self._walk()))
        elif zipfile.is_zipfile(root):
            try:
                self._zip = zipfile.ZipFile(root)
            except (*_DAMAGED, ValueError) as error:
                raise ValueError(f"The archive cannot be read: {error}.") from error
            self._members = dict(self._zipped(self._zip))
            self.names = tuple(sorted(self._members))
        else:
            self.names = (root.name,)
            self.root = root.parent
        if self._has_own_manifest():
            self.names = tuple(name for name in self.names if name != _OWN)
            del self._known

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """Names of the files that are pictures by their suffix."""
        return tuple(name for name in self.names if suffix(name) in PICTURE_SUFFIXES)

    @cached_property
    def videos(self) -> tuple[str, ...]:
        """Names of the files that are videos by their suffix."""
        return tuple(name for name in self.names if suffix(name) in VIDEO_SUFFIXES)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def named(self, *suffixes: str) -> list[str]:
        """Return the names that end with one of the suffixes, in lower case."""
        return [name for name in self.names if suffix(name) in suffixes]

    def open(self, name: str) -> BinaryIO:
        """Open a file. Raises OSError, and ValueError for a damaged or encrypted archive member."""
        if name not in self:
            raise FileNotFoundError(name)
        if self._zip is None:
            return (self.root / name).open("rb")
        try:
            return io.BufferedReader(self._zip.open(self._members[name]))  # type: ignore[type-var]
        except _DAMAGED as error:
            raise ValueError(f"{name} cannot be read from the archive: {error}.") from error

    def read(self, name: str) -> bytes:
        """Read a whole file. Raises TooLarge, OSError, and ValueError for a damaged archive member."""
        content = self.head(name, MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise TooLarge(f"{name} is larger than {MOST_BYTES >> 20} MiB.")
        return content

    def head(self, name: str, size: int = 4096) -> bytes:
        """Read the beginning of a file. Raises as `read` does."""
        try:
            with self.open(name) as file:
                return file.read(size)
        except _DAMAGED as error:
            raise ValueError(f"{name} cannot be read from the archive: {error}.") from error

    def _has_own_manifest(self) -> bool:
        try:
            return _OWN in self and self.head(_OWN, len(_OWN_HEAD)) == _OWN_HEAD
        except (OSError, ValueError):
            return False

    def _walk(self) -> Iterator[str]:
        """Yield the files of a folder. Linked folders are not followed: they may lead out, or in circles."""
        base = self.root.resolve()
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            for file in sorted(files):
                path = Path(folder) / file
                name = path.relative_to(self.root).as_posix()
                if _is_hidden(file):
                    continue
                if path.is_symlink() and not path.resolve().is_relative_to(base):
                    self.refused.append((name, "link that leads out of the folder"))
                elif path.is_file() and self._is_safe(name):
                    yield name

    def _zipped(self, archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        for member in archive.infolist()[:_MOST_NAMES]:
            parts = PurePosixPath(member.filename).parts
            if member.is_dir() or any(_is_hidden(part) for part in parts if part not in ("..", "/")):
                continue
            if self._is_safe(member.filename):
                yield member.filename, member

    def _is_safe(self, name: str) -> bool:
        if clean_name(name) == name:
            return True
        shown = name.encode("utf-8", "backslashreplace").decode()
        self.refused.append((shown, "file whose name is not safe"))
        return False


def suffix(name: str) -> str:
    """Return the suffix of a file's name in lower case, with its dot."""
    return PurePosixPath(name).suffix.lower()


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"
