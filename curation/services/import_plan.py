"""What an import will take in, one picture a line: where each picture is, and frames of videos in order of time."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from curation.core.formats import Reading
from curation.core.formats.opening import Shelf
from curation.core.labels import LabelledPicture
from curation.services import spool
from curation.services.export_names import is_export_name
from curation.services.import_report import Tally
from curation.services.import_request import ImportFailed
from curation.services.import_source import Source

PLAN = "plan.jsonl"
NOT_THERE = "picture that is not there"
NO_VIDEO = "frame of a video that is not there"


def write_plan(reading: Reading, source: Source, tally: Tally) -> Iterator[int]:
    """Write the plan down, yielding how many pictures were read so far, and note what reading skipped. Raises
    ImportFailed."""
    planned = _Planned(source, tally)
    tally.reasons.pop(NOT_THERE, None)
    tally.reasons.pop(NO_VIDEO, None)
    count = 0
    for count in spool.write(plan_path(source.work), planned.of(reading.pictures)):
        yield count
    tally.total = count
    tally.take_skips(reading.skips)


def plan_path(work: Path) -> Path:
    """Name the file that the plan lies in."""
    return work / PLAN


def is_video_frame(picture: LabelledPicture) -> bool:
    """Tell whether a planned picture is to be decoded from a video."""
    return not picture.picture_file and bool(picture.video_file)


class _Planned:
    def __init__(self, source: Source, tally: Tally) -> None:
        self.source, self.tally = source, tally
        apart = source.annotations != source.root
        self._pictures = Shelf(source.tree.pictures) if apart else None
        self._videos = Shelf(source.tree.videos) if apart else None
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for video in source.tree.videos:
            self._by_stem[PurePosixPath(video).stem].append(video)

    def of(self, pictures: Iterator[LabelledPicture]) -> Iterator[LabelledPicture]:
        """Yield what can be taken in: pictures as they come, then frames of videos, each video's in order."""
        frames: list[LabelledPicture] = []
        self.tally.counts["pictures"] = 0
        for picture in pictures:
            self.tally.counts["pictures"] += 1
            found = self._find(picture)
            if is_video_frame(found):
                frames.append(found)
            elif found.picture_file or is_export_name(found.name):
                yield found
            elif found.frame_index is not None or found.time_s is not None:
                self.tally.skip(found.name, NO_VIDEO)
            else:
                self.tally.skip(found.name, NOT_THERE)
        self._check_one_video(frames)
        yield from sorted(frames, key=_moment)

    def _find(self, picture: LabelledPicture) -> LabelledPicture:
        """Fill in where the picture is, or the video that has it."""
        file, video = picture.picture_file, picture.video_file
        if self._pictures is not None and self._videos is not None:
            files = self._pictures.find(picture.name, split=picture.split)
            videos = self._videos.find(picture.sequence) if picture.sequence else []
            file, video = (found[0] if len(found) == 1 else "" for found in (files, videos))
        is_moment = picture.frame_index is not None or picture.time_s is not None
        if is_moment and not file and self.source.video is not None:
            video = self.source.video.name
        elif is_moment and not file and not video and len(called := self._by_stem.get(picture.sequence, [])) == 1:
            video = called[0]
        return replace(picture, picture_file=file, video_file=video if is_moment else "")

    def _check_one_video(self, frames: list[LabelledPicture]) -> None:
        sequences = sorted({frame.sequence for frame in frames})
        if self.source.video is not None and len(sequences) > 1:
            raise ImportFailed(
                f"The annotations are about {len(sequences)} videos ({', '.join(sequences[:5])}), but one was named. "
                "Put the videos beside the annotations, called as they call them, and name the folder."
            )


def _moment(frame: LabelledPicture) -> tuple[str, bool, float, str]:
    """Order frames by video, those by number first. A frame that says both goes by its number, which is exact."""
    by_time = frame.frame_index is None
    at = (frame.time_s or 0.0) if by_time else float(frame.frame_index or 0)
    return frame.video_file, by_time, at, frame.name
