"""YOLO as Ultralytics lays it out: data.yaml, images/<split>/…, labels/<split>/….txt.

A row is a class number and the box's centre and size in shares of the picture, with ten decimals; what is read is
rounded to 0.0001 px. So a corner of up to four decimals comes back exactly, any other within 0.0001 px, for pictures up
to 100,000 px wide. An empty label file says that nothing is there, a missing one that nobody looked.
https://docs.ultralytics.com/datasets/detect/"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from curation.core.formats.contract import Reading
from curation.core.formats.losses import note_lost
from curation.core.formats.names import as_file_name, flat, stem_of
from curation.core.formats.own_fields import KEY
from curation.core.formats.tree import Tree
from curation.core.formats.yolo_reading import class_files, read_yolo
from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.params import param

_NO_SPLIT = "unsplit"
_USUAL = ("train", "val", "test")
_LEAST_POINTS = 3


@dataclass(frozen=True)
class Yolo:
    """YOLO in the layout of Ultralytics; boxes within 0.0001 px. Tags, cameras, tracks and crowds have no place."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_pictures: ClassVar[bool] = True
    outlines: bool = param(False, help="Write rows of outlines (segments) instead of boxes.")

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        return bool(class_files(tree)) and bool(tree.pictures)

    def read(self, root: Path) -> Reading:
        return read_yolo(root)

    def picture_path(self, picture: LabelledPicture) -> str:
        return f"images/{_folder(picture.split)}/{flat(picture.name)}"

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        ids = {label: position for position, label in enumerate(classes)}
        splits: set[str] = set()
        said = {"split", "segmentation"} if self.outlines else {"split"}
        for picture in pictures:
            note_lost(picture, losses=losses, but=said)
            splits.add(picture.split)
            if picture.boxes is None:
                continue
            rows = [self._row(box, picture, ids=ids, losses=losses) for box in _sayable(picture.boxes, losses=losses)]
            path = stem_of(self.picture_path(picture)).replace("images/", "labels/", 1)
            yield f"{path}.txt", "".join(f"{row}\n" for row in rows).encode()
        yield "data.yaml", _data_yaml(ids, splits=splits)

    def _row(self, box: LabelledBox, picture: LabelledPicture, *, ids: dict[str, int], losses: Counter[str]) -> str:
        number = ids.setdefault(box.label, len(ids))
        width, height = picture.width_px, picture.height_px
        x1, x2 = (min(max(x, 0), width) / width for x in (box.x1, box.x2))
        y1, y2 = (min(max(y, 0), height) / height for y in (box.y1, box.y2))
        if min(box.x1, box.y1) < 0 or box.x2 > width or box.y2 > height:
            losses["corner of a box outside its picture (cut off at the edge)"] += 1
        if not self.outlines:
            return f"{number} {_shares((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)}"
        points = _outline(box.segmentation)
        if not points:
            if box.segmentation is not None:
                losses["outline of an object that is no single polygon (its box was written)"] += 1
            return f"{number} {_shares(x1, y1, x2, y1, x2, y2, x1, y2)}"
        shares = [min(max(n / (height if odd % 2 else width), 0), 1) for odd, n in enumerate(points)]
        return f"{number} {_shares(*shares)}"


def _sayable(boxes: Sequence[LabelledBox], *, losses: Counter[str]) -> Iterator[LabelledBox]:
    for box in boxes:
        if box.is_crowd:
            losses["crowd box (left out: as a box of one object it would mislead)"] += 1
        else:
            yield box


def _shares(*values: float) -> str:
    return " ".join(f"{value:.10f}".rstrip("0").rstrip(".") for value in values)


def _outline(segmentation: Any) -> list[float]:
    """Return the points of a segmentation that is one polygon; none for anything else."""
    if not isinstance(segmentation, list) or len(segmentation) != 1 or not isinstance(segmentation[0], list):
        return []
    points = segmentation[0]
    good = len(points) >= 2 * _LEAST_POINTS and len(points) % 2 == 0 and all(isinstance(n, int | float) for n in points)
    return [float(n) for n in points] if good else []


def _folder(split: str) -> str:
    return _NO_SPLIT if not split else as_file_name(split) if split != _NO_SPLIT else f"~75{_NO_SPLIT[1:]}"


def _data_yaml(ids: dict[str, int], *, splits: set[str]) -> bytes:
    """Name the folders and classes. Ultralytics needs `train` and `val`, so another split stands in for what is not
    there; what really belongs to which split is said under `winnow`."""
    folders = {split: f"images/{_folder(split)}" for split in sorted(splits)}
    first = next((folders[split] for split in (*_USUAL, "") if split in folders), "images/train")
    content: dict[str, Any] = {key: folders.get(key, first) for key in ("train", "val")}
    content |= {"test": folders["test"]} if "test" in folders else {}
    content["names"] = {number: label for label, number in ids.items()}
    content[KEY] = {"splits": folders}
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
