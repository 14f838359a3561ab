"""Starts the whole service, and finds one that runs already on the same data folder."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from django.conf import settings

from config import bootstrap, embedded
from config.folders import make_folder
from config.layout import Layout
from config.lifeline import before_exec

START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 15.0


class ServiceError(RuntimeError):
    """The service cannot start."""


@dataclass(frozen=True)
class ServiceInfo:
    """A service that runs on this machine and this data folder."""

    pid: int
    url: str
    workers: int


@dataclass(frozen=True)
class Service:
    """The service that this process runs."""

    info: ServiceInfo
    processes: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return self.info.url

    def wait(self) -> int:
        """Wait until one of its processes ends by itself; gives the exit status."""
        return self.processes.wait()


def running() -> ServiceInfo | None:
    """Find the service that works on this data folder: it holds a lock, so a file left behind does not count."""
    run_dir = _run_dir()
    try:
        with (run_dir / "service.lock").open("a") as lock:
            if _lock(lock.fileno(), fcntl.LOCK_SH):
                return None
        info = ServiceInfo(**json.loads((run_dir / "service.json").read_text()))
        os.kill(info.pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None  # none, or still starting
    except PermissionError:
        pass  # another user's: it is alive
    return info


@contextmanager
def service(port: int | None = None, workers: int | None = None, *, quiet: bool = False) -> Iterator[Service]:
    """Run web server, workers and reconciler for the block, which begins when /health answers.

    With quiet, their output goes to logs/service.log. Raises ServiceError if the port is taken, another service
    works on the data folder, or they do not start."""
    port = port or settings.WINNOW_PORT
    workers = workers or settings.WINNOW_WORKERS
    make_folder(settings.WINNOW_DATA_DIR)
    make_folder(_run_dir())
    with _only_one(), embedded.running():
        check_port(settings.WINNOW_HOST, port)
        bootstrap.prepare()
        processes = _start(port, workers, quiet=quiet)
        try:
            host = "localhost" if settings.WINNOW_HOST in ("127.0.0.1", "0.0.0.0", "::") else settings.WINNOW_HOST
            info = ServiceInfo(pid=os.getpid(), url=f"http://{host}:{port}", workers=workers)
            _wait_for_health(port, processes)
            _publish(info)
            yield Service(info, processes)
        finally:
            (_run_dir() / "service.json").unlink(missing_ok=True)
            _stop(processes)


def check_port(host: str, port: int) -> None:
    """Raise ServiceError if the port cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServiceError(
                f"port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop the program that has it, or choose another: WINNOW_PORT={port + 1 if port < 65535 else 8000}"
            ) from error


def _start(port: int, workers: int, *, quiet: bool) -> "subprocess.Popen[bytes]":
    bind = f"[{settings.WINNOW_HOST}]:{port}" if ":" in settings.WINNOW_HOST else f"{settings.WINNOW_HOST}:{port}"
    log_file = Layout(settings.WINNOW_DATA_DIR).log_dir / "service.log"
    make_folder(log_file.parent)
    with log_file.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "config.processes", bind, str(settings.WINNOW_WEB_PROCESSES), str(workers)],
            cwd=embedded.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log if quiet else sys.stderr,
            stderr=log if quiet else sys.stderr,
            start_new_session=True,  # Ctrl-C reaches us, and we stop them in order
            preexec_fn=before_exec(),
        )


def _stop(processes: "subprocess.Popen[bytes]") -> None:
    processes.terminate()
    try:
        processes.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        processes.kill()
        processes.wait()


def _wait_for_health(port: int, processes: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _healthy(port):
        if processes.poll() is not None:
            raise ServiceError(f"the service ended with status {processes.returncode} while starting; see above")
        if time.monotonic() > deadline:
            raise ServiceError(f"the service did not answer on port {port} within {START_TIMEOUT_S:.0f} s")
        time.sleep(0.1)


def _healthy(port: int) -> bool:
    allowed = settings.ALLOWED_HOSTS[0].lstrip(".")
    host = settings.WINNOW_HOST if settings.WINNOW_HOST not in ("0.0.0.0", "::") else "127.0.0.1"
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health", headers={"Host": "localhost" if allowed == "*" else allowed})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def _only_one() -> Iterator[None]:
    with (_run_dir() / "service.lock").open("a") as lock:
        if not _lock(lock.fileno(), fcntl.LOCK_EX):
            other = running()
            raise ServiceError(
                f"Winnow works on {settings.WINNOW_DATA_DIR} already"
                + (f": {other.url} (process {other.pid})" if other else " and is just starting")
                + ". Use that one, or set WINNOW_DATA_DIR to another folder"
            )
        (_run_dir() / "service.json").unlink(missing_ok=True)
        yield


def _publish(info: ServiceInfo) -> None:
    draft = _run_dir() / f"service.json.{os.getpid()}"
    draft.write_text(json.dumps(asdict(info)))
    draft.replace(_run_dir() / "service.json")


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _run_dir() -> Path:
    return Layout(settings.WINNOW_DATA_DIR).run_dir
