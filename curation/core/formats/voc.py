"""Pascal VOC: Annotations/….xml, JPEGImages/…, ImageSets/Main/<split>.txt (all pictures: default.txt). http://host.robots.ox.ac.uk/pascal/VOC/

Pixels count from 1 and belong to the box at both ends, so (xmin, ymin, xmax, ymax) is (x1 + 1, y1 + 1, x2, y2). A
picture without an XML file is one that nobody labelled. `truncated`, `difficult` and `occluded` are attributes of a
box; where one is 0 it is left out. What VOC has no word for stands as JSON in `winnow` elements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import Element

from curation.core.formats.contract import Reading
from curation.core.formats.losses import note_lost
from curation.core.formats.names import as_file_name, flat, stem_of
from curation.core.formats.own_fields import KEY, own_box_fields, own_fields
from curation.core.formats.text_files import shortest, to_json
from curation.core.formats.tree import LOOKED_AT, Tree
from curation.core.formats.voc_reading import (
    FLAGS,
    LISTS,
    LISTS_OF_ONE_CLASS,
    NO_SPLITS,
    POSE,
    annotation_files,
    read_voc,
)  # fmt: skip
from curation.core.formats.xml_files import add, to_xml
from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.params import param

_UNKNOWN_POSE = "Unspecified"


@dataclass(frozen=True)
class Voc:
    """Pascal VOC XML, one file a picture, pixels counted from 1; tags and the like go into `winnow` elements."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_pictures: ClassVar[bool] = True
    whole_pixels: bool = param(False, help="Round corners to whole pixels, for readers that cannot do fractions.")

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        return bool(annotation_files(tree, among=LOOKED_AT))

    def read(self, root: Path) -> Reading:
        return read_voc(root)

    def picture_path(self, picture: LabelledPicture) -> str:
        return f"JPEGImages/{flat(picture.name)}"

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        splits: dict[str, list[str]] = defaultdict(list)
        stems: list[str] = []
        for picture in pictures:
            stem = stem_of(flat(picture.name))
            stems.append(stem)
            if picture.split:
                splits[picture.split].append(stem)
            if picture.boxes is None:
                note_lost(picture, losses=losses, but={"split"})
            else:
                yield f"Annotations/{stem}.xml", self._xml(picture, losses=losses)
        lists = {"default": stems, **{_list_name(split): splits[split] for split in sorted(splits)}}
        for name, members in lists.items():
            yield f"{LISTS}/{name}.txt", "".join(f"{stem}\n" for stem in members).encode()

    def _xml(self, picture: LabelledPicture, *, losses: Counter[str]) -> bytes:
        root = Element("annotation")
        add(root, "folder", "JPEGImages")
        add(root, "filename", flat(picture.name))
        add(add(root, "source"), "database", "Winnow")
        size = add(root, "size")
        for tag, value in (("width", picture.width_px), ("height", picture.height_px), ("depth", 3)):
            add(size, tag, str(value))
        add(root, "segmented", "0")
        add(root, KEY, to_json(own_fields(picture)).decode())
        for box in picture.boxes or ():
            self._object(root, box, losses=losses)
        return to_xml(root)

    def _object(self, root: Element, box: LabelledBox, *, losses: Counter[str]) -> None:
        said, pose = add(root, "object"), box.attributes.get(POSE)
        add(said, "name", box.label)
        add(said, "pose", pose if isinstance(pose, str) and pose else _UNKNOWN_POSE)
        for flag in FLAGS:
            add(said, flag, str(int(box.attributes.get(flag) is True)))
        within = add(said, "bndbox")
        for tag, corner in zip(("xmin", "ymin", "xmax", "ymax"), self._corners(box, losses=losses), strict=True):
            add(within, tag, corner)
        own = own_box_fields(box, but={"attributes"})
        known = {flag for flag in FLAGS if box.attributes.get(flag) is True}
        known |= {POSE} if isinstance(pose, str) and pose else set()
        if rest := {key: value for key, value in box.attributes.items() if key not in known}:
            own["attributes"] = rest
        if own:
            add(said, KEY, to_json(own).decode())

    def _corners(self, box: LabelledBox, *, losses: Counter[str]) -> tuple[str, str, str, str]:
        if not self.whole_pixels:
            return _from_one(box.x1), _from_one(box.y1), str(shortest(box.x2)), str(shortest(box.y2))
        x1, y1, x2, y2 = (round(corner) for corner in (box.x1, box.y1, box.x2, box.y2))
        if (x1, y1, x2, y2) != (box.x1, box.y1, box.x2, box.y2):
            losses["fraction of a pixel"] += 1
        return str(x1 + 1), str(y1 + 1), str(max(x2, x1 + 1)), str(max(y2, y1 + 1))


def _list_name(split: str) -> str:
    """Name a split's list such that it is not taken for one that means something else."""
    name = as_file_name(split)
    name = f"~{ord(name[0]):02x}{name[1:]}" if name in NO_SPLITS else name
    return name.replace("_", "~5f") if name.endswith(LISTS_OF_ONE_CLASS) else name


def _from_one(corner: float) -> str:
    """Write a corner counted from 1; as a decimal, since 0.1 + 1 - 1 is not 0.1 for floats."""
    moved = Decimal(repr(corner)) + 1
    return str(int(moved)) if moved == int(moved) else format(moved, "f")
