"""Frames of videos that annotations speak of, by number or by time: the video taken in, its frames found exactly."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from curation.backends import storage
from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.picture import FramePicture
from curation.core.errors import IngestError, MediaError
from curation.core.keep import Keep
from curation.core.labels import LabelledPicture
from curation.core.types import Span
from curation.models import Frame, Video
from curation.services.export_names import LAST_US
from curation.services.import_looks import Look
from curation.services.import_pictures import ANOTHER_SIZE, Arrived, PictureTaker, jpeg
from curation.services.ingest import register
from curation.services.keeping import image_key
from curation.services.looking import open_footage

PAST_THE_END = "frame whose number lies past the end of its video"
NOT_THEN = "frame whose time lies past the end of its video, or between two frames of it"
_STEP_FRAMES = 200
"""So many frames are read before the work says that it is alive."""


class FrameTaker:
    """Takes frames of videos in, in the order of the plan: by video, then by number, then by time.

    Use it as a context manager: it holds the video open."""

    def __init__(self, pictures: PictureTaker) -> None:
        self.taker, self.tally = pictures, pictures.tally
        self._open = ExitStack()
        self._file = ""
        self._video: Video | None = None
        self._why = ""
        self._footage: VideoFootage | None = None
        self._numbered: Iterator[tuple[int, FramePicture]] | None = None
        self._last: tuple[int, FramePicture] | None = None
        self._is_over = False

    def __enter__(self) -> "FrameTaker":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def take(self, frames: Sequence[LabelledPicture]) -> Iterator[tuple[int, list[Arrived]]]:
        """Take a batch of frames of one video. Yields, now and then and at the end, how many more of them are behind
        and what of those arrived; then `tally.place` is how far the video was read for them."""
        found: list[tuple[LabelledPicture, FramePicture]] = []
        behind = 0
        for frame in frames:
            self._begin(frame)
            if self._footage is None:
                self.tally.skip(frame.name, self._why)
                behind += 1
                continue
            for step in self._look_for(frame):
                if step is not None:
                    found.append((frame, step))
                    continue
                # What was found so far is handed out first: from a place further on it could not be found again.
                yield behind, self._arrived(found)
                found, behind = [], 0
            behind += 1
        yield behind, self._arrived(found)

    def _begin(self, frame: LabelledPicture) -> None:
        """Take the frame's video in and open it, unless it is the one at work."""
        if frame.video_file == self._file:
            return
        self._open.close()
        self._file, self._footage, self._numbered, self._last = frame.video_file, None, None, None
        source = self.taker.source
        try:
            path = source.video or source.path_of(frame.video_file)
            camera = self.taker.camera_of(replace(frame, picture_file=frame.video_file))
            self._video = register(path=path, name=path.name, camera=camera.name).video
            if self._video.kind != Video.Kind.FOOTAGE:
                raise IngestError("It is no footage.")
            self._footage = self._open.enter_context(open_footage(self._video))
        except (MediaError, IngestError, OSError) as error:
            self._why = f"frame of a video that cannot be used ({frame.video_file}): {error}"

    def _look_for(self, frame: LabelledPicture) -> Iterator[FramePicture | None]:
        """Yield None while reading, then the frame; nothing if it is not there, which is noted."""
        if frame.frame_index is None:
            picture = self._at(frame.time_s or 0.0)
            if picture is None:
                self.tally.skip(frame.name, NOT_THEN)
            else:
                yield picture
            return
        self._numbered = self._numbered or self._count()
        steps = 0
        while self._last is None or self._last[0] < frame.frame_index:
            self._last = next(self._numbered, None) or self._last
            if self._last is None or (self._last[0] < frame.frame_index and self._is_over):
                self.tally.skip(frame.name, PAST_THE_END)
                return
            steps += 1
            if steps % _STEP_FRAMES == 0:
                self.tally.place = {"file": self._file, "index": self._last[0], "pts_us": self._last[1].pts_us}
                yield None
        if self._last[0] == frame.frame_index:
            self.tally.place = {"file": self._file, "index": self._last[0], "pts_us": self._last[1].pts_us}
            yield self._last[1]
        else:
            self.tally.skip(frame.name, PAST_THE_END)

    def _count(self) -> Iterator[tuple[int, FramePicture]]:
        """Number the frames as they are decoded, from where an earlier try was."""
        assert self._footage is not None
        place = self.tally.place if self.tally.place.get("file") == self._file else {"index": 0, "pts_us": 0}
        self._is_over = False
        number = int(place["index"])
        for picture in self._footage.frames(Span(int(place["pts_us"]), LAST_US)):
            yield number, picture
            number += 1
        self._is_over = True

    def _at(self, time_s: float) -> FramePicture | None:
        """Return the frame within half a frame's time of a moment, if there is one."""
        assert self._footage is not None
        assert self._video is not None
        wanted = time_s * 1e6
        if not 0 <= wanted < LAST_US:
            return None
        half = 0.5e6 / (self._video.fps or 25.0)
        picture = self._footage.at(max(0, round(wanted - half)))
        return picture if picture is not None and abs(picture.pts_us - wanted) <= half + 1 else None

    def _arrived(self, found: Sequence[tuple[LabelledPicture, FramePicture]]) -> list[Arrived]:
        video = self._video
        if video is None or not found:
            return []
        times = [picture.pts_us for _, picture in found]
        known = dict(Frame.objects.filter(video=video, pts_us__in=times).values_list("pts_us", "id"))
        arrived: list[Arrived] = []
        fresh: list[tuple[int, FramePicture, Look]] = []
        for frame, picture in found:
            rgb = picture.rgb()
            if frame.width_px and (frame.width_px, frame.height_px) != (rgb.shape[1], rgb.shape[0]):
                self.tally.skip(frame.name, ANOTHER_SIZE)
                continue
            if picture.pts_us in known:
                arrived.append(Arrived(frame, known[picture.pts_us]))
                continue
            image = image_key(video, picture.pts_us)
            storage.put_bytes(image, jpeg(rgb, quality=Keep().jpeg_quality))
            look = self.taker.looker.look(
                picture, camera=video.camera, recorded_at=video.at(picture.pts_us) or frame.recorded_at
            )
            fresh.append((len(arrived), picture, look))
            arrived.append(
                Arrived(frame, None, video.camera_id, image, video_id=video.pk, pts_us=picture.pts_us, look=look)
            )
        looks = self.taker.looker.embed([look for _, _, look in fresh], [picture for _, picture, _ in fresh])
        for (position, _, _), look in zip(fresh, looks, strict=True):
            arrived[position] = replace(arrived[position], look=look)
        return arrived
