"""What a file may be before Winnow refuses it."""

from dataclasses import dataclass

from curation.backends.decode.media import MAX_PIXELS


@dataclass(frozen=True)
class Limits:
    """Bounds on a video, and on the child process that looks at it.

    Camera footage is far below them; what is above is a mistake or an attack.
    """

    pixels: int = MAX_PIXELS
    """Width times height of a frame."""
    duration_s: float = 7 * 24 * 3600.0
    """A camera's week. A longer file is nearly always a broken clock."""
    streams: int = 16
    """A camera has two or three, a film a dozen; each costs a parser and a decoder."""
    packets_per_s: float = 500.0
    """On average; high-speed cameras of phones make 240. It says nothing about videos of less than `burst_packets`."""
    burst_packets: int = 5000
    packets: int = 40_000_000
    """A week at 60 a second."""
    memory_bytes: int = 3 * 2**30
    """Address space of the child. Its libraries take 0.2 GiB; 16 reference frames of 8K in 10 bits 1.7 GiB."""
    wall_s: float = 120.0
    """For a small file; a second more for every `bytes_per_s`."""
    bytes_per_s: float = 20e6
    """What a slow disk still reads."""

    def wall_limit_s(self, size_bytes: int) -> float:
        return self.wall_s + size_bytes / self.bytes_per_s
