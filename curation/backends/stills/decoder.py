"""Single pictures, decoded in a child process that a hostile file cannot break out of."""

import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np

from curation.backends.stills.limits import StillLimits
from curation.core.errors import MediaError
from curation.core.types import Image

_ROOT = Path(__file__).resolve().parents[3]
_LENGTH_BYTES = 8
_BLOCK_BYTES = 1 << 20
_MOST_ANSWER_BYTES = 1 << 16


@dataclass(frozen=True)
class StillPicture:
    """A decoded picture, upright. It is a `core.types.Picture` of a video of one frame.

    taken_at is what the camera wrote: without a time zone if it wrote none. is_plain_jpeg says that the file itself
    is a JPEG which any viewer shows like this."""

    pixels: Image
    """(H, W, 3) uint8 RGB."""
    taken_at: datetime | None
    is_plain_jpeg: bool
    pts_us: int = 0
    is_full_range: bool = True

    def luma(self) -> Image:
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), np.uint8)

    def rgb(self) -> Image:
        return self.pixels


class StillDecoder:
    """Decodes pictures one after another in one child, which is replaced when it breaks. Use it as a context manager.

    Not for several threads at once."""

    def __init__(self, limits: StillLimits | None = None) -> None:
        self._limits = limits or StillLimits()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._child = None

    def decode(self, content: bytes) -> StillPicture:
        """Decode a file's content (JPEG, PNG, WebP, BMP, TIFF, GIF: its first picture). Raises MediaError."""
        if not content:
            raise MediaError("empty", "It is empty (0 bytes).")
        if len(content) > self._limits.file_bytes:
            raise MediaError("too_large", f"It has {len(content)} bytes; {self._limits.file_bytes} are allowed.")
        try:
            said, pixels = self._ask(content)
        except (_Broken, OSError) as broken:
            self.close()
            if isinstance(broken, _Late):
                raise MediaError(
                    "time_out", f"Decoding it took longer than {self._limits.wall_s:.0f} s. Save it again, smaller."
                ) from broken
            raise MediaError("crashed", "The decoder broke down on it. Save it again with another program.") from broken
        if "error" in said:
            raise MediaError(said["error"], said["message"])
        shape = (said["height_px"], said["width_px"], 3)
        return StillPicture(
            np.frombuffer(pixels, np.uint8).reshape(shape), _moment(said["taken"]), bool(said["is_plain_jpeg"])
        )

    def _ask(self, content: bytes) -> tuple[dict[str, Any], bytearray]:
        child = self._child = self._child or _start(self._limits)
        assert child.stdin is not None
        assert child.stdout is not None
        ends_s = time.monotonic() + self._limits.wall_s
        child.stdin.write(len(content).to_bytes(_LENGTH_BYTES, "big"))
        child.stdin.write(content)
        child.stdin.flush()
        descriptor = child.stdout.fileno()
        length = int.from_bytes(_read(descriptor, _LENGTH_BYTES, ends_s=ends_s), "big")
        if length > _MOST_ANSWER_BYTES:
            raise _Broken
        said = json.loads(bytes(_read(descriptor, length, ends_s=ends_s)))
        if "error" in said:
            return said, bytearray()
        size = int(said["width_px"]) * int(said["height_px"])
        if not 0 < size <= self._limits.pixels:
            raise _Broken
        return said, _read(descriptor, size * 3, ends_s=ends_s)


class _Broken(Exception):
    """The child ended or talks nonsense."""


class _Late(_Broken):
    """The child did not answer in time."""


def _start(limits: StillLimits) -> "subprocess.Popen[bytes]":
    # No secrets of the service: a file that takes over the child finds nothing in its environment.
    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "curation.backends.stills.child", json.dumps(asdict(limits))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=environment,
    )


def _read(descriptor: int, size: int, *, ends_s: float) -> bytearray:
    """Read exactly so many bytes from a pipe. Raises _Broken, and _Late past the time."""
    found, at = bytearray(size), 0
    while at < size:
        left_s = ends_s - time.monotonic()
        if left_s <= 0 or not select.select([descriptor], [], [], left_s)[0]:
            raise _Late
        count = os.readv(descriptor, [memoryview(found)[at : at + _BLOCK_BYTES]])
        if count == 0:
            raise _Broken
        at += count
    return found


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:  # cameras whose clock was never set write zeros
        return None
