"""The process that decodes pictures nobody vouches for, one after another. `decoder` starts it.

A question is eight bytes of length and the file; an answer eight bytes of length, a JSON object, and (if that says so)
the upright picture as rows of RGB."""

import ctypes
import json
import resource
import signal
import sys
from importlib import import_module
from typing import Any, BinaryIO

_PR_SET_PDEATHSIG = 1
_LENGTH_BYTES = 8
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
_ORIENTATION, _EXIF, _TAKEN, _OFFSET = 0x0112, 0x8769, 0x9003, 0x9011


def main(argument: str) -> None:
    limits = json.loads(argument)
    _confine(memory_bytes=int(limits["memory_bytes"]))
    # Standard output carries the answers; whatever a library prints must not get between them.
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    while head := sys.stdin.buffer.read(_LENGTH_BYTES):
        content = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        said, pixels = _answer_to(content, most_pixels=int(limits["pixels"]))
        _send(answers, said, pixels)


def _answer_to(content: bytes, *, most_pixels: int) -> tuple[dict[str, Any], bytes]:
    try:
        return _decode(content, most_pixels=most_pixels)
    except MemoryError:
        return {"error": "too_much_memory", "message": "Decoding it takes more memory than allowed."}, b""
    except Exception as error:  # whatever a decoder stumbles over is a finding about the file
        return {"error": "damaged", "message": f"It is damaged: {str(error)[:200] or type(error).__name__}."}, b""


def _decode(content: bytes, *, most_pixels: int) -> tuple[dict[str, Any], bytes]:
    # Only now: loading it is the first thing that a broken limit would hit.
    from io import BytesIO

    from PIL import Image, ImageOps, UnidentifiedImageError

    # Each plug-in by name: left to itself, Pillow knows none of them when only some formats are allowed.
    for plugin in ("Jpeg", "Png", "WebP", "Bmp", "Tiff", "Gif"):
        import_module(f"PIL.{plugin}ImagePlugin")
    Image.MAX_IMAGE_PIXELS = None  # checked below, with a message that says what is allowed
    try:
        picture: Any = Image.open(BytesIO(content), formats=_FORMATS)
    except UnidentifiedImageError:
        return {"error": "no_picture", "message": f"It is no picture of a known kind ({', '.join(_FORMATS)})."}, b""
    width, height = picture.size
    if width * height > most_pixels:
        message = f"It has {width} x {height} pixels; at most {most_pixels} pixels are allowed. Scale it down."
        return {"error": "too_large", "message": message}, b""
    kind, mode, exif = picture.format, picture.mode, picture.getexif()
    turn, taken = exif.get(_ORIENTATION, 1), _taken(exif.get_ifd(_EXIF))
    picture.load()
    upright = ImageOps.exif_transpose(_eight_bits(picture)).convert("RGB")
    said = {
        "width_px": upright.width, "height_px": upright.height, "taken": taken,
        # A browser shows these bytes as they are decoded here: other colour models and turned pictures it may not.
        "is_plain_jpeg": kind == "JPEG" and mode in ("L", "RGB") and turn in (0, 1),
    }  # fmt: skip
    return said, upright.tobytes()


def _eight_bits(picture: Any) -> Any:
    """Cut 16 bits to their upper 8; converting as it is would clip everything to white."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    import numpy as np
    from PIL import Image

    values = np.asarray(picture)
    if picture.mode != "F":
        small = Image.fromarray((values.astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    else:
        small = Image.fromarray(np.nan_to_num(values).clip(0, 255).astype(np.uint8))
    small.getexif()[_ORIENTATION] = picture.getexif().get(_ORIENTATION, 1)
    return small


def _taken(exif: Any) -> str:
    """Read when it was taken, with the offset from UTC where the camera wrote one: 2026-03-01 07:45:00+01:00."""
    text = str(exif.get(_TAKEN) or "").strip("\0 ")
    day, _, clock = text.partition(" ")
    return f"{day.replace(':', '-')} {clock}{str(exif.get(_OFFSET) or '').strip(chr(0) + ' ')}" if clock else ""


def _send(answers: BinaryIO, said: dict[str, Any], pixels: bytes) -> None:
    head = json.dumps(said).encode()
    answers.write(len(head).to_bytes(_LENGTH_BYTES, "big") + head)
    answers.write(pixels)
    answers.flush()


def _confine(*, memory_bytes: int) -> None:
    """Set limits that this process cannot lift, and die with the parent."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
