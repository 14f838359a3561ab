"""What pictures are called outside: `<camera>_<first 8 of the video's SHA-256>_<microseconds>.jpg`.

Order of name is order of time within a camera's video, and the name leads back to the frame."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from curation.models import Video

STEP_US = 1_000_000
"""Between pictures of a folder that say nothing of time: their order is all there is."""
LAST_US = 1 << 60
_LENGTHS = (8, 16, 64)
_BEGINNING = r"(?P<camera>[a-z0-9_.-]+)_(?P<video>[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{64})"
_SEQUENCE = re.compile(_BEGINNING)
_NAME = re.compile(_BEGINNING + r"_(?P<pts>\d{12,17})")


@dataclass(frozen=True)
class NamedFrame:
    """What a name says: the frame of a camera's video, whose SHA-256 begins so."""

    camera: str
    video_prefix: str
    pts_us: int

    @property
    def sequence(self) -> str:
        """What all frames of the video begin with."""
        return f"{self.camera}_{self.video_prefix}"


def prefixes(videos: Iterable[Video]) -> dict[int, str]:
    """Return how the names of each video's frames begin, by video: no two alike. Videos come with their cameras."""
    videos = list(videos)
    found = {video.pk: _prefix(video, _LENGTHS[0]) for video in videos}
    for length in _LENGTHS[1:]:
        often = Counter(found.values())
        found |= {video.pk: _prefix(video, length) for video in videos if often[found[video.pk]] > 1}
    return found


def picture_name(prefix: str, pts_us: int) -> str:
    """Name a frame's picture. Twelve digits keep a week of microseconds in order of name."""
    return f"{prefix}_{pts_us:012d}.jpg"


def is_export_name(name: str) -> bool:
    """Tell whether a picture is called as an export would call it."""
    return read_name(name) is not None


def read_name(name: str) -> NamedFrame | None:
    """Read what a picture's name says, whatever folder it lies in; None if an export would not call it so."""
    found = _NAME.fullmatch(PurePosixPath(name).stem)
    return NamedFrame(found["camera"], found["video"], int(found["pts"])) if found else None


def read_sequence(sequence: str) -> tuple[str, str] | None:
    """Read (camera, beginning of the video's SHA-256) from what an export calls a sequence; None if it is no such."""
    found = _SEQUENCE.fullmatch(sequence)
    return (found["camera"], found["video"]) if found else None


def _prefix(video: Video, length: int) -> str:
    return f"{video.camera.name}_{video.sha256[:length]}"
