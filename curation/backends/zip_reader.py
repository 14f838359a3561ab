"""Unpacking ZIP files of strangers: bounded, and only into the folder that was named."""

import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from curation.core.errors import MediaError

_BLOCK_BYTES = 1 << 20
_DRIVE = re.compile(r"^[A-Za-z]:")
_MOST_NAME_BYTES, _MOST_DEPTH = 255, 32
_NOT_WHOLE = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, UnicodeDecodeError)


@dataclass(frozen=True)
class ZipLimits:
    """Bounds on an archive. What is above them is a mistake or an attack."""

    members: int = 1_000_000
    total_bytes: int = 512 << 30
    ratio: float = 200.0
    """Unpacked bytes to packed ones, of an archive that unpacks to more than `ratio_from_bytes`. Pictures stay near 1,
    text near 20; a bomb makes 1000 and more."""
    ratio_from_bytes: int = 256 << 20
    spare_bytes: int = 512 << 20
    """What must stay free on the disk."""


@dataclass(frozen=True)
class Unpacked:
    """One member is behind: `why` says why it was left out, empty if it was not."""

    name: str
    why: str
    done: int
    total: int


def unpack(archive: Path, folder: Path, *, limits: ZipLimits | None = None) -> Iterator[Unpacked]:
    """Unpack an archive into a folder, yielding each member; those that lie there whole already are not written again.

    Links, encrypted members and names that lead out of the folder are left out. Raises MediaError for what is no ZIP
    file or goes past the limits, OSError as the disk does."""
    limits = limits or ZipLimits()
    try:
        with zipfile.ZipFile(archive) as opened:
            files = [one for one in opened.infolist() if not one.is_dir()]
            _check(files, packed_bytes=archive.stat().st_size, limits=limits)
            _check_room(files, folder, limits)
            seen: set[str] = set()
            for done, one in enumerate(files, start=1):
                why = _unfit(one, seen)
                if not why:
                    why = _write(opened, one, folder)
                yield Unpacked(one.filename, why, done, len(files))
    except _NOT_WHOLE as error:
        raise _no_archive(archive, error) from error


def check_archive(archive: Path, *, limits: ZipLimits | None = None) -> None:
    """Look at an archive's list of members. Raises MediaError for what is no ZIP file or goes past the limits."""
    try:
        with zipfile.ZipFile(archive) as opened:
            files = [one for one in opened.infolist() if not one.is_dir()]
    except _NOT_WHOLE as error:
        raise _no_archive(archive, error) from error
    _check(files, packed_bytes=archive.stat().st_size, limits=limits or ZipLimits())


def _no_archive(archive: Path, error: Exception) -> MediaError:
    return MediaError("no_archive", f"{archive.name} is not a whole ZIP file: {error}. Pack it again.")


def _check(files: list[zipfile.ZipInfo], *, packed_bytes: int, limits: ZipLimits) -> None:
    total = sum(one.file_size for one in files)
    if len(files) > limits.members:
        raise MediaError("too_large", f"The archive has {len(files)} files; {limits.members} are allowed. Split it.")
    if total > limits.total_bytes:
        message = f"The archive unpacks to {total} bytes; {limits.total_bytes} are allowed. Split it."
        raise MediaError("too_large", message)
    if total > limits.ratio_from_bytes and total > limits.ratio * packed_bytes:
        times = total / max(packed_bytes, 1)
        raise MediaError("bomb", f"The archive unpacks to {times:.0f} times its size; that is no pictures and labels.")


def _check_room(files: list[zipfile.ZipInfo], folder: Path, limits: ZipLimits) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    total = sum(one.file_size for one in files if not _is_there(folder, one))
    free = shutil.disk_usage(folder).free
    if total + limits.spare_bytes > free:
        raise MediaError(
            "disk_full", f"Unpacking takes {total} bytes, and the disk has {free} free. Free some space and try again."
        )


def _unfit(one: zipfile.ZipInfo, seen: set[str]) -> str:
    """Tell why a member is not unpacked, if so."""
    name = one.filename
    parts = PurePosixPath(name).parts
    if stat.S_IFMT(one.external_attr >> 16) not in (0, stat.S_IFREG):
        return "a link or device in the archive"
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or _DRIVE.match(name):
        return "its name leads out of the archive"
    if len(parts) > _MOST_DEPTH or any(len(part.encode(errors="replace")) > _MOST_NAME_BYTES for part in parts):
        return "its name is too long or too deep"
    if one.flag_bits & 1:
        return "it is encrypted"
    if name in seen:
        return "the archive has it twice"
    seen.add(name)
    return ""


def _is_there(folder: Path, one: zipfile.ZipInfo) -> bool:
    try:
        return (folder / one.filename).stat().st_size == one.file_size
    except (OSError, ValueError):
        return False


def _write(opened: zipfile.ZipFile, one: zipfile.ZipInfo, folder: Path) -> str:
    """Write one member; returns why it could not be read, if so. A size in the header that is too small is a lie."""
    target = folder / one.filename
    if _is_there(folder, one):
        return ""
    part = folder / ".unpacking"
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with opened.open(one) as read, part.open("wb") as write:
            left = one.file_size
            while block := read.read(min(_BLOCK_BYTES, left + 1)):
                left -= len(block)
                if left < 0:
                    return "it is longer than the archive says"
                write.write(block)
        os.replace(part, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        return f"it cannot be unpacked: {error}"
    except (FileExistsError, NotADirectoryError, IsADirectoryError, UnicodeEncodeError):
        return "its name is a folder's elsewhere in the archive"
    finally:
        part.unlink(missing_ok=True)
    return ""
