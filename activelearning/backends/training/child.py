"""A program that trains beside this process: it tells how far it is in lines of JSON, and ends when this one does."""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from activelearning.backends.training.contract import Heard, TrainerError

POLL_S = 1.0
LONGEST_LINE = 1 << 20
TAIL_BYTES = 20_000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_SPOKEN = ("start", "batch", "epoch", "stage")

Told: TypeAlias = Generator[Heard, None, dict[str, Any]]


def listen(argv: Sequence[str], *, folder: Path, log: Path, environment: Mapping[str, str] | None = None) -> Told:
    """Run a program in a folder and yield what it says; returns its line {"event": "done", …}.

    Lines of standard output that are no JSON objects, and all of standard error, go to the log. Closing the generator
    kills the program and all that it started. Raises TrainerError where it ends in any other way."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = _start(argv, folder, output, dict(environment or {}))
        try:
            said = yield from _said(process, output)
            status = _ended(process)
        finally:
            _kill(process)
    if said.get("event") == "done" and status == 0:
        return said
    raise failure(status, said, tail(log))


def failure(status: int, said: Mapping[str, Any], log: str) -> TrainerError:
    """Explain how a program ended: by its own word, by the signal that ended it, or by the end of its log."""
    if said.get("event") == "error":
        return TrainerError(str(said.get("code", "program")), str(said.get("message", "It did not say why.")))
    if status == -signal.SIGKILL:
        return TrainerError(
            "memory",
            "The system ended the training's process (SIGKILL), which it does most often when memory runs out. If it "
            "happens again, take a smaller batch (batch=4), smaller pictures (imgsz=320), or leave cache off.",
            is_passing=True,
        )
    if status < 0:
        name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
        return TrainerError("gone", f"The training's process was ended by {name}.", is_passing=True)
    last = log.strip().splitlines()[-1:] or ["it printed nothing"]
    why = "without naming weights" if status == 0 else f"with status {status}"
    return TrainerError("program", f"The training's program ended {why}: {last[0][:300]}")


def tail(log: Path, size: int = TAIL_BYTES) -> str:
    """Read the end of a log; empty where there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - size))
            return file.read().decode("utf-8", "replace").replace("\0", "")
    except OSError:
        return ""


def _start(argv: Sequence[str], folder: Path, output: Any, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            list(argv),
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
            preexec_fn=_dies_with(os.getpid()),
        )
    except OSError as error:
        raise TrainerError("program", f"{argv[0]} cannot be started: {error}. See WINNOW_TRAINERS.") from error


def _dies_with(parent_pid: int) -> Callable[[], None]:
    def before_exec() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
            if os.getppid() != parent_pid:
                os.kill(os.getpid(), signal.SIGKILL)

    return before_exec


def _said(process: "subprocess.Popen[bytes]", output: Any) -> Told:
    """Yield what is said until the program closes its standard output; returns the line that ends it."""
    assert process.stdout is not None
    last: dict[str, Any] = {}
    pending = b""
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not ready.select(POLL_S):
                yield Heard("quiet")
                continue
            read = os.read(process.stdout.fileno(), 1 << 16)
            *lines, pending = (pending + read).split(b"\n")
            for line in lines if read else [*lines, pending]:
                plain = _plain(line)
                if plain is None:
                    output.write(line + b"\n")
                    output.flush()
                elif plain["event"] in _SPOKEN:
                    yield Heard(plain.pop("event"), plain)
                else:
                    last = plain
            if not read:
                return last
            pending = pending[-LONGEST_LINE:]


def _plain(line: bytes) -> dict[str, Any] | None:
    if not line.lstrip().startswith(b"{") or len(line) > LONGEST_LINE:
        return None
    with suppress(ValueError, RecursionError):
        plain = json.loads(line, parse_constant=lambda _: None)
        if isinstance(plain, dict) and isinstance(plain.get("event"), str):
            return plain
    return None


def _ended(process: "subprocess.Popen[bytes]") -> int:
    with suppress(subprocess.TimeoutExpired):
        return process.wait(timeout=60)
    return 0  # it said all that it had to say, and is ended below


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the program and what it started, which is one session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    if process.stdout is not None:
        process.stdout.close()
