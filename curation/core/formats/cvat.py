"""CVAT's XML 1.1, as it dumps tasks of images and of videos. https://docs.cvat.ai/docs/manual/advanced/xml_format/

Tags are <tag> elements: the label is the factor, its attribute `value` the value. What CVAT has no word for stands as
JSON in `winnow` attributes, which CVAT ignores."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from xml.etree.ElementTree import Element, indent, tostring

from curation.core.formats.contract import Reading
from curation.core.formats.cvat_reading import OCCLUDED, annotation_files, read_cvat
from curation.core.formats.names import flat
from curation.core.formats.own_fields import KEY, own_box_fields, own_fields
from curation.core.formats.text_files import shortest, to_json
from curation.core.formats.tree import LOOKED_AT, Tree
from curation.core.formats.xml_files import add
from curation.core.labels import LabelledBox, LabelledPicture

_HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n'
_TAIL = b"</annotations>\n"


@dataclass(frozen=True)
class Cvat:
    """CVAT XML 1.1: reads dumps of images and of videos, writes images; tags are its `tag` elements."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_pictures: ClassVar[bool] = True

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        return bool(annotation_files(tree, among=LOOKED_AT))

    def read(self, root: Path) -> Reading:
        return read_cvat(root)

    def picture_path(self, picture: LabelledPicture) -> str:
        return f"images/{flat(picture.name)}"

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        attributes: dict[str, dict[str, str]] = {label: {} for label in classes}
        factors: dict[str, str] = {}
        images: list[bytes] = []
        for number, picture in enumerate(pictures):
            image = _image(picture, number=number)
            indent(image, level=1)
            images.append(b"  " + tostring(image, encoding="utf-8").rstrip() + b"\n")
            factors |= {factor: _kind(value) for factor, value in picture.tags.items()}
            for box in picture.boxes or ():
                known = attributes.setdefault(box.label, {})
                known |= {name: _kind(value) for name, value in box.attributes.items() if name != OCCLUDED}
        meta = _meta(attributes, factors, size=len(images))
        indent(meta, level=1)
        yield (
            "annotations.xml",
            b"".join(
                (
                    _HEAD,
                    b"  <version>1.1</version>\n  ",
                    tostring(meta, encoding="utf-8").rstrip(),
                    b"\n",
                    *images,
                    _TAIL,
                )
            ),
        )


def _image(picture: LabelledPicture, *, number: int) -> Element:
    own = to_json(own_fields(picture)).decode()
    sides = {"width": str(picture.width_px), "height": str(picture.height_px)}
    subset = {"subset": picture.split} if picture.split else {}
    image = add(Element("top"), "image", id=str(number), name=flat(picture.name), **subset, **sides, **{KEY: own})
    for factor, value in picture.tags.items():
        tag = add(image, "tag", label=factor, source="manual")
        add(tag, "attribute", _text(value), name="value")
    for box in picture.boxes or ():
        _box(image, box)
    return image


def _box(image: Element, box: LabelledBox) -> None:
    corners = zip(("xtl", "ytl", "xbr", "ybr"), (box.x1, box.y1, box.x2, box.y2), strict=True)
    own = own_box_fields(box)
    said = add(
        image,
        "box",
        label=box.label,
        source="manual",
        occluded=str(int(box.attributes.get(OCCLUDED) is True)),
        **{name: str(shortest(corner)) for name, corner in corners},
        z_order="0",
        **({KEY: to_json(own).decode()} if own else {}),
    )
    for name, value in box.attributes.items():
        if name != OCCLUDED:
            add(said, "attribute", _text(value), name=name)


def _meta(attributes: Mapping[str, Mapping[str, str]], factors: Mapping[str, str], *, size: int) -> Element:
    meta = Element("meta")
    task = add(meta, "task")
    add(task, "name", "Winnow")
    add(task, "size", str(size))
    add(task, "mode", "annotation")
    labels = add(task, "labels")
    said = [(label, "rectangle", known) for label, known in attributes.items()]
    for label, kind, known in (*said, *((factor, "tag", {"value": k}) for factor, k in factors.items())):
        one = add(labels, "label")
        add(one, "name", label)
        add(one, "type", kind)
        within = add(one, "attributes")
        for name, input_type in known.items():
            attribute = add(within, "attribute")
            for tag, text in (("name", name), ("mutable", "False"), ("input_type", input_type)):
                add(attribute, tag, text)
            add(attribute, "default_value")
            add(attribute, "values")
    return meta


def _kind(value: Any) -> str:
    return "checkbox" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value).decode()
