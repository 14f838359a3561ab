"""Ctrl-C, SIGTERM and a closed terminal all stop a command the same way."""

import signal
from types import FrameType
from typing import NoReturn


def stop_on_signals() -> None:
    """Turn these signals into KeyboardInterrupt; SIGINT too, since a background job starts with it ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
