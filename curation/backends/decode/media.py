"""Opening a file with libav so that it can name nothing but itself."""

import os
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

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
                # Frames of streams without pts (AVI, raw H.264) get one from their dts.
                "fflags": "+genpts",
            },
            # A camera's title is in whatever encoding its maker liked.
            metadata_errors="replace",
        )
    finally:
        os.close(descriptor)


def pick_video(container: InputContainer) -> VideoStream | None:
    """Choose the stream that is the footage, and have the demuxer pass over all others.

    A cover picture is not footage. Of several tracks libav's `best` decides; the largest picture, if that is a cover.
    """
    footage = [s for s in container.streams.video if not s.disposition & _COVERS and s.codec_context is not None]
    if not footage:
        return None
    best = container.streams.best("video")
    chosen = next((s for s in footage if best is not None and s.index == best.index), None)
    if chosen is None:
        chosen = max(footage, key=lambda s: s.codec_context.width * s.codec_context.height)
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


def nominal_fps(stream: VideoStream) -> Fraction:
    """Tell the rate that the header claims; 25 where it claims none or nonsense."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and Fraction(1, 3600) <= rate <= 1000:
            return rate
    return _USUAL_FPS


_COVERS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
