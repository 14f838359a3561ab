"""What tests of whole processes share: a clean environment, processes on a data folder, waiting."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.layout import Layout

ROOT = Path(__file__).resolve().parent.parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]


@contextmanager
def data_folder() -> Iterator[Path]:
    """Give a data folder, and remove it with every process that still works on it.

    Not in pytest's own: each run of pytest closes that to the user whom PostgreSQL runs as under root. Its path is
    so long that a socket in it would not work."""
    base = Path(tempfile.mkdtemp(prefix="winnow-test-"))
    folder = base / ("long-" * 20) / "data"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        for pid in processes_of(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(Layout(folder).socket_dir, ignore_errors=True)
        shutil.rmtree(base, ignore_errors=True)


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Give the environment of a person's shell, pointed at the data folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WINNOW_", "DJANGO_", "PYTEST_"))}
    for name in ("DATABASE_URL", "REDIS_URL", "PYTHONDONTWRITEBYTECODE"):
        kept.pop(name, None)
    return kept | {"WINNOW_DATA_DIR": str(data_dir)} | more


def processes_of(data_dir: Path) -> dict[int, str]:
    """Find every other living process that names the data folder or its sockets, has it in its environment, or
    works in it."""
    needles = (os.fsencode(data_dir), os.fsencode(Layout(data_dir).socket_dir))
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            traces = command + (entry / "environ").read_bytes() + os.fsencode(os.readlink(entry / "cwd"))
        except OSError:
            continue
        if command and any(needle in traces for needle in needles):
            found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def wait_for(condition: Callable[[], object], *, timeout_s: float = 20.0) -> None:
    """Wait for the condition, or fail."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(data_dir: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a management command to its end."""
    return subprocess.run(
        [*MANAGE, *arguments],
        env=environment(data_dir, **more),
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )
