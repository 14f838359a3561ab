"""Pictures on their way in: read, recognised if they are known, else decoded, looked at and stored."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from curation.backends import storage
from curation.backends.stills.decoder import StillDecoder, StillPicture
from curation.backends.stills.limits import StillLimits
from curation.core.errors import IngestError, MediaError
from curation.core.labels import LabelledPicture
from curation.core.naming import camera_from_path
from curation.core.types import Image
from curation.models import Camera
from curation.services.export_names import read_name, read_sequence
from curation.services.import_known import Known, find_known
from curation.services.import_looks import Look, Looker, zoned
from curation.services.import_report import Tally
from curation.services.import_request import ImportRequest
from curation.services.import_source import Source
from curation.services.ingest import camera_name

JPEG_QUALITY = 95
"""Of pictures that are coded anew: higher than for frames of videos, since it comes on top of another loss."""
MOST_BYTES = 256 << 20
"""Of decoded pixels that are in memory together, whatever a batch claims to be."""
ANOTHER_SIZE = "picture of another size than its annotations were made for"
_NO_CAMERA = "picture whose camera has no usable name"


@dataclass(frozen=True)
class Arrived:
    """A picture that can be written down. frame_id says which frame it is, where it is known; the rest is of new ones.

    Its JPEG is in the storage, under `image`. sha256 is that of the file as it came; video_id and pts_us are set for
    frames of videos."""

    picture: LabelledPicture
    frame_id: int | None = None
    camera_id: int = 0
    image: str = ""
    sha256: str | None = None
    video_id: int | None = None
    pts_us: int | None = None
    look: Look | None = None


class PictureTaker:
    """Takes pictures in, batch by batch. Use it as a context manager: it holds the decoder's child process."""

    def __init__(self, request: ImportRequest, source: Source, looker: Looker, tally: Tally) -> None:
        self.request, self.source, self.looker, self.tally = request, source, looker, tally
        self._cameras: dict[str, Camera] = {}
        self._limits = StillLimits()
        self._decoder = StillDecoder(self._limits)

    def __enter__(self) -> "PictureTaker":
        return self

    def __exit__(self, *_: object) -> None:
        self._decoder.close()

    def take(self, pictures: Sequence[LabelledPicture]) -> list[Arrived]:
        """Take a batch; what cannot be taken is noted in the tally with the reason. Nothing is written down yet."""
        contents = self._read(pictures)
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        known = find_known(pictures, digests)
        arrived: list[Arrived] = []
        fresh: list[tuple[int, StillPicture, Look]] = []
        for picture in pictures:
            if sum(still.pixels.size for _, still, _ in fresh) > MOST_BYTES:
                self._embed(arrived, fresh)
            if picture.name in known:
                arrived += self._recognised(picture, known[picture.name])
            elif picture.name in contents:
                try:
                    one, still = self._new(picture, contents.pop(picture.name), digests[picture.name])
                except (MediaError, IngestError) as error:
                    self.tally.skip(picture.name, _why(error))
                    continue
                assert one.look is not None
                fresh.append((len(arrived), still, one.look))
                arrived.append(one)
            elif not picture.picture_file:
                self.tally.skip(picture.name, "picture that is not there, and no frame is called so")
        self._embed(arrived, fresh)
        return arrived

    def _embed(self, arrived: list[Arrived], fresh: list[tuple[int, StillPicture, Look]]) -> None:
        """Add the vectors of pictures that have been decoded, and let those go."""
        looks = self.looker.embed([look for _, _, look in fresh], [still for _, still, _ in fresh])
        for (position, _, _), look in zip(fresh, looks, strict=True):
            arrived[position] = replace(arrived[position], look=look)
        fresh.clear()

    def camera_of(self, picture: LabelledPicture) -> Camera:
        """Return the camera of a picture: its own word, then its path's, then the import's. Raises IngestError."""
        said = picture.camera
        if not said and self.request.camera_from_path:
            said = camera_from_path(self.request.camera_from_path, Path(picture.picture_file or picture.name))
        if not said and (named := read_name(picture.name)) is not None:
            said = named.camera
        if not said and (sequence := read_sequence(picture.sequence)) is not None:
            said = sequence[0]
        name = camera_name(said or self.request.camera or self.request.title)
        if name not in self._cameras:
            self._cameras[name], _ = Camera.objects.get_or_create(name=name)
        return self._cameras[name]

    def _read(self, pictures: Sequence[LabelledPicture]) -> dict[str, bytes]:
        contents: dict[str, bytes] = {}
        for picture in pictures:
            if not picture.picture_file:
                continue
            try:
                contents[picture.name] = self.source.content(
                    picture.picture_file, most_bytes=self._limits.file_bytes
                )  # fmt: skip
            except MediaError as error:
                self.tally.skip(picture.name, _why(error))
        return contents

    def _recognised(self, picture: LabelledPicture, known: Known) -> list[Arrived]:
        if picture.boxes and (picture.width_px, picture.height_px) != (known.width_px, known.height_px):
            self.tally.skip(picture.name, ANOTHER_SIZE)
            return []
        return [Arrived(picture, known.frame_id)]

    def _new(self, picture: LabelledPicture, content: bytes, sha256: str) -> tuple[Arrived, StillPicture]:
        camera = self.camera_of(picture)
        still = self._decoder.decode(content)
        height_px, width_px = still.pixels.shape[:2]
        if picture.boxes and (picture.width_px, picture.height_px) != (width_px, height_px):
            raise MediaError("another_size", "")
        moment = picture.recorded_at or zoned(still.taken_at, camera)
        look = self.looker.look(still, camera=camera, recorded_at=moment)
        # By content, not by place: a try that broke off leaves nothing that the next one would not write again.
        image = f"frames/{camera.name}/pictures/{sha256[:2]}/{sha256}.jpg"
        storage.put_bytes(image, content if still.is_plain_jpeg else jpeg(still.pixels, quality=JPEG_QUALITY))
        return Arrived(picture, None, camera.pk, image, sha256, look=look), still


def jpeg(rgb: Image, *, quality: int) -> bytes:
    """Code (H, W, 3) RGB as JPEG."""
    ok, coded = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise MediaError("too_large", f"A picture of shape {rgb.shape} cannot be coded as JPEG.")
    return coded.tobytes()


REASONS: Mapping[str, str] = {
    "empty": "picture file of 0 bytes",
    "no_picture": "file that is no picture of a known kind",
    "damaged": "damaged picture",
    "too_large": "picture that is too large",
    "too_much_memory": "picture whose decoding takes more memory than allowed",
    "time_out": "picture whose decoding takes longer than allowed",
    "crashed": "picture on which the decoder broke down",
    "unreadable": "picture file that cannot be read",
    "another_size": ANOTHER_SIZE,
}
"""Few fixed sentences, so that skips can be counted."""


def _why(error: MediaError | IngestError) -> str:
    return REASONS.get(error.code, str(error)) if isinstance(error, MediaError) else _NO_CAMERA
