"""When a frame is, whatever its time stamp says."""

from dataclasses import dataclass, field

RESET_US = 500_000
"""A step back of more than this is a clock that began anew (two recordings joined); less is a stutter."""


@dataclass
class FrameClock:
    """Gives each frame of one reading, in the order in which the decoder hands them out, a time that only grows.

    - A frame without a time stamp comes one frame after the one before. (Its dts is no help if frames are reordered.)
    - A stutter (the same time again, or a little before) comes one microsecond after the one before.
    - A clock that began anew goes on one frame after the one before, and so does everything behind it.
    """

    frame_us: int
    _last_us: int = field(default=-1, init=False)
    _shift_us: int = field(default=0, init=False)
    _started: bool = field(default=False, init=False)

    def stamp(self, coded_us: int | None) -> int:
        """Tell a frame's time from its coded one (microseconds from the video's start; None if it has none)."""
        after = self._last_us + self.frame_us if self._started else 0
        if coded_us is None:
            time_us = after
        else:
            time_us = coded_us + self._shift_us
            if time_us <= self._last_us:
                if self._started and self._last_us - time_us > RESET_US:
                    self._shift_us += after - time_us
                    time_us = after
                else:
                    time_us = self._last_us + 1
        self._last_us, self._started = time_us, True
        return time_us
