"""CPU time of a piece of work, child processes included: what a shared machine leaves comparable."""

import resource
import time
from collections.abc import Callable
from statistics import median
from typing import Generic, TypeVar

import cv2

Result = TypeVar("Result")


class Timed(Generic[Result]):
    """Work that is done several times, in turn with others; keeps each CPU time and the last result."""

    def __init__(self, name: str, work: Callable[[], Result], *, rounds: int | None = None) -> None:
        self.name, self.rounds = name, rounds
        self._work = work
        self.cpu_s: list[float] = []

    def __call__(self) -> None:
        before_s = _spent_s()
        self.result = self._work()
        self.cpu_s.append(_spent_s() - before_s)

    @property
    def median_s(self) -> float:
        return median(self.cpu_s)


def interleave(works: list[Timed[Result]], *, rounds: int) -> None:
    """Do every work once a round, so that what else the machine does meets all of them; some have fewer rounds."""
    for number in range(rounds):
        for work in works:
            if work.rounds is None or number < work.rounds:
                work()


def be_a_worker() -> None:
    """Use one thread, as each worker does that has a core of its own."""
    cv2.setNumThreads(1)


def _spent_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def verdict(ratio: float, goal: float, *, what: str, at_most: bool = False) -> str:
    """Say whether a ratio meets its goal.

    >>> verdict(6.52, 6, what="less CPU than the peer")
    'met     6.52 x less CPU than the peer (goal >= 6 x)'
    """
    is_met = ratio <= goal if at_most else ratio >= goal
    return f"{'met' if is_met else 'MISSED':7} {ratio:.2f} x {what} (goal {'<=' if at_most else '>='} {goal:g} x)"
