"""Opening a file with libav so that it can name nothing but itself."""

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.logging
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

# Damage is counted where it is met; libav would write a line to the terminal for each macroblock.
av.logging.set_libav_level(av.logging.PANIC)

DEMUXERS = (
    *("mov", "matroska", "avi", "mpegts", "mpeg", "flv", "asf", "ogg"),
    *("h264", "hevc", "mpegvideo", "m4v", "mjpeg", "ivf", "obu"),
)
"""What a camera or a phone writes. Play lists (hls, concat, dash, sdp) and image lists are not video files."""

MAX_PIXELS = 8192 * 4320
"""Of one frame: 8K. A larger one is refused by the decoder even where the header said less."""

US = 1_000_000
_USUAL_FPS = Fraction(25)


def open_media(path: Path, *, max_pixels: int = MAX_PIXELS) -> InputContainer:
    """Open a video file for reading, whatever its name.

    The file is opened here and handed on by descriptor: libav neither reads a protocol or a pattern (`http:`, `%d`)
    out of the name nor judges by its ending. Raises OSError and av.FFmpegError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return av.open(
            f"file:/dev/fd/{descriptor}",
            mode="r",
            options={
                "protocol_whitelist": "file",
                "format_whitelist": ",".join(DEMUXERS),
                "max_pixels": str(max_pixels),
            },
            # A camera's title is in whatever encoding its maker liked.
            metadata_errors="replace",
        )
    finally:
        os.close(descriptor)


def pick_video(container: InputContainer) -> VideoStream | None:
    """Choose the stream that is the footage, and have the demuxer pass over all others.

    A cover picture is not footage. Of several tracks it is the largest (a camera's main stream, not its preview), of
    equals the one marked as default, then the first.
    """
    footage = [s for s in container.streams.video if not s.disposition & _COVERS and s.codec_context is not None]
    if not footage:
        return None
    chosen = max(footage, key=lambda s: (s.width * s.height, bool(s.disposition & Disposition.default), -s.index))
    for stream in container.streams:
        if stream.index != chosen.index:
            stream.discard = Discard.all
    return chosen


def to_us(ticks: int, time_base: Fraction) -> int:
    """Convert a time stamp to microseconds, rounding half up.

    Probe and reader must round alike, or a cut at a keyframe would lose that keyframe.
    """
    return (2 * ticks * time_base.numerator * US + time_base.denominator) // (2 * time_base.denominator)


def to_ticks(time_us: int, time_base: Fraction) -> int:
    """Convert microseconds to the last time stamp that is not later."""
    return time_us * time_base.denominator // (time_base.numerator * US)


def read_packets(
    container: InputContainer, stream: VideoStream, *, on_error: Callable[[], None]
) -> Iterator["Packet[VideoStream]"]:
    """Yield the packets from the present place on, past damage; `on_error` is called for each failure to read.

    Raises MemoryError, which says nothing about the file.

    Empty packets are left out: the demuxer's last one, and AVI's "as before". A decoder would take them for the end.
    """
    failures = 0
    while failures < _MOST_FAILURES:
        try:
            for packet in container.demux(stream):
                failures = 0
                if packet.size:
                    yield packet
            return
        except MemoryError:
            raise
        except av.FFmpegError:
            failures += 1
            on_error()


def is_untimed(container: InputContainer, stream: VideoStream) -> bool:
    """Tell whether time stamps are missing or made up, so that frames must be counted to know when they are.

    Raw streams have none. AVI has only the order of coding, from which libav makes wrong times if frames are reordered.
    """
    raw = bool(container.format.flags & _NO_TIMESTAMPS)
    return raw or (container.format.name == "avi" and bool(stream.codec_context.has_b_frames))


def nominal_fps(stream: VideoStream) -> Fraction:
    """Tell the rate that the header claims; 25 where it claims none or nonsense."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and Fraction(1, 3600) <= rate <= 1000:
            return rate
    return _USUAL_FPS


_MOST_FAILURES = 64
"""Reads that may fail one after another before the rest of a file is given up."""

_NO_TIMESTAMPS = 0x80
_COVERS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
