"""Pictures on their way out: read from the storage, or made again from their video where they are gone."""

from django.db.models import Q

from curation.backends import storage
from curation.core.errors import MediaError
from curation.core.keep import Keep
from curation.models import Video
from curation.services.import_pictures import jpeg
from curation.services.looking import open_footage
from curation.services.pictures import PictureMissing
from curation.services.stored_files import NoSuchFile, confined


def read_picture(key: str) -> bytes | None:
    """Read a frame's picture by its key; None if it is gone, or empty."""
    try:
        return storage.read_bytes(confined(key)) or None
    except (FileNotFoundError, NoSuchFile):
        return None


def remake_picture(key: str, *, video_sha256: str, pts_us: int, size_px: tuple[int, int]) -> bytes:
    """Make a frame's picture again from its video, and store it under its key. Raises PictureMissing."""
    gone = f"{key} is no longer in the storage"
    video = Video.objects.filter(~Q(file=""), sha256=video_sha256, kind=Video.Kind.FOOTAGE).first()
    if video is None:
        raise PictureMissing(f"{gone}, and it came as a picture, so it cannot be made again. Import it again.")
    try:
        with open_footage(video) as footage:
            picture = footage.at(pts_us)
            if picture is None or picture.pts_us != pts_us:
                raise PictureMissing(f"{gone}, and its video has no frame at {pts_us} µs any more.")
            rgb = picture.rgb()
    except (OSError, ValueError, MediaError) as error:
        raise PictureMissing(f"{gone}, and neither is its video {video.name}: {error}") from error
    if (rgb.shape[1], rgb.shape[0]) != size_px:
        raise PictureMissing(f"{gone}, and its video has another size now.")
    content = jpeg(rgb, quality=Keep().jpeg_quality)
    storage.put_bytes(key, content)
    return content
