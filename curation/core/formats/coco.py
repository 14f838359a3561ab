"""COCO instances: one JSON file a split, boxes `xywh` in pixels. https://cocodataset.org/#format-data"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from typing_extensions import TypeIs

from curation.core.formats.coco_boxes import ATTRIBUTE
from curation.core.formats.coco_reading import INFO, read_coco
from curation.core.formats.contract import Reading
from curation.core.formats.names import as_file_name, flat
from curation.core.formats.own_fields import KEY, own_fields
from curation.core.formats.text_files import shortest, to_json
from curation.core.formats.tree import LOOKED_AT, Tree
from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.params import param

_DIGITS = 17


@dataclass(frozen=True)
class Coco:
    """COCO instances JSON, one file a split; says everything, tags and cameras in fields that other tools ignore."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_pictures: ClassVar[bool] = True
    one_file: bool = param(False, help="Write one file for all splits instead of one for each.")

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        heads = (tree.head(name, 65536).lstrip(b"\xef\xbb\xbf \r\n\t") for name in tree.named(".json")[:LOOKED_AT])
        return any(h.startswith(b"{") and (b'"annotations"' in h or b'"images"' in h) for h in heads)

    def read(self, root: Path) -> Reading:
        return read_coco(root)

    def picture_path(self, picture: LabelledPicture) -> str:
        return f"images/{flat(picture.name)}"

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        ids = {label: position for position, label in enumerate(classes, start=1)}
        by_split: dict[str, list[LabelledPicture]] = defaultdict(list)
        for picture in pictures:
            by_split["" if self.one_file else picture.split].append(picture)
            for box in picture.boxes or ():
                ids.setdefault(box.label, len(ids) + 1)
        for split, members in sorted(by_split.items()) or [("", [])]:
            yield f"annotations/{_file_name(split)}", to_json(_document(members, ids=ids))


def _file_name(split: str) -> str:
    return f"instances_{as_file_name(split)}.json" if split else "instances.json"


def _document(pictures: Sequence[LabelledPicture], *, ids: Mapping[str, int]) -> dict[str, Any]:
    kept = [_kept(picture) for picture in pictures]
    licences, infos = _Licences(), [said["info"] for said in kept if "info" in said]
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for picture, said, image_id in zip(pictures, kept, _image_ids(kept), strict=True):
        foreign = {k: v for k, v in said.items() if k not in ("info", "id", "license")}
        image = {"id": image_id, "file_name": flat(picture.name), "width": picture.width_px}
        own = own_fields(picture, spoken="coco") | ({"id": image_id} if said.get("id") == image_id else {})
        image |= {"height": picture.height_px, **foreign, **licences.of(said), KEY: own}
        images.append(image)
        for box in picture.boxes or ():
            annotations.append({"id": len(annotations) + 1, "image_id": image_id, **_annotation(box, ids=ids)})
    return {
        "info": infos[0] if infos and all(said == infos[0] for said in infos) else INFO,
        "licenses": sorted(licences.listed, key=lambda licence: licence["id"]),
        "images": images,
        "annotations": annotations,
        "categories": [{"id": number, "name": label, "supercategory": ""} for label, number in ids.items()],
    }


def _kept(picture: LabelledPicture) -> Mapping[str, Any]:
    said = picture.extra.get("coco")
    return said if isinstance(said, Mapping) else {}


def _image_ids(kept: Sequence[Mapping[str, Any]]) -> Iterator[int]:
    """Yield the ids that the pictures came with, and free ones for the rest."""
    wishes = Counter(said["id"] for said in kept if _is_id(said.get("id")))
    free = (number for number in range(1, 2 * len(kept) + 2) if number not in wishes)
    for said in kept:
        wish = said.get("id")
        yield wish if _is_id(wish) and wishes[wish] == 1 else next(free)


def _is_id(value: object) -> TypeIs[int]:
    return isinstance(value, int) and not isinstance(value, bool)


class _Licences:
    """The licences of a file; each picture brings its own whole, so that it is never another's by its number."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    def of(self, said: Mapping[str, Any]) -> dict[str, int]:
        licence = said.get("license")
        if not isinstance(licence, Mapping):
            return {}
        named = {key: value for key, value in licence.items() if key != "id"}
        text = json.dumps(named, sort_keys=True)
        if text not in self._numbers:
            taken, wish = set(self._numbers.values()), licence.get("id")
            self._numbers[text] = wish if _is_id(wish) and wish not in taken else max(taken, default=0) + 1
            self.listed.append({"id": self._numbers[text], **named})
        return {"license": self._numbers[text]}


def _annotation(box: LabelledBox, *, ids: Mapping[str, int]) -> dict[str, Any]:
    width, height = extent(box.x1, box.x2), extent(box.y1, box.y2)
    said: dict[str, Any] = {
        "category_id": ids[box.label],
        "bbox": [shortest(side) for side in (box.x1, box.y1, width, height)],
        "area": shortest(width * height if box.area_px2 is None else box.area_px2),
        "iscrowd": int(box.is_crowd),
        "segmentation": [] if box.segmentation is None else box.segmentation,
    }
    if box.track_id is not None:
        said["track_id"] = box.track_id
    foreign = {k.removeprefix(ATTRIBUTE): v for k, v in box.attributes.items() if k.startswith(ATTRIBUTE)}
    if own := {k: v for k, v in box.attributes.items() if not k.startswith(ATTRIBUTE)}:
        said["attributes"] = own
    if (box.x1 + width, box.y1 + height) != (box.x2, box.y2):
        said[KEY] = {"x2": box.x2, "y2": box.y2}  # no float is the exact width of this box
    return {**foreign, **said}


def extent(start: float, end: float) -> float:
    """Return the width with the fewest digits that leads from start to end exactly; the nearest one if none does.

    extent(61.87, 358.29) -> 296.42, where 358.29 - 61.87 is 296.42000000000002."""
    width = end - start
    return next((w for digits in range(_DIGITS) if start + (w := round(width, digits)) == end), width)
