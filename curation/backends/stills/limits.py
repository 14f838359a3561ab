"""What a picture may be before Winnow refuses it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StillLimits:
    """Bounds on a picture, and on the child process that decodes it."""

    pixels: int = 100_000_000
    """Width times height; the largest cameras in use make 100 megapixels."""
    file_bytes: int = 128 << 20
    memory_bytes: int = 3 << 30
    """Address space of the child: a picture at the limit takes 0.3 GB, three times while it is turned upright."""
    wall_s: float = 30.0
    """For one picture."""
