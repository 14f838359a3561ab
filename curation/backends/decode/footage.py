"""A video file that can be read forward from anywhere."""

from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from av.video.frame import VideoFrame

from curation.backends.decode.picture import FramePicture
from curation.backends.decode.reader import Reader, Threads
from curation.core.types import IntArray, Span


class VideoFootage:
    """The frames of a video; see `core.types.Footage`. Times and keyframes are those that `probe` found.

    Whatever the spans asked for, a frame has the same time, and the same picture unless it is damaged: reading starts
    at a keyframe, falls back to an earlier one where that does not decode or is not where `probe` saw it, and
    `FrameClock` decides on odd time stamps. A video with fewer than two keyframes (none flagged, no time stamps, or a
    clock that began anew: `probe` then reports one) is always read from its beginning.

    `decoded_frames` counts the frames that `frames` handed out, `decode_errors` the errors and damaged frames within
    the spans asked for: over the pieces of a video both add up to what one reading counts.
    Not for several threads at once. `threads`: "one" where each worker has its own file, "auto" for one file on all
    cores.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        start_us: int,
        keyframes_us: IntArray,
        rotation_deg: int,
        threads: Threads = "one",
    ) -> None:
        self._path, self._start_us, self._threads = Path(path), start_us, threads
        self._keyframes_us = np.asarray(keyframes_us, np.int64)
        self._rotation_deg = rotation_deg
        self._idle: list[Reader] = []
        self._look: Generator[tuple[int, VideoFrame]] | None = None
        self._seen: FramePicture | None = None
        self._asked_us = 0
        self.decoded_frames = 0
        self.decode_errors = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Pictures that were handed out stay valid."""
        if self._look is not None:
            self._look.close()
            self._look = None
        while self._idle:
            self._idle.pop().close()

    @property
    def keyframes_us(self) -> IntArray:
        return self._keyframes_us

    def frames(self, span: Span, *, warm_up_us: int = 0) -> Iterator[FramePicture]:
        """Yield every frame that decodes whose time lies in the span, in order, and before them those of the warm-up.

        The warm-up's frames and errors are not counted: they belong to the span before.

        Stops at the first frame past the span; decoders hand frames out in the order of presentation, so none that
        belongs to the span is still to come.
        """
        reader = self._borrow()
        try:
            first_us = max(0, span.start_us - warm_up_us)
            for pts_us, frame in self._read(reader, first_us):
                if pts_us >= span.end_us:
                    break
                if pts_us >= first_us:
                    self.decoded_frames += pts_us >= span.start_us
                    yield FramePicture(frame, pts_us, self._rotation_deg)
        finally:
            self.decode_errors += sum(map(span.holds, reader.errors_us))
            self._idle.append(reader)

    def at(self, pts_us: int) -> FramePicture | None:
        """Return the first frame at or after a time, None past the end.

        Decodes forward, but jumps where a later keyframe stands between. Raises ValueError if the time goes backwards.
        """
        if pts_us < self._asked_us:
            raise ValueError(f"at: pts_us {pts_us} is before {self._asked_us}, which was asked for already.")
        self._asked_us = pts_us
        keyframe = self._keyframe_before(pts_us)
        if self._look is None or (
            self._seen is not None and keyframe > 0 and self._keyframes_us[keyframe] > self._seen.pts_us
        ):
            self._look = self._looking(pts_us)
        while self._seen is None or self._seen.pts_us < pts_us:
            step = next(self._look, None)
            if step is None:
                return None
            self._seen = FramePicture(step[1], step[0], self._rotation_deg)
        return self._seen

    def _looking(self, start_us: int) -> Generator[tuple[int, VideoFrame]]:
        reader = self._borrow()
        try:
            yield from self._read(reader, start_us)
        finally:
            self._idle.append(reader)

    def _borrow(self) -> Reader:
        """Take an open file that nobody reads, so that several readings at once do not move each other's place."""
        if self._idle:
            return self._idle.pop()
        return Reader(self._path, start_us=self._start_us, keyframes_us=self._keyframes_us, threads=self._threads)

    def _read(self, reader: Reader, start_us: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yield what decodes from some place on that is not past a time, or from the beginning."""
        for keyframe_us in self._places(start_us):
            if not reader.seek(keyframe_us, latest_us=start_us):
                continue
            frames = reader.frames()
            first = next(frames, None)
            if first is not None and first[0] <= start_us:
                yield first
                yield from frames
                return
        reader.rewind()
        yield from reader.frames()

    def _places(self, start_us: int) -> Iterator[int]:
        """Yield the keyframes to try: the last one before a time, then 1, 3, 7… before it. The first is the file's."""
        index, back = self._keyframe_before(start_us), 1
        while index > 0:
            yield int(self._keyframes_us[index])
            index, back = index - back, back * 2

    def _keyframe_before(self, time_us: int) -> int:
        """Find the last keyframe at or before a time; -1 if there is none."""
        return int(np.searchsorted(self._keyframes_us, time_us, side="right")) - 1
