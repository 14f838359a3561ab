"""Embedded PostgreSQL and Redis, shared by every process that works on one data folder.

`with running():` starts what DATABASE_URL and REDIS_URL do not replace and is not running yet; the last one to
leave stops it. A user that is killed leaves nothing behind: see config/keeper.py."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from signal import SIGTERM

from config import env
from config.folders import make_folders
from config.layout import Layout
from config.servers import build

BASE_DIR = Path(__file__).resolve().parent.parent
DEFAULT_DATA_DIR = BASE_DIR / "data"
REPLACED_BY = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
ANSWER_TIMEOUT_S = 120  # a keeper's five starts of a server that died
POLL_S = 0.1


class EmbeddedError(RuntimeError):
    """An embedded server could not be started."""


def data_dir() -> Path:
    """Give the data folder: WINNOW_DATA_DIR, or `data` beside manage.py."""
    return env.path("WINNOW_DATA_DIR", DEFAULT_DATA_DIR)


@contextmanager
def running(folder: Path | None = None, *, durable: bool = True) -> Iterator[Layout]:
    """Hold the embedded servers of the folder (default: data_dir()) running for the block.

    Servers replaced by DATABASE_URL or REDIS_URL are left out where no folder is named. `durable=False` trades
    safety at a power cut for speed, for tests. Raises EmbeddedError."""
    names = [name for name, variable in REPLACED_BY.items() if folder is not None or not env.text(variable)]
    layout = Layout(folder or data_dir())
    with ExitStack() as stack:
        if names:
            make_folders(layout)
        for name in names:
            stack.enter_context(_using(name, layout, durable=durable))
        yield layout


@contextmanager
def _using(name: str, layout: Layout, *, durable: bool) -> Iterator[None]:
    users = os.open(layout.run_dir / f"{name}.users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while the last user's server is being stopped
        try:
            _ensure_keeper(name, layout, durable=durable)
            yield
        finally:
            _leave(users, layout.run_dir / f"{name}.keeper")
    finally:
        os.close(users)


def _ensure_keeper(name: str, layout: Layout, *, durable: bool) -> None:
    starting = os.open(layout.run_dir / f"{name}.starting", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(starting, fcntl.LOCK_EX)  # one at a time; the others find the server ready
        server = build(name, layout.data_dir, durable=durable)
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        # A keeper may be starting its server again, or be dying itself: killed, it holds its lock for a moment longer.
        while _is_held(layout.run_dir / f"{name}.keeper"):
            if server.answers():
                return
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"the embedded {name} runs and has not answered for {ANSWER_TIMEOUT_S} s; see {layout.log_dir}"
                )
            time.sleep(POLL_S)
        _start_keeper(name, layout, durable=durable)
    finally:
        os.close(starting)


def _start_keeper(name: str, layout: Layout, *, durable: bool) -> None:
    log_file = layout.log_dir / f"{name}.log"
    command = [sys.executable, "-m", "config.keeper", name, str(layout.data_dir), *([] if durable else ["--unsafe"])]
    with log_file.open("ab") as log:
        keeper = subprocess.Popen(
            command,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert keeper.stdout is not None
    with keeper.stdout as said:
        if said.readline().strip() == b"ready":
            _KEEPERS.append(keeper)
            return
    status = keeper.wait()
    tail = "\n".join(log_file.read_text(errors="replace").splitlines()[-15:])
    raise EmbeddedError(f"the embedded {name} did not start (status {status}). The end of {log_file}:\n{tail}")


def _leave(users: int, keeper: Path) -> None:
    """Give up the shared lock; the last one stops the server and waits until it is down."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Others use it, or the keeper saw us go first and is stopping the server: then wait for that.
        fcntl.flock(users, fcntl.LOCK_SH)
        return
    with suppress(OSError, ValueError):
        if _is_held(keeper):
            os.kill(int(keeper.read_text()), SIGTERM)
    with keeper.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)


def _is_held(path: Path) -> bool:
    """Say whether a process holds the lock on the file."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


_KEEPERS: list["subprocess.Popen[bytes]"] = []  # kept so that their ends are awaited, not reported as leaks
