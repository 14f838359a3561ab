"""ZIP files whose bytes depend on nothing but their members, and which can be gone on with after a break.

Every member is whole in memory when it is written, so its header comes first and says everything. What is in the file
so far stands in a list beside it, which becomes the central directory at the end.
Source: APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT"""

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

_STORED, _DEFLATED = 0, 8
_LEVEL = 6
_UTF8_NAMES = 0x0800
_FIXED_DATE = 0x0021
"""1 January 1980, midnight: the first moment that the format knows."""
_MODE: Final = 0o100644 << 16
_MOST_32, _MOST_16 = 0xFFFFFFFF, 0xFFFF
_PLAIN, _ZIP64 = 20, 45
_UNIX = 3 << 8


@dataclass(frozen=True)
class Member:
    """A file in the archive; crc, size and sha256 are of its content, packed_bytes is what it takes."""

    name: str
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    sha256: str
    offset: int


class ZipWriter:
    """Writes members one after another. `members_kept` of an earlier try stay, what came after them is cut off.

    The list of members lies beside the archive, as `<name>.members`. Use it as a context manager, and call `finish`."""

    def __init__(self, path: Path, *, members_kept: int = 0) -> None:
        self.path = path
        self._list = list_path(path)
        kept, listed_bytes, self._end = 0, 0, 0
        self._names: set[str] = set()
        for member, line_bytes in _listed(self._list):
            if kept == members_kept:
                break
            kept, listed_bytes = kept + 1, listed_bytes + line_bytes
            self._end = _end_of(member)
            self._names.add(member.name.casefold())
        if kept < members_kept or (path.stat().st_size if path.exists() else 0) < self._end:
            raise FileNotFoundError(f"{path.name} has not the {members_kept} members that it should have.")
        self.count = kept
        self._file, self._lines = _open(path, self._end), _open(self._list, listed_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._lines.close()

    def add(self, name: str, content: bytes, *, compress: bool) -> Member:
        """Write a file. Raises ValueError for a name that leads elsewhere, or is there already but for upper case."""
        if name.casefold() in self._names:
            raise ValueError(f"Two files of the archive would be called {name!r}.")
        if not name or name.startswith("/") or "\\" in name or ".." in name.split("/") or len(name.encode()) > _MOST_16:
            raise ValueError(f"{name!r} is no name for a file in an archive.")
        if len(content) >= _MOST_32:
            raise ValueError(f"{name!r} has {len(content)} bytes; a file in an archive may have 4 GiB.")
        packed = _deflate(content) if compress else content
        method = _DEFLATED if compress else _STORED
        sha256 = hashlib.sha256(content).hexdigest()
        member = Member(name, method, zlib.crc32(content), len(packed), len(content), sha256, self._end)
        self._file.write(_local_header(member))
        self._file.write(packed)
        self._lines.write(json.dumps(asdict(member)).encode() + b"\n")
        self._end = _end_of(member)
        self._names.add(name.casefold())
        self.count += 1
        return member

    def sync(self) -> None:
        """Bring what was added to the platter; after that it may be counted as done."""
        for file in (self._file, self._lines):
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> int:
        """Write the central directory and sync; returns the archive's size in bytes."""
        self._lines.flush()
        start = self._end
        for member, _ in _listed(self._list):
            self._file.write(_central_header(member))
        size = self._file.tell() - start
        self._file.write(_tail(self.count, start=start, size=size))
        self.sync()
        return self._file.tell()


def list_path(path: Path) -> Path:
    """Name the list of members that lies beside an archive under construction."""
    return path.with_name(path.name + ".members")


def members_of(path: Path) -> Iterator[Member]:
    """Yield what a writer has put into an archive so far, in order."""
    for member, _ in _listed(list_path(path)):
        yield member


def _listed(path: Path) -> Iterator[tuple[Member, int]]:
    """Yield members and the bytes of their lines; a last line that was torn off does not count."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                return
            yield Member(**json.loads(line)), len(line)


def _open(path: Path, length: int) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
    file.truncate(length)
    file.seek(length)
    return file


def _deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def _end_of(member: Member) -> int:
    return member.offset + 30 + len(member.name.encode()) + member.packed_bytes


def _local_header(member: Member) -> bytes:
    name = member.name.encode()
    head = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", _PLAIN, _UTF8_NAMES, member.method, 0, _FIXED_DATE,
        member.crc, member.packed_bytes, member.size_bytes, len(name), 0,
    )  # fmt: skip
    return head + name


def _central_header(member: Member) -> bytes:
    name = member.name.encode()
    far = member.offset >= _MOST_32
    extra = struct.pack("<HHQ", 1, 8, member.offset) if far else b""
    needs = _ZIP64 if far else _PLAIN
    head = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", _UNIX | needs, needs, _UTF8_NAMES, member.method, 0, _FIXED_DATE,
        member.crc, member.packed_bytes, member.size_bytes, len(name), len(extra), 0, 0, 0,
        _MODE, _MOST_32 if far else member.offset,
    )  # fmt: skip
    return head + name + extra


def _tail(count: int, *, start: int, size: int) -> bytes:
    large = b""
    if count >= _MOST_16 or start >= _MOST_32 or size >= _MOST_32:
        large = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, _UNIX | _ZIP64, _ZIP64, 0, 0, count, count, size, start)
        large += struct.pack("<4sIQI", b"PK\x06\x07", 0, start + size, 1)
    few = min(count, _MOST_16)
    return large + struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, few, few, min(size, _MOST_32), min(start, _MOST_32), 0
    )  # fmt: skip
