"""Clips of a rendered world taken in as footage, with what is known of them, and their frames imported."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from curation.models import DataImport, Job, Video
from curation.services.import_request import read_request, request_import
from curation.services.ingest import Registered, register
from demo.footage import Clip, clip_of
from demo.world import RenderedVideo

DoJob: TypeAlias = Callable[[Job], Job]
"""Does a job that was started here to its end."""


def take_in(clip: Clip) -> Registered:
    """Take a clip's file in, and give its camera the attributes that it has, unless it has some. Raises as `register`
    does."""
    found = register(path=clip.path, name=clip.path.name, camera=clip.camera, recorded_at=clip.recorded_at)
    _describe(found.video, clip)
    return found


def _describe(video: Video, clip: Clip) -> None:
    if clip.attributes and not video.camera.attributes:
        video.camera.attributes = clip.attributes
        video.camera.save(update_fields=["attributes"])


def import_frames(
    videos: Sequence[RenderedVideo], *, annotations: Path, root: Path, name: str, do: DoJob
) -> DataImport:  # fmt: skip
    """Import frames of videos below `root`, as a COCO file says what they are; returns the import, done."""
    for video in videos:
        take_in(clip_of(video))  # before their frames: an import does not know when they were recorded
    request = read_request(
        {"root": str(root), "annotations": str(annotations), "place": "disk", "format": "coco", "name": name}
    )
    row = request_import(request, here=True)
    assert row.job is not None
    do(row.job)
    return row
