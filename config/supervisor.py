"""Runs N workers as child processes and starts again those that die."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from config.embedded import BASE_DIR
from config.layout import Layout
from config.lifeline import before_exec

POLL_S = 0.2
PAUSE_FIRST_S, PAUSE_LONGEST_S = 0.5, 30.0
HEALTHY_S = 60.0  # a worker that lived so long is forgiven its earlier deaths
COLD_STOP_S, KILL_S = 1.5, 4.0  # honcho kills us after 5
START_TIMEOUT_S = 60.0
QUEUE, TRAINING = "cascade", "training"
log = logging.getLogger(__name__)


class WorkersError(RuntimeError):
    """The workers did not start."""


@dataclass
class Slot:
    """One place for a worker, filled again when its worker dies."""

    number: int
    queue: str = QUEUE
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause_s: float = PAUSE_FIRST_S
    start_not_before: float = field(default=0.0)

    def tend(self, environment: dict[str, str]) -> None:
        """Start the worker where there is none, and note a death."""
        if self.process is None:
            if time.monotonic() >= self.start_not_before:
                self.process, self.started_at = _start_worker(environment, self.queue), time.monotonic()
        elif (status := self.process.poll()) is not None:
            lived_s = time.monotonic() - self.started_at
            self.pause_s = PAUSE_FIRST_S if lived_s > HEALTHY_S else min(self.pause_s * 2, PAUSE_LONGEST_S)
            self.start_not_before = time.monotonic() + self.pause_s
            log.warning(
                "worker %d of the queue %s (process %d) ended with status %d after %.0f s; starting another in %.0f s",
                self.number, self.queue, self.process.pid, status, lived_s, self.pause_s,
            )  # fmt: skip
            self.process = None


def supervise(count: int, *, training: int = 0) -> None:
    """Keep `count` workers running, and `training` ones of the queue "training", until SIGINT or SIGTERM.

    Then they are stopped: a job gets a moment to end, then a SystemExit, then the process is killed (chunks and jobs
    are fenced, so another worker takes it up)."""
    stopping: list[int] = []

    def note(signum: int, frame: FrameType | None) -> None:
        stopping.append(signum)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    slots = [Slot(number) for number in range(1, count + 1)]
    slots += [Slot(number, TRAINING) for number in range(1, training + 1)]
    # A training may have all cores: while it runs it is what the machine is for.
    environments = {QUEUE: os.environ | thread_limits(max(1, count)), TRAINING: os.environ | thread_limits(1)}
    log.info("keeping %d workers running, and %d for training", count, training)
    try:
        while not stopping:
            for slot in slots:
                slot.tend(environments[slot.queue])
            time.sleep(POLL_S)
    finally:
        stop([slot.process for slot in slots if slot.process])


def stop(processes: list["subprocess.Popen[bytes]"]) -> None:
    """Ask the processes to stop, ask again, then kill what is left; returns when all have ended."""
    began = time.monotonic()
    for after_s, signum in ((0.0, signal.SIGTERM), (COLD_STOP_S, signal.SIGTERM), (KILL_S, signal.SIGKILL)):
        while time.monotonic() - began < after_s and any(p.poll() is None for p in processes):
            time.sleep(0.05)
        for process in processes:
            if process.poll() is None:
                process.send_signal(signum)
    for process in processes:
        process.wait()


def thread_limits(count: int) -> dict[str, str]:
    """Give the environment that keeps `count` workers from using more threads than there are cores."""
    threads = os.environ.get("WINNOW_THREADS", "") or str(max(1, (os.cpu_count() or 1) // count))
    names = ("WINNOW_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
    return {name: os.environ.get(name) or threads for name in names}


@contextmanager
def workers(count: int, *, training: int = 0) -> Iterator["subprocess.Popen[bytes]"]:
    """Run workers beside this process for the block; gives their supervisor. Its log: logs/workers.log.

    Raises WorkersError if they are not up within START_TIMEOUT_S."""
    from django.conf import settings

    from config.worker import registered

    log_file = Layout(settings.WINNOW_DATA_DIR).log_dir / "workers.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    before, before_training = registered(), registered(TRAINING)
    with log_file.open("ab") as output:
        supervisor = subprocess.Popen(
            [
                sys.executable,
                str(BASE_DIR / "manage.py"),
                "workers",
                "--count",
                str(count),
                "--training",
                str(training),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=before_exec(),
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while registered() < before + count or registered(TRAINING) < before_training + training:
            if supervisor.poll() is not None or time.monotonic() > deadline:
                raise WorkersError(f"the workers did not start; see {log_file}")
            time.sleep(POLL_S)
        yield supervisor
    finally:
        supervisor.terminate()
        supervisor.wait()


def _start_worker(environment: dict[str, str], queue: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, str(BASE_DIR / "manage.py"), "worker", "--queue", queue],
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # Ctrl-C in the terminal reaches us, and we pass it on
        preexec_fn=before_exec(signal.SIGKILL),  # a softer one would wait for the end of the job
    )
