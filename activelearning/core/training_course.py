"""How far a training is, in words: "epoch 3/10 · box loss 1.21 · 2 min left"."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

RECENT = 5
"""Epochs from whose mean the time that is left is told."""


@dataclass
class Course:
    """total is in epochs, 0 where it is not known; doing stands in place of the epoch where it is not empty."""

    total: int
    done: int = 0
    doing: str = "starting"
    losses: Mapping[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    now_s: Callable[[], float] = time.monotonic
    _began_s: float = 0.0

    def begin(self, *, after: int, total: int) -> None:
        """Begin after an epoch that an earlier attempt ended with; a total of 0 leaves it as it is."""
        self.done, self.total, self.doing = after, total or self.total, "loading the network and the pictures"
        self._began_s = self.now_s()

    def step(self, losses: Mapping[str, float]) -> None:
        self.doing, self.losses = "", losses

    def end_epoch(self, epoch: int, seconds: float, losses: Mapping[str, float]) -> None:
        self.done, self.losses, self._began_s = epoch, losses, self.now_s()
        self.seconds.append(seconds)
        self.doing = "finishing" if self.total and epoch >= self.total else ""

    def said(self) -> str:
        if self.doing:
            return self.doing
        of = f"/{self.total}" if self.total else ""
        loss = "".join(f" · {name} loss {value:.2f}" for name, value in list(self.losses.items())[:1])
        left = f" · {_time(self._left_s())} left" if self.seconds and self.total else ""
        return f"epoch {self.done + 1}{of}{loss}{left}"

    def _left_s(self) -> float:
        recent = self.seconds[-RECENT:]
        of_this_s = min(self.now_s() - self._began_s, recent[-1])
        return max(0.0, (self.total - self.done) * sum(recent) / len(recent) - of_this_s)


def whole(said: object) -> int:
    """Take a whole number above 0; 0 for anything else."""
    return said if isinstance(said, int) and not isinstance(said, bool) and said > 0 else 0


def numbers(said: object) -> dict[str, float]:
    """Take the finite numbers of what a trainer says; {} for anything else."""
    found = said.items() if isinstance(said, Mapping) else ()
    known = {str(name)[:40]: float(value) for name, value in found if isinstance(value, int | float)}
    return {name: value for name, value in known.items() if math.isfinite(value)}


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
