"""Clips of a rendered world taken in as footage, with what is known of them, and their frames imported."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from curation import doorbell
from curation.models import DataImport, Job, Keep, Video
from curation.services.child_jobs import seen_through
from curation.services.import_request import ImportFailed, read_request, request_import
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
    row = request_import(
        read_request(asked_for(root, name=name, format="coco", annotations=str(annotations))), here=True
    )
    assert row.job is not None
    do(row.job)
    return row


def send_for_frames(asked: Mapping[str, str]) -> DataImport:
    """Ask the service's workers for an import; whoever needs it sees it through."""
    row = request_import(read_request(asked))
    assert row.job is not None
    doorbell.ring_job(row.job.pk)
    return row


def asked_for(root: Path, *, name: str, format: str, **more: str) -> dict[str, str]:
    """Say what an import of a folder on this disk is asked for with."""
    return {"root": str(root), "place": "disk", "format": format, "name": name, **more}


def arrived(row: DataImport) -> list[int]:
    """Wait for an import, or do it where no worker does; returns its frames by id. Raises ImportFailed."""
    assert row.job is not None
    for _ in seen_through(row.job):
        pass
    row.job.refresh_from_db()
    if row.job.state != Job.State.DONE:
        raise ImportFailed(f"The import {row.name} did not end well: {row.job.error or row.job.state}")
    return list(Keep.objects.filter(made_in=row).order_by("frame_id").values_list("frame_id", flat=True))
