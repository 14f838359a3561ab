"""Pictures that are frames already: imported before, or exported from here and come back."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from curation.backends import storage
from curation.core.labels import LabelledPicture
from curation.models import Frame, Video
from curation.services.export_names import NamedFrame, read_name


@dataclass(frozen=True)
class Known:
    """The frame that a picture is."""

    frame_id: int
    width_px: int
    height_px: int


def find_known(pictures: Sequence[LabelledPicture], digests: Mapping[str, str]) -> dict[str, Known]:
    """Return the frames that pictures are, by the picture's name; digests are the SHA-256 of those that have a file.

    A file is known by its content: it was imported before, or it is called as an export calls a frame and is that
    frame's picture to the byte. Without a file the name alone decides: labels can come back without pictures."""
    by_content = {
        frame.picture_sha256: frame
        for frame in Frame.objects.filter(picture_sha256__in=set(digests.values())).only(*_FIELDS, "picture_sha256")
    }
    found: dict[str, Known] = {}
    named: dict[NamedFrame, list[str]] = defaultdict(list)
    for picture in pictures:
        frame = by_content.get(digests.get(picture.name))
        if frame is not None:
            found[picture.name] = _known(frame)
        elif (said := read_name(picture.name)) is not None and (picture.name in digests or not picture.picture_file):
            named[said].append(picture.name)
    for said, frame in _named_frames(list(named)).items():
        for name in named[said]:
            if name not in digests or _is_picture_of(frame, digests[name]):
                found[name] = _known(frame)
    return found


_FIELDS = ("id", "width_px", "height_px")


def _known(frame: Frame) -> Known:
    return Known(frame.pk, frame.width_px, frame.height_px)


def _named_frames(names: Sequence[NamedFrame]) -> dict[NamedFrame, Frame]:
    """Find the frames that names can mean. Two queries, however many names there are."""
    if not names:
        return {}
    wanted = Q()
    for camera, prefix in {(name.camera, name.video_prefix) for name in names}:
        wanted |= Q(camera__name=camera, sha256__startswith=prefix)
    videos: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pk, camera, sha256 in Video.objects.filter(wanted).values_list("pk", "camera__name", "sha256"):
        for length in {len(name.video_prefix) for name in names}:
            videos[camera, sha256[:length]].append(pk)
    places = {
        (found[0], name.pts_us): name
        for name in names
        if len(found := videos.get((name.camera, name.video_prefix), [])) == 1
    }
    frames = Frame.objects.filter(
        video__in={video for video, _ in places}, pts_us__in={pts_us for _, pts_us in places}
    ).only(*_FIELDS, "video_id", "pts_us", "image")
    return {places[f.video_id, f.pts_us]: f for f in frames if (f.video_id, f.pts_us) in places}


def _is_picture_of(frame: Frame, sha256: str) -> bool:
    try:
        return hashlib.sha256(storage.read_bytes(frame.image)).hexdigest() == sha256
    except (FileNotFoundError, ValueError):
        return False
