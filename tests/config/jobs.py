"""Jobs for the tests of the workers."""

import os
import time
from pathlib import Path

LOADED: list[int] = []


def note(path: str) -> int:
    """Append this process's number to the file, and count the calls in this process."""
    LOADED.append(1)
    with Path(path).open("a") as file:
        file.write(f"{os.getpid()} {len(LOADED)}\n")
    return len(LOADED)


def sleep(path: str, seconds: float) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(seconds)


def limits() -> dict[str, str | None]:
    return {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM", "WINNOW_THREADS")}


def rows() -> int:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.count()
