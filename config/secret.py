"""Secrets of an installation, made at first use and kept in the data folder with mode 0600."""

import os
import secrets
from pathlib import Path


def read_or_create(path: Path, *, length: int = 64) -> str:
    """Read the secret kept at path, or make it; processes that start together agree on one.

    Raises ValueError if the file is there but empty."""
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(length))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # unlike rename, a link never replaces the secret of a faster process
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(path)


def _read(path: Path) -> str:
    found = path.read_text(encoding="ascii").strip()
    if not found:
        raise ValueError(f"{path} is empty; remove it to have a new secret made, which ends every log-in")
    return found
