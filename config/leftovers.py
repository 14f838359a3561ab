"""What an embedded PostgreSQL leaves behind when the machine or its keeper is killed."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LEFTOVER_TIMEOUT_S = 30


class ServerError(RuntimeError):
    """An embedded server cannot be prepared or started."""


def remove_stale_postmaster(data_dir: Path, socket_dir: Path) -> None:
    """Stop a server whose keeper was killed, or remove the files of one that is no more. Raises ServerError.

    PostgreSQL refuses to start where postmaster.pid names a living process, and after a restart of the machine
    that number may belong to any other program. The file goes only when no process works in the folder: it is also
    PostgreSQL's guard against sessions that outlive a killed server and still write."""
    pid_file = data_dir / "postmaster.pid"
    if not pid_file.exists():
        return
    lines = pid_file.read_text().splitlines()
    pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
    if pid in working_in(data_dir):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
    if not wait_until(lambda: not working_in(data_dir), timeout_s=LEFTOVER_TIMEOUT_S):
        raise ServerError(f"processes of an earlier PostgreSQL on {data_dir} do not end: {working_in(data_dir)}")
    for stale in (pid_file, *socket_dir.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)


def working_in(folder: Path) -> list[int]:
    """Find the processes whose working directory is the folder, as that of each PostgreSQL process is its cluster."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.readlink(process / "cwd") == str(folder.resolve()):
                found.append(int(process.name))
    return found


def wait_until(condition: Callable[[], bool], *, timeout_s: float, every_s: float = 0.05) -> bool:
    """Wait for the condition; says whether it came true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True
