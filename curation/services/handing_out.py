"""Archives on their way from the storage to a person's disk: whole at their place, or not there."""

import getpass
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from curation.backends.zip_reader import unpack as unpacked
from curation.core.errors import MediaError
from curation.services.archives import ArchiveError

_BLOCK_BYTES = 1 << 20


def check_target(out: Path, *, unpack: bool) -> None:
    """Say early that a place will not do. Raises ArchiveError."""
    if unpack:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ArchiveError(f"{out} is not an empty folder. Name one that is empty, or not there yet.")
    elif not out.is_dir() and not out.parent.is_dir():
        raise ArchiveError(f"There is no folder {out.parent}. Make it first, or name another place.")


def hand_out(archive: Path, out: Path, *, name: str, sha256: str, unpack: bool) -> Path:
    """Copy an archive to a path, into a folder under its name, or unpack it; returns where. Raises ArchiveError."""
    check_target(out, unpack=unpack)
    try:
        if unpack:
            return _unpacked(archive, out)
        return _copied(archive, out / name if out.is_dir() else out, sha256=sha256)
    except OSError as error:
        raise ArchiveError(
            f"{out} cannot be written: {error.strerror}. The archive itself is whole; once there is room, export again."
        ) from error


def shell_account() -> str:
    """Name the account at whose shell a command runs, for the hold-out's ledger."""
    try:
        return f"{getpass.getuser()} (shell)"
    except (KeyError, OSError):  # a container whose user has no name
        return f"uid {os.getuid()} (shell)"


def _copied(archive: Path, target: Path, *, sha256: str) -> Path:
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as write, archive.open("rb") as read:
            while block := read.read(_BLOCK_BYTES):
                digest.update(block)
                write.write(block)
            write.flush()
            os.fsync(write.fileno())
        if digest.hexdigest() != sha256:
            raise ArchiveError("The stored archive has changed since it was checked. Export again.")
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
    return target


def _unpacked(archive: Path, out: Path) -> Path:
    """Unpack beside the place and move the whole folder in."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=out.parent, prefix=".part-"))
    try:
        for member in unpacked(archive, part):
            if member.why:
                raise ArchiveError(f"{member.name} cannot be unpacked: {member.why}. Export again.")
        os.chmod(part, 0o777 & ~_umask())
        os.replace(part, out)  # over an empty folder, if there is one
    except MediaError as error:
        raise ArchiveError(str(error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return out


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
