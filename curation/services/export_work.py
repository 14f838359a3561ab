"""Where an export is made: a folder of this machine, and how far the work in it has come."""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from curation.backends.zip_writer import ZipWriter
from curation.models import DataExport, Job
from curation.services.archives import ARCHIVE, ArchiveError

TOKEN, LOCK = "token", "lock"


@dataclass
class Stand:
    """How far an export is. `token` is that of the folder it is true of: on another machine it begins anew."""

    token: str = ""
    phase: str = "plan"
    """plan, pictures, labels, check, publish"""
    line: int = 0
    members: int = 0
    checked: int = 0
    remade: int = 0


@contextmanager
def work_folder(row: DataExport) -> Iterator[Path]:
    """Give an export a folder that no other process works in at the same time."""
    base = Path(settings.WINNOW_DATA_DIR) / "exports"
    for folder in (base / str(row.pk), base / f"{row.pk}-{secrets.token_hex(4)}"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # an attempt that lost its lease and does not know it yet
            os.close(lock)
            continue
        try:
            if not (folder / TOKEN).exists():
                (folder / TOKEN).write_text(secrets.token_hex(8))
            yield folder
        finally:
            os.close(lock)
        return
    raise ArchiveError(f"The folder {base} cannot be locked. Try again.")


def stand_of(job: Job, work: Path) -> Stand:
    """Return how far the export is in this folder; the beginning if what it stands on is not here."""
    token = (work / TOKEN).read_text()
    if job.checkpoint.get("token") == token:
        stand = Stand(**job.checkpoint)
        if _is_here(stand, work):
            return stand
    for path in work.iterdir():
        if path.name not in (TOKEN, LOCK):
            path.unlink()
    return Stand(token)


def begin_anew(work: Path) -> None:
    """Let the next try begin from the beginning: what is here is no good."""
    (work / TOKEN).unlink(missing_ok=True)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn a full disk into an ArchiveError; what was written stays for the next try."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ArchiveError(
            "The disk is full. Nothing was published. Free some space and resume the job; what was written so far "
            "stays for that."
        ) from error


def _is_here(stand: Stand, work: Path) -> bool:
    """Tell whether the files are there that a stand speaks of; a machine that failed may have lost some."""
    if stand.phase in ("check", "publish"):
        return (work / ARCHIVE).is_file()
    try:
        with ZipWriter(work / ARCHIVE, members_kept=stand.members):
            return True
    except (FileNotFoundError, ValueError):
        return False
