"""Clips of a rendered world taken in as footage, with what is known of them."""

from curation.models import Video
from curation.services.ingest import Registered, register
from demo.footage import Clip


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
