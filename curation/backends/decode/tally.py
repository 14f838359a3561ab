"""What the packets of a video add up to."""

from dataclasses import dataclass, field

import numpy as np

from curation.backends.decode.clock import RESET_US
from curation.backends.decode.media import US
from curation.core.types import IntArray


@dataclass
class Tally:
    """What the packets of one stream add up to. Times are microseconds of the file's own clock."""

    packets: int = 0
    errors: int = 0
    start_us: int | None = None
    end_us: int = 0
    keyframes_us: list[int] = field(default_factory=list)
    timed: bool = True
    """False once a keyframe came without a time stamp or a clock began anew: no place can be found by time."""
    _latest_us: int | None = None
    _last_dts_us: int | None = None
    _earlier_us: int = 0

    def add(self, time_us: int | None, dts_us: int | None, *, duration_us: int, keyframe: bool) -> None:
        self.packets += 1
        if time_us is None:
            # FrameClock puts it one frame after the one before; a keyframe like that is no place to begin.
            self.timed = self.timed and not keyframe
            self.end_us += duration_us
            return
        order_us = time_us if dts_us is None else dts_us
        if (
            self._last_dts_us is not None
            and order_us < self._last_dts_us - RESET_US
            and (dts_us is not None or keyframe)
        ):
            self.timed = False
            self._earlier_us = self.end_us - time_us
        self._last_dts_us = order_us
        if self.start_us is None or (time_us < self.start_us and self._earlier_us == 0):
            self.start_us = time_us
        # A keyframe that is not later than everything before it is no place to begin: FrameClock moves its time.
        if keyframe and (self._latest_us is None or time_us > self._latest_us):
            self.keyframes_us.append(time_us)
        self._latest_us = time_us if self._latest_us is None else max(self._latest_us, time_us)
        self.end_us = max(self.end_us, time_us + self._earlier_us + duration_us)

    def count_error(self) -> None:
        self.errors += 1

    def places(self) -> IntArray:
        """Return the keyframes at which reading may begin, from the start of the video."""
        if not self.timed:
            return np.zeros(1, np.int64)
        return np.maximum(np.asarray(self.keyframes_us, np.int64) - (self.start_us or 0), 0)

    @property
    def duration_s(self) -> float:
        return (self.end_us - (self.start_us or 0)) / US
