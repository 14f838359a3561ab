"""What a file is that libav would not open, told by its first bytes."""

import os
import struct
from pathlib import Path

from av import FFmpegError

from curation.core.errors import MediaError

_HEAD_BYTES = 4096

_REFERENCES = (
    (b"#EXTM3U", "a play list (HLS)"),
    (b"ffconcat version", "a list of other files (ffconcat)"),
    (b"<MPD", "a play list (DASH)"),
    (b"v=0", "a session description (SDP)"),
    (b"[Reference]", "a reference to another file"),
    (b"RTSPtext", "a reference to another address"),
    (b"[playlist]", "a play list"),
    (b"<ASX", "a play list (ASX)"),
    (b"<smil", "a play list (SMIL)"),
)

_OTHER = (
    (b"GIF8", "a GIF picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"%PDF", "a PDF document"),
    (b"fLaC", "a sound recording"),
    (b"ID3", "a sound recording"),
)

_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"pnot", b"styp", b"sidx")


def explain_unopened(path: Path, error: FFmpegError) -> MediaError:
    """Find the reason why a file cannot be opened as a video."""
    size_bytes = os.stat(path).st_size
    if size_bytes == 0:
        return MediaError("empty", "The file is empty (0 bytes). Copy or upload it again.")
    with open(path, "rb") as file:
        head = file.read(_HEAD_BYTES)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, what in _REFERENCES:
        if mark.lower() in text[:512].lower() if mark.startswith(b"<") else text.startswith(mark):
            return MediaError(
                "references", f"The file is {what}, which names other files or addresses. Send the video itself."
            )
    for mark, what in _OTHER:
        if text[: len(mark)].lower() == mark.lower():
            return MediaError("not_a_video", f"The file is {what}, not a video. {_WANTED}")
    if head[4:8] in _BOXES:
        return _explain_mp4(path)
    if isinstance(error, MemoryError):
        return MediaError("too_much_memory", "Opening the file takes more memory than allowed. Export the video again.")
    return MediaError("not_a_video", f"The file is not a video in any format that is read here. {_WANTED}")


_WANTED = "Send MP4, MOV, MKV, WebM, AVI, MPEG-TS, MPEG-PS, FLV, ASF, Ogg, or raw H.264 or H.265."


def _explain_mp4(path: Path) -> MediaError:
    if b"moov" not in _top_boxes(path):
        return MediaError(
            "no_index",
            "The MP4 file has no index (moov), as when the recording was cut off. Copy it again; if the original is "
            "like that, repair it with a tool such as untrunc.",
        )
    return MediaError("broken", "The MP4 file's index (moov) is damaged. Copy or export it again.")


def _top_boxes(path: Path) -> set[bytes]:
    """Collect the names of an MP4 file's outermost boxes, at most 1,000 of them."""
    names: set[bytes] = set()
    size_bytes = os.stat(path).st_size
    with open(path, "rb") as file:
        for _ in range(1000):
            head = file.read(16)
            if len(head) < 8:
                break
            length, name = struct.unpack(">I4s", head[:8])
            if length == 1 and len(head) == 16:
                length = struct.unpack(">Q", head[8:])[0]
            if length < 8:
                names.add(name)
                break
            # A box that ends behind the file was cut off; an index like that is as good as none.
            if file.tell() - len(head) + length <= size_bytes or name != b"moov":
                names.add(name)
            file.seek(file.tell() - len(head) + length)
    return names
