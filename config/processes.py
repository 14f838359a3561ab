"""The processes of a running service, under honcho: `python -m config.processes HOST:PORT WORKERS`.

When one ends, all are stopped. When this one is killed, they are told to stop by the kernel."""

import multiprocessing
import signal
import subprocess
import sys
from typing import Any

from honcho.manager import Manager
from honcho.process import Process

from config.embedded import BASE_DIR
from config.lifeline import before_exec, die_with_parent

THREADS = 8


def commands(bind: str, *, web_processes: int, workers: int) -> dict[str, list[str]]:
    """Give the command line of each process, by name."""
    manage = [sys.executable, str(BASE_DIR / "manage.py")]
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
            *("--bind", bind, "--worker-class", "gthread", "--workers", str(web_processes), "--threads", str(THREADS)),
            *("--timeout", "120", "--graceful-timeout", "3", "--log-level", "warning", "--no-control-socket"),
        ],
        "workers": [*manage, "workers", "--count", str(workers)],
        "reconcile": [*manage, "reconcile"],
    }


class Child(Process):  # type: ignore[misc]
    """A process of honcho's that ends when honcho is killed; honcho's own would go on alone."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._child_ctor = _spawn

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        die_with_parent(signal.SIGKILL)
        super().run(events, ignore_signals)


def _spawn(command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=before_exec(),
        **options,
    )


def main(bind: str, web_processes: str, workers: str) -> int:
    """Run the processes until one ends or a signal comes; gives the exit status."""
    multiprocessing.set_start_method("fork")  # honcho hands its process objects over unpickled
    manager = Manager()
    manager._process_ctor = Child
    for name, command in commands(bind, web_processes=int(web_processes), workers=int(workers)).items():
        manager.add_process(name, command, cwd=str(BASE_DIR))
    manager.loop()
    return int(manager.returncode or 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
