"""Pictures that are frames already: imported before, or exported from here and come back."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from curation.backends import storage
from curation.core.labels import LabelledPicture
from curation.models import Frame, Video
from curation.services.export_names import STEP_US, read_name, read_sequence

_USUAL_FPS = 25.0


@dataclass(frozen=True)
class Known:
    """The frame that a picture is."""

    frame_id: int
    width_px: int
    height_px: int


@dataclass(frozen=True)
class _Claim:
    """What a picture says of the frame it is: of which video, and when or which one of its frames."""

    picture: str
    camera: str
    prefix: str
    pts_us: int | None
    number: int = 0


def find_known(pictures: Sequence[LabelledPicture], digests: Mapping[str, str]) -> dict[str, Known]:
    """Return the frames that pictures are, by the picture's name; digests are the SHA-256 of those that have a file.

    A file is known by its content: it was imported before, or it is called as an export calls a frame and is that
    frame's picture to the byte. Without a file the name alone decides: labels can come back without pictures."""
    by_content = {
        frame.picture_sha256: frame
        for frame in Frame.objects.filter(picture_sha256__in=set(digests.values())).only(*_FIELDS, "picture_sha256")
    }
    found: dict[str, Known] = {}
    claims: list[_Claim] = []
    for picture in pictures:
        frame = by_content.get(digests.get(picture.name))
        if frame is not None:
            found[picture.name] = _known(frame)
        elif picture.name in digests or not picture.picture_file:
            claims += _claims(picture)
    for claim, candidates in _candidates(claims):
        digest = digests.get(claim.picture)
        for frame in candidates:
            if digest is None or _is_picture_of(frame, digest):
                found[claim.picture] = _known(frame)
                break
    return found


_FIELDS = ("id", "width_px", "height_px")


def _known(frame: Frame) -> Known:
    return Known(frame.pk, frame.width_px, frame.height_px)


def _claims(picture: LabelledPicture) -> Iterable[_Claim]:
    if (named := read_name(picture.name)) is not None:
        yield _Claim(picture.name, named.camera, named.video_prefix, named.pts_us)
    elif picture.picture_file and picture.frame_index is not None and (said := read_sequence(picture.sequence)):
        # MOT Challenge: the picture's name is its number. Its content will have to prove it.
        yield _Claim(picture.name, *said, None, picture.frame_index)


def _candidates(claims: Sequence[_Claim]) -> Iterable[tuple[_Claim, list[Frame]]]:
    """Yield the frames that each claim can mean. Two queries, however many claims there are."""
    if not claims:
        return
    videos = _videos({(claim.camera, claim.prefix) for claim in claims})
    wanted = Q(pk__in=())
    spans: dict[_Claim, tuple[int, int, int]] = {}
    for claim in claims:
        video = videos.get((claim.camera, claim.prefix))
        if video is not None and 0 <= (claim.pts_us or claim.number) < 1 << 40:
            spans[claim] = (video.pk, *_span(claim, video))
    exact = {(video, first) for video, first, last in spans.values() if first == last}
    wanted |= Q(video__in={video for video, _ in exact}, pts_us__in={pts for _, pts in exact})
    for video_id, first, last in spans.values():
        if first != last:
            wanted |= Q(video=video_id, pts_us__range=(first, last))
    frames: dict[int, list[Frame]] = defaultdict(list)
    for frame in Frame.objects.filter(wanted).only(*_FIELDS, "video_id", "pts_us", "image").order_by("pts_us"):
        frames[frame.video_id].append(frame)
    for claim, (video_id, first, last) in spans.items():
        yield claim, [frame for frame in frames[video_id] if first <= frame.pts_us <= last]


def _videos(named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Video]:
    """Return the one video that each name can mean; names that could mean several are left out."""
    named = list(named)
    wanted = Q(pk__in=())
    for camera, prefix in named:
        wanted |= Q(camera__name=camera, sha256__startswith=prefix)
    there = list(Video.objects.filter(wanted).select_related("camera").defer("keyframes"))
    found = {
        (camera, prefix): [v for v in there if v.camera.name == camera and v.sha256.startswith(prefix)]
        for camera, prefix in named
    }
    return {name: videos[0] for name, videos in found.items() if len(videos) == 1}


def _span(claim: _Claim, video: Video) -> tuple[int, int]:
    """Return the first and the last time at which the frame can be."""
    if claim.pts_us is not None:
        return claim.pts_us, claim.pts_us
    if video.kind == Video.Kind.PICTURES:
        return claim.number * STEP_US, claim.number * STEP_US
    frame_us = 1e6 / (video.fps or _USUAL_FPS)
    return round((claim.number - 1) * frame_us), round((claim.number + 1) * frame_us)


def _is_picture_of(frame: Frame, sha256: str) -> bool:
    try:
        return hashlib.sha256(storage.read_bytes(frame.image)).hexdigest() == sha256
    except (FileNotFoundError, ValueError):
        return False
