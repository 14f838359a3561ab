"""Private folders of an installation."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.layout import Layout


class FolderError(RuntimeError):
    """A folder cannot be made private."""


@dataclass(frozen=True)
class Account:
    """The user a server runs as; None means whoever we are."""

    uid: int | None = None
    gid: int | None = None


def make_folders(layout: Layout) -> None:
    """Make the folders that every process of an installation expects. Raises FolderError."""
    for folder in (layout.data_dir, layout.run_dir, layout.log_dir):
        make_folder(folder)
    make_socket_dir(layout)


def make_folder(path: Path, *, account: Account | None = None) -> None:
    """Make a private folder (0700) and give it to the account."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None and account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid)


def make_socket_dir(layout: Layout) -> None:
    """Make the private folder of sockets below /tmp, or raise FolderError where another user took its name.

    Under root the database's own user must pass through it, so it can be entered but not listed."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    with suppress(FileExistsError):
        layout.socket_dir.mkdir(mode=mode)
    found = layout.socket_dir.lstat()
    if layout.socket_dir.is_symlink() or found.st_uid != os.geteuid():
        raise FolderError(
            f"{layout.socket_dir} belongs to user {found.st_uid}, not to us ({os.geteuid()}); "
            f"start as the user who made {layout.data_dir}, or remove it"
        )
    layout.socket_dir.chmod(mode)


def allow_traversal(path: Path) -> None:
    """Let other users pass through (not list) a folder and those above it, where root's own are closed to them."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o011)
