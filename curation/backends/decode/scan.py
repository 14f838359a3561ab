"""One pass over a file's packets: what the probe's child does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from curation.backends.decode.clock import RESET_US
from curation.backends.decode.limits import Limits
from curation.backends.decode.media import US, nominal_fps, open_media, pick_video, to_us
from curation.backends.decode.sniff import explain_unopened
from curation.core.errors import MediaError
from curation.core.types import IntArray


@dataclass
class Tally:
    """What the packets of one stream add up to. Times are microseconds of the file's own clock."""

    packets: int = 0
    errors: int = 0
    start_us: int | None = None
    end_us: int = 0
    keyframes_us: list[int] = field(default_factory=list)
    timed: bool = True
    """False once a packet came without a time stamp or a clock began anew: no place can be found by time."""
    _latest_us: int | None = None
    _last_dts_us: int | None = None
    _earlier_us: int = 0

    def add(self, time_us: int | None, dts_us: int | None, *, duration_us: int, keyframe: bool) -> None:
        self.packets += 1
        if time_us is None:
            self.timed = False
            self.end_us += duration_us
            return
        order_us = time_us if dts_us is None else dts_us
        if (
            self._last_dts_us is not None
            and order_us < self._last_dts_us - RESET_US
            and (dts_us is not None or keyframe)
        ):
            self.timed = False
            self._earlier_us = self.end_us - time_us
        self._last_dts_us = order_us
        if self.start_us is None or (time_us < self.start_us and self._earlier_us == 0):
            self.start_us = time_us
        # A keyframe that is not later than everything before it is no place to begin: FrameClock moves its time.
        if keyframe and (self._latest_us is None or time_us > self._latest_us):
            self.keyframes_us.append(time_us)
        self._latest_us = time_us if self._latest_us is None else max(self._latest_us, time_us)
        self.end_us = max(self.end_us, time_us + self._earlier_us + duration_us)

    def places(self) -> IntArray:
        """Return the keyframes at which reading may begin, from the start of the video."""
        if not self.timed:
            return np.zeros(1, np.int64)
        return np.maximum(np.asarray(self.keyframes_us, np.int64) - (self.start_us or 0), 0)


def scan(path: Path, limits: Limits) -> tuple[dict[str, Any], IntArray]:
    """Read every packet of a file and decode its first frame; return `Probe`'s fields and its keyframes.

    Raises MediaError for whatever is not usable footage.
    """
    try:
        container = open_media(path, max_pixels=limits.pixels)
    except av.FFmpegError as error:
        raise explain_unopened(path, error) from error
    with container:
        stream = _stream_within(container, limits)
        tally, first, clean = _read(container, stream, limits)
        if tally.packets == 0:
            raise MediaError("no_frames", "The video track is empty: no picture was recorded. Export the video again.")
        if first is None:
            raise MediaError(
                "no_frames", f"None of the {tally.packets} pictures can be decoded. Export the video again, as H.264."
            )
        return _facts(container, stream, tally, first, clean), tally.places()


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
    tally = Tally()
    first: VideoFrame | None = None
    clean = True
    assert stream.time_base is not None
    context, time_base = stream.codec_context, stream.time_base
    context.thread_count = 1
    context.options = {"max_pixels": str(limits.pixels)}
    usual_us = round(US / nominal_fps(stream))
    for packet in _packets(container, stream, tally):
        if first is None:
            try:
                first = next(iter(context.decode(packet)), None)
            except av.FFmpegError:
                clean = False
        if packet is None or packet.is_discard:
            continue
        ticks = packet.pts if packet.pts is not None else packet.dts
        tally.add(
            None if ticks is None else to_us(ticks, time_base),
            None if packet.dts is None else to_us(packet.dts, time_base),
            duration_us=to_us(packet.duration, time_base) if packet.duration else usual_us,
            keyframe=packet.is_keyframe,
        )
        if tally.packets % 1024 == 0:
            _check_amount(tally, limits)
    _check_amount(tally, limits)
    return tally, first, clean and first is not None and not first.is_corrupt


def _packets(container: InputContainer, stream: VideoStream, tally: Tally) -> Iterator["Packet[VideoStream] | None"]:
    """Yield the packets with anything in them, then None. Damage is counted, 64 failures on end are the end."""
    failures = 0
    while failures < 64:
        try:
            for packet in container.demux(stream):
                failures = 0
                if packet.size:
                    yield packet
            break
        except av.FFmpegError:
            failures += 1
            tally.errors += 1
    yield None


def _check_amount(tally: Tally, limits: Limits) -> None:
    duration_s = (tally.end_us - (tally.start_us or 0)) / US
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
    start_us = tally.start_us or 0
    duration_s = (tally.end_us - start_us) / US
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
        "start_us": start_us,
        "first_frame_ok": clean,
    }
