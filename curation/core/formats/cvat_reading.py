"""Reading CVAT's XML 1.1. Images come one by one; a video's tracks are gathered by frame."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from curation.core.formats import checks
from curation.core.formats.contract import FormatError, Reading, Skips
from curation.core.formats.cvat_shapes import Meta, read_meta, read_shape, read_tag
from curation.core.formats.names import clean_name
from curation.core.formats.opening import Labels, Names, Shelf, each_file_once, folder_of, open_tree
from curation.core.formats.own_fields import KEY, read_own_fields
from curation.core.formats.picture_size import picture_size
from curation.core.formats.text_files import Unreadable
from curation.core.formats.tree import Tree
from curation.core.formats.xml_files import walk_xml
from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.types import TagValue

OCCLUDED = "occluded"
_ROOT = re.compile(rb"<annotations[\s>]")
_MOST_FRAMES = 5_000_000
_EXPECTED = "CVAT's XML has the root <annotations> with <image> or <track> elements"
_ELEMENTS = {"meta", "image", "track", "tag"}


def annotation_files(tree: Tree, *, among: int | None = None) -> list[str]:
    """Return the XML files, or those among the first so many, that begin like CVAT's."""
    return [name for name in tree.named(".xml")[:among] if _ROOT.search(tree.head(name))]


def read_cvat(root: Path) -> Reading:
    """Read every CVAT file below a root. Raises FormatError if there is none."""
    skips = Skips()
    tree = open_tree(root, skips=skips)
    files = annotation_files(tree)
    for name in sorted(set(tree.named(".xml")) - set(files)):
        skips.add(name, "XML file whose root is not <annotations>")
    if not files:
        raise FormatError(f"There is no such file; {_EXPECTED}.")
    labels = Labels()
    return Reading(
        each_file_once(_pictures(tree, files, skips=skips, labels=labels), skips=skips), skips, labels.listed
    )


def _pictures(tree: Tree, files: list[str], *, skips: Skips, labels: Labels) -> Iterator[LabelledPicture]:
    names, shelf = Names(), Shelf(tree.pictures)
    for name in files:
        reader = _File(tree, name, skips=skips, names=names, shelf=shelf)
        try:
            for picture in reader.pictures():
                labels.add(reader.meta.classes)
                labels.add(box.label for box in picture.boxes or ())
                yield picture
        except Unreadable:
            skips.add(name, "end of a file that is not whole XML; what stands before was read")
        labels.add(reader.meta.classes)


@dataclass
class _Frame:
    boxes: list[LabelledBox] = field(default_factory=list)
    tags: dict[str, TagValue] = field(default_factory=dict)


class _File:
    """One file while it is read."""

    def __init__(self, tree: Tree, name: str, *, skips: Skips, names: Names, shelf: Shelf) -> None:
        self.tree, self.name, self.skips, self.names, self.shelf = tree, name, skips, names, shelf
        self.meta = Meta()
        self.frames: dict[int, _Frame] = defaultdict(_Frame)
        self.has_images = False

    def pictures(self) -> Iterator[LabelledPicture]:
        for position, element in enumerate(walk_xml(self.tree, self.name, wanted=_ELEMENTS)):
            if element.tag == "meta":
                self.meta = read_meta(element)
            elif element.tag == "image":
                self.has_images = True
                picture = self._image(element, what=f"{self.name} image {element.get('id', position)}")
                if picture is not None:
                    yield picture
            else:
                self._gather(element, what=f"{self.name} {element.tag} {element.get('id', position)}")
        if self.frames or (self.meta.is_video and not self.has_images):
            yield from self._video()

    def _image(self, element: Element, *, what: str) -> LabelledPicture | None:
        file_name = clean_name(element.get("name"))
        if not file_name:
            self.skips.add(f"{what} ({checks.shown(element.get('name'))})", "picture whose name is missing or not safe")
            return None
        own = read_own_fields(self._json(element, what=what), what=what, skips=self.skips)
        split = {"split": word} if (word := checks.word(element.get("subset"))) and word != "default" else {}
        own = {"boxes": [], **split, **own}
        files = self.shelf.find(file_name, near=folder_of(self.name), split=own.get("split", ""))
        if len(files) > 1:
            self.skips.add(f"{file_name}: {', '.join(files[:3])}", "picture that could be one of several files")
            return None
        size = [checks.side(checks.number_in(element.get(side))) for side in ("width", "height")]
        if None in size and files:
            size = list(picture_size(self.tree, files[0]) or size)
        if size[0] is None or size[1] is None:
            self.skips.add(what, "picture without a usable width and height")
            return None
        name = self.names.take(own.pop("name", "") or file_name)
        if not name:
            self.skips.add(f"{what} ({file_name})", "picture whose name is another's too")
            return None
        picture = LabelledPicture(name, size[0], size[1], picture_file=files[0] if files else "", **own)
        return self._filled(picture, element, what=what)

    def _filled(self, picture: LabelledPicture, image: Element, *, what: str) -> LabelledPicture:
        boxes, tags = [], dict(picture.tags)
        for at, shape in enumerate(image, start=1):
            if shape.tag == "tag":
                read = read_tag(shape, meta=self.meta, what=f"{what} tag", skips=self.skips)
                tags |= {factor: value for factor, value in read.items() if factor not in picture.tags}
            elif box := self._shape(shape, size=(picture.width_px, picture.height_px), what=f"{what} shape {at}"):
                boxes.append(box)
        return replace(picture, tags=tags, boxes=boxes if boxes or picture.boxes is not None else None)

    def _gather(self, element: Element, *, what: str) -> None:
        """Note the shapes of a track, and a tag of a video, at their frames."""
        if element.tag == "tag":
            number = checks.whole(checks.number_in(element.get("frame")))
            if number is None or number < 0:
                self.skips.add(what, "shape or tag without a frame number")
            else:
                self.frames[number].tags |= read_tag(element, meta=self.meta, what=what, skips=self.skips)
            return
        if self.meta.size == (0, 0):
            self.skips.add(
                what, "track in a file that does not say its video's original_size", count=max(1, len(element))
            )
            return
        track = checks.whole(checks.number_in(element.get("id")))
        for shape in element:
            number = checks.whole(checks.number_in(shape.get("frame")))
            if number is None or number < 0:
                self.skips.add(what, "shape or tag without a frame number")
            elif shape.get("outside") != "1":
                shape.set("label", element.get("label", ""))
                box = self._shape(shape, size=self.meta.size, what=f"{what} frame {number}")
                if box is not None:
                    self.frames[number].boxes.append(replace(box, track_id=track))

    def _shape(self, shape: Element, *, size: tuple[int, int], what: str) -> LabelledBox | None:
        own = self._json(shape, what=what)
        return read_shape(shape, meta=self.meta, size=size, own=own, what=what, skips=self.skips)

    def _video(self) -> Iterator[LabelledPicture]:
        """Yield every frame of the task, also those that show nothing: they are labelled too."""
        meta = self.meta
        if meta.size == (0, 0):
            return
        numbers: Mapping[int, Any] | range = self.frames
        if meta.frames and len(meta.frames) <= _MOST_FRAMES:
            numbers = meta.frames
            for number in sorted(self.frames.keys() - set(numbers)):
                count = len(self.frames[number].boxes)
                self.skips.add(f"{self.name} frame {number}", "box of a frame that is not there", count=max(1, count))
        videos = Shelf(self.tree.videos).find(meta.source) if clean_name(meta.source) else []
        for number in sorted(numbers):
            frame = self.frames.get(number, _Frame())
            files = self._frame_files(number)
            name = self.names.take(files[0] if files else f"{meta.source or 'video'}/frame_{number:06d}.jpg")
            if not name:
                self.skips.add(f"{self.name} frame {number}", "picture whose name is another's too")
                continue
            yield LabelledPicture(
                name, *meta.size, boxes=frame.boxes, tags=frame.tags, sequence=meta.source or "video",
                frame_index=number, picture_file=files[0] if files else "",
                video_file=videos[0] if len(videos) == 1 else "",
            )  # fmt: skip

    def _frame_files(self, number: int) -> list[str]:
        """Return the picture of a frame, as CVAT names it when it saves pictures too."""
        found = (
            self.shelf.find(f"frame_{number:06d}{ending}", near=folder_of(self.name))
            for ending in (".PNG", ".png", ".jpg")
        )
        return next((files for files in found if len(files) == 1), [])

    def _json(self, element: Element, *, what: str) -> object:
        text = element.get(KEY)
        try:
            return None if not text else json.loads(text)
        except (ValueError, RecursionError):
            self.skips.add(what, "field of Winnow's own that is not valid")
            return None
