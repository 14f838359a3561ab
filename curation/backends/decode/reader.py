"""One open file at one place: demuxing and decoding that survive damage."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from curation.backends.decode.clock import FrameClock
from curation.backends.decode.media import (
    MAX_PIXELS,
    US,
    is_untimed,
    nominal_fps,
    open_media,
    pick_video,
    read_packets,
    to_ticks,
    to_us,
)
from curation.core.errors import MediaError
from curation.core.types import IntArray

Threads = Literal["one", "auto"]


class Reader:
    """Decodes a video forward from a place. `errors_us` holds when each error since that place was."""

    def __init__(self, path: Path, *, start_us: int, keyframes_us: IntArray, threads: Threads) -> None:
        self._path, self._start_us, self._threads = path, start_us, threads
        self._keyframes_us = keyframes_us
        self.errors_us: list[int] = []
        self._fresh = True
        self._key_until_us: int | None = None
        self._open()

    def close(self) -> None:
        self._container.close()

    def rewind(self) -> None:
        """Go to the file's beginning. Opens it anew: seeking to the start is not exact in every container."""
        if not self._fresh:
            self._container.close()
            self._open()
        self.errors_us, self._key_until_us, self._fresh = [], None, False

    def seek(self, keyframe_us: int, *, latest_us: int) -> bool:
        """Go to a keyframe. Reading yields nothing if that leads to a place later than `latest_us`, or to none."""
        self.errors_us, self._key_until_us, self._fresh = [], latest_us, False
        ticks = to_ticks(keyframe_us + self._start_us, self._time_base)
        # Rounded down to the time base, a seek would stop at the keyframe before.
        if to_us(ticks, self._time_base) < keyframe_us + self._start_us:
            ticks += 1
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except av.FFmpegError:
            return False
        return True

    def frames(self) -> Iterator[tuple[int, VideoFrame]]:
        """Yield (microseconds from the video's start, frame) in the order of presentation, from the present place."""
        clock = FrameClock(frame_us=round(US / nominal_fps(self._stream)))
        self._now_us = 0
        for packet in self._packets():
            for frame in self._decode(packet):
                self._now_us = clock.stamp(self._relative_us(frame.pts))
                if frame.is_corrupt:
                    self.errors_us.append(self._now_us)
                yield self._now_us, frame

    def _open(self) -> None:
        self._container: InputContainer = open_media(self._path)
        stream = pick_video(self._container)
        if stream is None or stream.time_base is None:
            self._container.close()
            raise MediaError("no_video", f"{self._path.name} has no picture track. Send a file with video in it.")
        self._stream: VideoStream = stream
        self._time_base = stream.time_base
        self._untimed = is_untimed(self._container, stream)
        if self._threads == "one":
            # Left to itself, libav has a second thread decode while this one waits: no faster, but more work.
            stream.codec_context.thread_count = 1
        else:
            stream.codec_context.thread_type = "AUTO"
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}

    def _packets(self) -> Iterator["Packet[VideoStream] | None"]:
        """Yield the packets to decode, then None, which empties the decoder."""
        wait = self._key_until_us
        for packet in read_packets(self._container, self._stream, on_error=self._count_error):
            if wait is not None:
                # A seek in a container without an index may land between keyframes.
                if not packet.is_keyframe:
                    continue
                if not self._is_place(packet, latest_us=wait):
                    return
                wait = None
            yield packet
        yield None

    def _is_place(self, packet: "Packet[VideoStream]", *, latest_us: int) -> bool:
        """Tell whether a keyframe is early enough, and at a time at which `probe` saw one.

        Behind a seek into the middle of a picture, MPEG-PS gives the next picture's time to it, and so to all after it.
        """
        time_us = self._relative_us(packet.pts)
        if time_us is None or time_us > latest_us:
            return False
        index = int(np.searchsorted(self._keyframes_us, time_us))
        return index < len(self._keyframes_us) and int(self._keyframes_us[index]) == time_us

    def _count_error(self) -> None:
        self.errors_us.append(max(0, self._now_us))

    def _decode(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        try:
            return self._stream.codec_context.decode(packet)
        except MemoryError:
            raise
        except av.FFmpegError:
            time_us = self._relative_us(packet.pts) if packet is not None else None
            self.errors_us.append(max(0, self._now_us if time_us is None else time_us))
            return []

    def _relative_us(self, ticks: int | None) -> int | None:
        return None if ticks is None or self._untimed else to_us(ticks, self._time_base) - self._start_us
