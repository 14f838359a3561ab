"""The keeper of one embedded server: `python -m config.keeper postgres|redis DATA_DIR [--unsafe]`.

It starts the server as its child, says "ready" on stdout, starts it again should it die, and stops it when no user
is left. Each user holds a shared lock on `run/<server>.users`, which the kernel drops however the user ends; the
keeper that can take that lock alone is not needed any more. It holds `run/<server>.keeper` for as long as it lives,
so a second one cannot start, and whoever takes that lock knows that the server is down."""

import argparse
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from config.folders import FolderError
from config.layout import Layout
from config.leftovers import ServerError, wait_until
from config.servers import SERVERS, Server, build

POLL_S = 0.2
START_TIMEOUT_S = 60  # a recovery after a crash replays the log first
STOP_TIMEOUT_S = 20
RESTART_PAUSE_S = 0.5
RESTARTS = 5
log = logging.getLogger("winnow.keeper")


def main() -> None:
    """Keep one server until nobody uses it."""
    parser = argparse.ArgumentParser(prog="config.keeper")
    parser.add_argument("server", choices=sorted(SERVERS))
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--unsafe", action="store_true", help="trade durability for speed, for tests")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s keeper %(message)s")
    layout = Layout(options.data_dir)
    lock = os.open(layout.run_dir / f"{options.server}.keeper", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"another keeper of {options.server} holds {options.data_dir}")
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = build(options.server, options.data_dir, durable=not options.unsafe)
    keep(server, layout.run_dir / f"{options.server}.users")


def keep(server: Server, users: Path) -> None:
    """Start the server and stay until no user holds the lock on `users`."""
    users_lock = os.open(users, os.O_RDWR | os.O_CREAT, 0o600)
    child: subprocess.Popen[bytes] | None = None
    try:
        server.prepare()
        child = start(server)
        _say_ready()
        while not _alone(users_lock):
            if child.poll() is not None:
                log.warning("the server ended with status %s; starting it again", child.returncode)
                child = restart(server)
            time.sleep(POLL_S)
    except (ServerError, FolderError) as error:
        sys.exit(str(error))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if child is not None:
            stop(child, server.stop_signal)


def start(server: Server) -> "subprocess.Popen[bytes]":
    """Start the server and wait until it answers. Raises ServerError, with the server stopped."""
    child = server.start()
    if wait_until(lambda: child.poll() is not None or server.answers(), timeout_s=START_TIMEOUT_S):
        if child.poll() is None:
            return child
        raise ServerError(f"the server ended with status {child.returncode} while starting")
    stop(child, server.stop_signal)
    raise ServerError(f"the server did not answer within {START_TIMEOUT_S} s")


def restart(server: Server) -> "subprocess.Popen[bytes]":
    """Start a server that died. Raises ServerError when it did not come up RESTARTS times in a row."""
    for attempt in range(1, RESTARTS + 1):
        time.sleep(RESTART_PAUSE_S * attempt)
        try:
            server.prepare()
            return start(server)
        except ServerError as error:
            log.warning("start %d of %d failed: %s", attempt, RESTARTS, error)
            last = error
    raise last


def stop(child: "subprocess.Popen[bytes]", signum: signal.Signals) -> None:
    """Stop the server in order, or by force after STOP_TIMEOUT_S."""
    with suppress(ProcessLookupError):
        child.send_signal(signum)
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        log.warning("the server did not stop within %s s; killing it", STOP_TIMEOUT_S)
        child.kill()
        child.wait()


def _alone(users_lock: int) -> bool:
    try:
        fcntl.flock(users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _say_ready() -> None:
    print("ready", flush=True)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)  # whoever started us stops reading here
    os.close(null)


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
