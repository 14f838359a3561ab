"""Processes that end with the one that started them, however it ends (Linux's PR_SET_PDEATHSIG)."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signum: signal.Signals = signal.SIGTERM, *, parent_pid: int | None = None) -> None:
    """Ask the kernel to send `signum` to this process when the thread that started it ends.

    With parent_pid, ends at once where that parent is gone already. Elsewhere than on Linux it does nothing."""
    if _LIBC is None:
        return
    if _LIBC.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if parent_pid is not None and os.getppid() != parent_pid:
        os.kill(os.getpid(), signum)


def before_exec(signum: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Give a `preexec_fn` for subprocess.Popen: the child, and what it execs, dies with this process.

    Start such children from the main thread: the kernel looks at the thread, not at the process."""
    parent_pid = os.getpid()
    return lambda: die_with_parent(signum, parent_pid=parent_pid)
