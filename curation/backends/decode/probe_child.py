"""The process that looks into a file nobody vouches for. `probe` starts it; it reads the file from standard input.

It answers on standard output: a line of JSON, then the keyframes as little-endian int64.
"""

import ctypes
import json
import resource
import signal
import sys
from pathlib import Path

_ANSWER_BYTES = 2**29
_PR_SET_PDEATHSIG = 1


def main(argument: str) -> None:
    wishes = json.loads(argument)
    _confine(memory_bytes=int(wishes["limits"]["memory_bytes"]), cpu_s=int(wishes["cpu_s"]))
    # Only now: loading libav is the first thing that a broken limit would hit.
    import numpy as np

    from curation.backends.decode.limits import Limits
    from curation.backends.decode.scan import scan
    from curation.core.errors import MediaError

    try:
        facts, keyframes_us = scan(Path("/dev/fd/0"), Limits(**wishes["limits"]))
    except MediaError as error:
        _answer({"error": error.code, "message": str(error)})
    except MemoryError:
        _answer({"error": "too_much_memory", "message": ""})
    else:
        _answer({"facts": facts}, np.ascontiguousarray(keyframes_us, "<i8").tobytes())


def _confine(*, memory_bytes: int, cpu_s: int) -> None:
    """Set limits that this process cannot lift, and die with the parent."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_ANSWER_BYTES, _ANSWER_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _answer(head: dict[str, object], tail: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + tail)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
