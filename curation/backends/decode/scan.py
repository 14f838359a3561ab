"""One pass over a file's packets: what the probe's child does."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import av.logging
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from curation.backends.decode.limits import Limits
from curation.backends.decode.media import US, is_untimed, nominal_fps, open_media, pick_video, read_packets, to_us
from curation.backends.decode.sniff import explain_unopened
from curation.backends.decode.tally import Tally
from curation.core.errors import MediaError
from curation.core.types import IntArray


def scan(path: Path, limits: Limits) -> tuple[dict[str, Any], IntArray]:
    """Read every packet of a file and decode its first frame; return `Probe`'s fields and its keyframes.

    Raises MediaError for whatever is not usable footage.
    """
    with _open(path, limits) as container:
        stream = _stream_within(container, limits)
        tally, first, clean = _read(container, stream, limits)
        if tally.packets == 0:
            raise MediaError("no_frames", "The video track is empty: no picture was recorded. Export the video again.")
        if first is None:
            raise MediaError(
                "no_frames", f"None of the {tally.packets} pictures can be decoded. Export the video again, as H.264."
            )
        return _facts(container, stream, tally, first, clean), tally.places()


def _open(path: Path, limits: Limits) -> InputContainer:
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as lines:
            container = open_media(path, max_pixels=limits.pixels)
    except av.FFmpegError as error:
        raise explain_unopened(path, error) from error
    finally:
        av.logging.set_level(None)
    # libav forgets a size that it finds absurd, and says so only here.
    for _, _, line in lines:
        if match := re.search(r"Picture size (\d+)x(\d+) is invalid", line):
            _check_size(int(match[1]), int(match[2]), limits)
    return container


def _stream_within(container: InputContainer, limits: Limits) -> VideoStream:
    if len(container.streams) > limits.streams:
        raise MediaError(
            "too_many_streams",
            f"The file holds {len(container.streams)} tracks; {limits.streams} are allowed. Keep only the video track.",
        )
    stream = pick_video(container)
    if stream is None:
        raise MediaError("no_video", "The file has no picture track, only sound or data. Send a file with video in it.")
    _check_size(stream.codec_context.width, stream.codec_context.height, limits)
    return stream


def _check_size(width_px: int, height_px: int, limits: Limits) -> None:
    if width_px * height_px > limits.pixels:
        raise MediaError(
            "too_large",
            f"A frame is {width_px} x {height_px} pixels; at most {limits.pixels} pixels are allowed. Scale it down.",
        )


def _read(container: InputContainer, stream: VideoStream, limits: Limits) -> tuple[Tally, VideoFrame | None, bool]:
    """Go through all packets; return what they add up to, the first frame, and whether it came out undamaged."""
    tally, first, clean = Tally(), None, True
    context = stream.codec_context
    context.thread_count = 1
    context.options = {"max_pixels": str(limits.pixels)}
    add = _adder(tally, container, stream)
    for packet in read_packets(container, stream, on_error=tally.count_error):
        if first is None:
            first, ok = _decode_one(context, packet)
            clean = clean and ok
        if not packet.is_discard:
            add(packet)
            if tally.packets % 1024 == 0:
                _check_amount(tally, limits)
    _check_amount(tally, limits)
    if first is None:
        first, ok = _decode_one(context, None)
        clean = clean and ok
    return tally, first, clean and tally.errors == 0


def _adder(tally: Tally, container: InputContainer, stream: VideoStream) -> Callable[["Packet[VideoStream]"], None]:
    assert stream.time_base is not None
    time_base, untimed = stream.time_base, is_untimed(container, stream)
    usual_us = round(US / nominal_fps(stream))

    def add(packet: "Packet[VideoStream]") -> None:
        timed = packet.pts is not None and not untimed
        tally.add(
            None if packet.pts is None or untimed else to_us(packet.pts, time_base),
            None if packet.dts is None or untimed else to_us(packet.dts, time_base),
            duration_us=to_us(packet.duration, time_base) if packet.duration and timed else usual_us,
            keyframe=packet.is_keyframe,
        )

    return add


def _decode_one(context: VideoCodecContext, packet: "Packet[VideoStream] | None") -> tuple[VideoFrame | None, bool]:
    """Decode a packet (None: what the decoder still holds); return the first frame, and whether nothing was damaged."""
    try:
        frames = context.decode(packet)
    except MemoryError:
        raise
    except av.FFmpegError:
        return None, False
    return (frames[0], not frames[0].is_corrupt) if frames else (None, True)


def _check_amount(tally: Tally, limits: Limits) -> None:
    duration_s = tally.duration_s
    if duration_s > limits.duration_s:
        raise MediaError(
            "too_long",
            f"The video claims to last {duration_s / 3600:.0f} hours; {limits.duration_s / 3600:.0f} are allowed. "
            "Cut it into pieces; if it is short, its time stamps are broken: export it again.",
        )
    rate = tally.packets / max(duration_s, 1e-3)
    if tally.packets > limits.packets or (tally.packets > limits.burst_packets and rate > limits.packets_per_s):
        raise MediaError(
            "too_many_frames",
            f"The video holds {tally.packets} frames or more, {rate:.0f} a second; {limits.packets_per_s:.0f} a second "
            f"and {limits.packets} in all are allowed. Export it with fewer frames a second.",
        )


def _facts(
    container: InputContainer, stream: VideoStream, tally: Tally, first: VideoFrame, clean: bool
) -> dict[str, Any]:
    duration_s = tally.duration_s
    # libav tells the turn counter-clockwise; tags of anything but a quarter turn are not honoured by players either.
    rotation_deg = round(-first.rotation / 90) * 90 % 360
    size = (first.width, first.height) if rotation_deg % 180 == 0 else (first.height, first.width)
    claimed = float(nominal_fps(stream))
    measured = tally.packets / duration_s if duration_s > 0 else claimed
    return {
        "container": container.format.name,
        "codec": stream.codec_context.name,
        "width_px": size[0],
        "height_px": size[1],
        "rotation_deg": rotation_deg,
        "fps": claimed if abs(claimed - measured) <= 0.02 * claimed else measured,
        "duration_s": duration_s,
        "has_audio": len(container.streams.audio) > 0,
        "header_frames": stream.frames,
        "packets": tally.packets,
        "start_us": tally.start_us or 0,
        "first_frame_ok": clean,
    }
