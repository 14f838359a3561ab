"""What a file is, found out in a child process that a hostile file cannot break out of."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from curation.backends.decode.limits import Limits
from curation.core.errors import MediaError
from curation.core.types import IntArray

_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Probe:
    """What a video's packets and its first frame say.

    `start_us` is the earliest time stamp of the file's clock; all other times run from there. `keyframes_us` are the
    places at which reading may begin, ascending (int64); a single 0 where places cannot be found by time: frames
    without time stamps, or a clock that began anew. `fps` is the header's, unless the packets contradict it by 2%.
    `first_frame_ok` is False if anything before the first decoded frame was damaged, or that frame itself.
    """

    container: str
    codec: str
    width_px: int
    height_px: int
    rotation_deg: int
    fps: float
    duration_s: float
    has_audio: bool
    header_frames: int
    packets: int
    start_us: int
    keyframes_us: IntArray
    first_frame_ok: bool


def probe(path: Path | str, *, limits: Limits | None = None) -> Probe:
    """Look at every packet of a file, and decode its first frame, in a child process.

    Its name plays no part. Raises MediaError with the reason if it cannot be used as footage.
    """
    limits = limits or Limits()
    descriptor = _open(Path(path))
    try:
        size_bytes = os.fstat(descriptor).st_size
        if size_bytes == 0:
            raise MediaError("empty", "The file is empty (0 bytes). Copy or upload it again.")
        answer = _ask_child(descriptor, limits, wall_s=limits.wall_limit_s(size_bytes))
    finally:
        os.close(descriptor)
    head, _, tail = answer.partition(b"\n")
    said = json.loads(head)
    if "error" in said:
        raise MediaError(said["error"], said["message"] or _MEMORY)
    return Probe(**said["facts"], keyframes_us=np.frombuffer(tail, "<i8").astype(np.int64))


def hash_file(path: Path | str) -> str:
    """Return the SHA-256 of a file's content, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_MEMORY = "Looking at the file takes more memory than allowed. Export the video again, at a smaller size."


def _open(path: Path) -> int:
    """Open a regular file; anything else (a pipe, a device) could block for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise MediaError(
            "unreadable", f"The file cannot be opened: {reason}. Check its name and permissions."
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise MediaError("unreadable", "This is not a file but a folder, pipe or device. Name a video file.")
    return descriptor


def _ask_child(descriptor: int, limits: Limits, *, wall_s: float) -> bytes:
    wishes = json.dumps({"limits": asdict(limits), "cpu_s": int(wall_s) + 1})
    # No secrets of the service: a file that takes over the child finds nothing in its environment.
    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with TemporaryFile() as answer:
        try:
            child = subprocess.run(
                [sys.executable, "-m", "curation.backends.decode.probe_child", wishes],
                stdin=descriptor,
                stdout=answer,
                stderr=subprocess.PIPE,
                cwd=_ROOT,
                env=environment,
                timeout=wall_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise MediaError("time_out", _slow(wall_s)) from error
        if child.returncode == -signal.SIGXCPU:
            raise MediaError("time_out", _slow(wall_s))
        if child.returncode != 0 or answer.tell() == 0:
            if any(sign in child.stderr for sign in _OUT_OF_MEMORY):
                raise MediaError("too_much_memory", _MEMORY)
            raise MediaError(
                "crashed", f"The decoder broke down on the file ({_ending(child)}). Export the video again."
            )
        answer.seek(0)
        return answer.read()


_OUT_OF_MEMORY = (b"MemoryError", b"Cannot allocate memory", b"failed to map segment", b"can't start new thread")


def _slow(wall_s: float) -> str:
    return f"Looking at the file took longer than {wall_s:.0f} s. Export the video again, or cut it into pieces."


def _ending(child: subprocess.CompletedProcess[bytes]) -> str:
    if child.returncode < 0:
        return f"signal {-child.returncode}"
    last = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return last[0][:200] if last else f"status {child.returncode}"
