"""A frame's picture, put where a trainer reads it."""

import os
import shutil
from pathlib import Path

from curation.backends import storage
from curation.services.export_pictures import remake_picture
from curation.services.stored_files import NoSuchFile, local_file
from evaluation.services.version_truth import Shot

END = b"\xff\xd9"


def put_picture(shot: Shot, video_sha256: str, target: Path) -> None:
    """Link or copy a frame's JPEG; one that is gone is made again from its video. Raises PictureMissing.

    A file without the end of a JPEG is copied, never linked: ultralytics mends such files in place, and the storage's
    own must stay as it is."""
    try:
        source = local_file(shot.image)
    except NoSuchFile:
        remake_picture(
            shot.image, video_sha256=video_sha256, pts_us=shot.pts_us, size_px=(shot.width_px, shot.height_px)
        )  # fmt: skip
        source = storage.local_path(shot.image)
    if _is_whole(source):
        try:
            os.link(source, target)
            return
        except OSError:  # another disk, or one that knows no links
            pass
    shutil.copyfile(source, target)


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-min(len(END), path.stat().st_size), os.SEEK_END)
        return file.read() == END
