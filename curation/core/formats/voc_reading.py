"""Reading Pascal VOC: XML files, the pictures beside them, and the lists of splits."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element

from curation.core.formats import checks
from curation.core.formats.contract import FormatError, Reading, Skips
from curation.core.formats.names import clean_name, from_file_name, stem_of, unflat
from curation.core.formats.opening import Labels, Names, Shelf, each_file_once, folder_of, open_tree, split_in
from curation.core.formats.own_fields import KEY, read_own_box_fields, read_own_fields
from curation.core.formats.picture_size import picture_size
from curation.core.formats.text_files import Unreadable, read_text
from curation.core.formats.tree import Tree
from curation.core.formats.xml_files import number_of, read_xml, text_of
from curation.core.labels import LabelledBox, LabelledPicture

FLAGS = ("truncated", "difficult", "occluded")
POSE = "pose"
LISTS = "ImageSets/Main"
_NO_POSE = ("", "Unspecified", "Unknown")
_ROOT = re.compile(rb"<annotation[\s>]")
_MASKS = {"SegmentationClass", "SegmentationObject"}
LISTS_OF_ONE_CLASS = ("_train", "_val", "_trainval", "_test")
NO_SPLITS = ("trainval", "default")
_EXPECTED = "Pascal VOC has one XML file a picture, whose root is <annotation>"


def annotation_files(tree: Tree, *, among: int | None = None) -> list[str]:
    """Return the XML files, or those among the first so many, that begin like Pascal VOC's."""
    return [name for name in tree.named(".xml")[:among] if _ROOT.search(tree.head(name))]


def read_voc(root: Path) -> Reading:
    """Read every XML file below a root, and the pictures that have none. Raises FormatError if there is no XML file
    of this kind."""
    skips = Skips()
    tree = open_tree(root, skips=skips)
    if not any(_ROOT.search(tree.head(name)) for name in tree.named(".xml")) and not any(map(_is_list, tree.names)):
        raise FormatError(f"There is no such file; {_EXPECTED}.")
    labels = Labels()
    return Reading(each_file_once(_Voc(tree, skips=skips, labels=labels).pictures(), skips=skips), skips, labels.listed)


class _Voc:
    """A dataset while it is read."""

    def __init__(self, tree: Tree, *, skips: Skips, labels: Labels) -> None:
        self.tree, self.skips, self.labels = tree, skips, labels
        files = tuple(file for file in tree.pictures if not _MASKS & set(PurePosixPath(file).parts))
        self.files = files
        self.shelf, self.names = Shelf(files), Names()
        self.by_stem: dict[str, list[str]] = {}
        for file in files:
            self.by_stem.setdefault(PurePosixPath(stem_of(file)).name, []).append(file)
        self.splits = self._splits()
        self.is_ours = False

    def pictures(self) -> Iterator[LabelledPicture]:
        used: set[str] = set()
        for name in self.tree.named(".xml"):
            try:
                root = read_xml(self.tree, name)
            except Unreadable as error:
                self.skips.add(name, str(error))
                continue
            if root.tag != "annotation":
                self.skips.add(name, "XML file whose root is not <annotation>")
                continue
            picture = self._picture(root, xml=name)
            if picture is not None:
                used.add(picture.picture_file)
                yield picture
        for file in self.files:
            if file not in used:
                yield from self._unlabelled(file)

    def _splits(self) -> Mapping[str, str]:
        """Return the split of each stem that a list under ImageSets/Main names."""
        found: dict[str, str] = {}
        for name in self.tree.named(".txt"):
            stem = PurePosixPath(name).stem
            # "person_train.txt" says which pictures show people.
            if not _is_list(name) or stem in NO_SPLITS or stem.endswith(LISTS_OF_ONE_CLASS):
                continue
            split = from_file_name(stem)
            try:
                lines = read_text(self.tree, name).split("\n")
            except Unreadable as error:
                self.skips.add(name, str(error))
                continue
            # Only what ends lines and pads columns goes: a name may hold any other blank.
            for stem in filter(None, (line.strip(" \t\r") for line in lines)):
                if found.setdefault(stem, split) != split:
                    self.skips.add(f"{name}: {stem:.200}", "picture that two splits name; the first was taken")
        return found

    def _file(self, stem: str, file_name: str, *, xml: str) -> str | None:
        """Return the picture of an XML file: of its stem, as VOC has it, else the one it names. None if unclear."""
        folder = folder_of(xml)
        for found in (self.by_stem.get(stem, []), self.shelf.find(file_name, near=folder) if file_name else []):
            near = [file for file in found if folder_of(folder_of(file)) == folder_of(folder)] if found[1:] else found
            if near or found:
                return near[0] if len(near) == 1 else None
        return ""

    def _picture(self, root: Element, *, xml: str) -> LabelledPicture | None:
        stem, file_name = PurePosixPath(xml).stem, clean_name(text_of(root, "filename"))
        file = self._file(stem, file_name, xml=xml)
        if file is None:
            self.skips.add(xml, "picture that could be one of several files")
            return None
        width, height = (checks.side(number_of(root, f"size/{side}")) for side in ("width", "height"))
        if (width is None or height is None) and file:
            width, height = picture_size(self.tree, file) or (None, None)
        if width is None or height is None:
            self.skips.add(xml, "picture without a usable width and height")
            return None
        own = read_own_fields(self._json(root, what=xml), what=xml, skips=self.skips)
        self.is_ours = self.is_ours or bool(own)
        short = _short(file) or file_name or f"{stem}.jpg"
        name = self.names.take(own.pop("name", "") or short, file or f"{folder_of(xml)}/{stem}.jpg")
        if not name:
            self.skips.add(xml, "picture whose name is another's too")
            return None
        own = {"split": self.splits.get(stem) or split_in(folder_of(xml) + "/x"), **own, "boxes": []}
        picture = LabelledPicture(name, width, height, picture_file=file, **own)
        boxes = [self._box(said, at=at, picture=picture, xml=xml) for at, said in enumerate(root.iterfind("object"), 1)]
        return replace(picture, boxes=[box for box in boxes if box])

    def _unlabelled(self, file: str) -> Iterator[LabelledPicture]:
        size, stem = picture_size(self.tree, file), PurePosixPath(stem_of(file)).name
        if size is None:
            self.skips.add(file, "picture that cannot be read")
            return
        short = _short(file)
        name = self.names.take(unflat(short) if self.is_ours else short, file)
        if not name:
            self.skips.add(file, "picture whose name is another's too")
            return
        split = self.splits.get(stem) or split_in(folder_of(file) + "/x")
        yield LabelledPicture(name, *size, split=split, picture_file=file)

    def _box(self, said: Element, *, at: int, picture: LabelledPicture, xml: str) -> LabelledBox | None:
        what, label = f"{xml} object {at}", checks.label(text_of(said, "name"))
        if not label:
            self.skips.add(what, checks.NO_LABEL)
            return None
        if said.find("part") is not None:
            self.skips.add(what, "part of an object; the object was read")
        near = [_minus_one(text_of(said, f"bndbox/{tag}")) for tag in ("xmin", "ymin")]
        far = [number_of(said, f"bndbox/{tag}") for tag in ("xmax", "ymax")]
        found = checks.usable([*near, *far], width_px=picture.width_px, height_px=picture.height_px)
        if isinstance(found, str):
            self.skips.add(what, found)
            return None
        own = read_own_box_fields(self._json(said, what=what), what=what, skips=self.skips)
        attributes: dict[str, Any] = {flag: True for flag in FLAGS if text_of(said, flag).lower() in ("1", "true")}
        pose = text_of(said, POSE)
        if pose not in _NO_POSE and checks.word(pose):
            attributes[POSE] = pose
        own["attributes"] = {**attributes, **own.get("attributes", {})}
        self.labels.add([label])
        return LabelledBox(label, *found, **own)

    def _json(self, element: Element, *, what: str) -> object:
        text = text_of(element, KEY)
        if not text:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            self.skips.add(what, "field of Winnow's own that is not valid")
            return None


def _is_list(name: str) -> bool:
    return f"/{folder_of(name)}".endswith(f"/{LISTS}") and name.endswith(".txt")


def _short(file: str) -> str:
    """Return a picture's name within its folder of pictures."""
    _, found, tail = f"/{file}".rpartition("/JPEGImages/")
    return tail if found else file


def _minus_one(text: str) -> float | None:
    """Return a coordinate counted from 0. Exact: as floats, 1.1 - 1 is not 0.1."""
    return None if checks.number_in(text or None) is None else float(Decimal(text) - 1)
