"""MOT Challenge: <sequence>/seqinfo.ini, gt/gt.txt, img1/000001.jpg. https://motchallenge.net/instructions/

A row is frame, track, left, top, width, height, flag, class, visibility. Frames, pixels and classes count from 1, so a
left of 1 is x1 = 0. Flag 0 says not to consider a box: the attribute `ignored`. A visibility of 1 is left out. All
frames of a sequence count as labelled."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import ClassVar

from curation.core.formats.checks import number
from curation.core.formats.coco import extent
from curation.core.formats.contract import Reading
from curation.core.formats.losses import note_lost
from curation.core.formats.mot_reading import FRAME_OFFSET, IGNORED, VISIBILITY, read_mot, truth_files
from curation.core.formats.names import as_file_name
from curation.core.formats.opening import split_in
from curation.core.formats.text_files import shortest
from curation.core.formats.tree import Tree, suffix
from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.params import param


@dataclass
class _Sequence:
    """A sequence while it is written."""

    name: str
    width_px: int
    height_px: int
    ending: str
    rows: list[tuple[int, str]] = field(default_factory=list)
    frames: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Mot:
    """MOT Challenge: boxes with tracks, for frames of videos alone. A frame is known by its number, not by its name."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_pictures: ClassVar[bool] = True
    fps: float = param(30.0, help="Frame rate to write into seqinfo.ini.", unit="1/s", minimum=0.001, maximum=1000)

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        return bool(truth_files(tree))

    def read(self, root: Path) -> Reading:
        return read_mot(root)

    def picture_path(self, picture: LabelledPicture) -> str:
        if not picture.sequence or picture.frame_index is None or picture.boxes is None:
            return ""
        number = picture.frame_index + FRAME_OFFSET
        return f"{_folder(picture)}/img1/{number:06d}{suffix(picture.name) or '.jpg'}"

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        ids = {label: position for position, label in enumerate(classes, start=1)}
        sequences: dict[str, _Sequence] = {}
        for picture in pictures:
            if not self.picture_path(picture):
                losses["picture that is no labelled frame of a video (left out)"] += 1
                continue
            folder = _folder(picture)
            sequence = sequences.setdefault(
                folder,
                _Sequence(picture.sequence, picture.width_px, picture.height_px, suffix(picture.name) or ".jpg"),
            )
            self._add(picture, sequence=sequence, ids=ids, losses=losses)
        for folder, sequence in sorted(sequences.items()):
            yield f"{folder}/seqinfo.ini", self._info(sequence)
            yield f"{folder}/gt/gt.txt", "".join(row for _, row in sorted(sequence.rows, key=itemgetter(0))).encode()
            yield f"{folder}/gt/labels.txt", "".join(f"{label}\n" for label in ids).encode()

    def _add(self, picture: LabelledPicture, *, sequence: _Sequence, ids: dict[str, int], losses: Counter[str]) -> None:
        index = picture.frame_index or 0
        if index in sequence.frames:
            losses["picture of a frame that another shows too (left out)"] += 1
            return
        if (picture.width_px, picture.height_px) != (sequence.width_px, sequence.height_px):
            losses["size of a picture that is not its sequence's"] += 1
        sequence.frames.add(index)
        note_lost(picture, losses=losses, but={"split", "sequence", "track_id", "attributes"})
        if split_in(f"{picture.split}/x") != picture.split:
            losses["split of a picture that is not train, val or test"] += 1
        for box in picture.boxes or ():
            sequence.rows.append((index, _row(box, index=index, ids=ids, losses=losses)))

    def _info(self, sequence: _Sequence) -> bytes:
        said = {
            "name": " ".join(sequence.name.split()),
            "imDir": "img1",
            "frameRate": shortest(self.fps),
            "seqLength": max(sequence.frames) + 1,
            "imWidth": sequence.width_px,
            "imHeight": sequence.height_px,
            "imExt": sequence.ending,
        }
        return ("[Sequence]\n" + "".join(f"{key}={value}\n" for key, value in said.items())).encode()


def _folder(picture: LabelledPicture) -> str:
    name = as_file_name(picture.sequence)
    return f"{as_file_name(picture.split)}/{name}" if picture.split else name


def _row(box: LabelledBox, *, index: int, ids: dict[str, int], losses: Counter[str]) -> str:
    seen = number(box.attributes.get(VISIBILITY))
    if box.is_crowd:
        losses["that a box holds a crowd"] += 1
    if box.attributes.keys() - {VISIBILITY, IGNORED}:
        losses["attributes of a box"] += 1
    values = (
        index + FRAME_OFFSET,
        -1 if box.track_id is None else box.track_id,
        *(format(Decimal(repr(corner)) + 1, "f").removesuffix(".0") for corner in (box.x1, box.y1)),
        *(shortest(extent(*ends)) for ends in ((box.x1, box.x2), (box.y1, box.y2))),
        int(box.attributes.get(IGNORED) is not True),
        ids.setdefault(box.label, len(ids) + 1),
        1 if seen is None else shortest(seen),
    )
    return ",".join(map(str, values)) + "\n"
