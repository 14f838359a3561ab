"""Shapes, tags and labels of CVAT's XML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from curation.core.formats import checks
from curation.core.formats.contract import Skips
from curation.core.formats.names import is_text
from curation.core.formats.own_fields import read_own_box_fields
from curation.core.formats.xml_files import number_of, text_of
from curation.core.labels import LabelledBox
from curation.core.types import TagValue

_OCCLUDED = "occluded"
_FARTHEST_FRAME = 1_000_000_000


@dataclass(frozen=True)
class Meta:
    """What <meta> says. kinds: the input type of each (label, attribute). size is (0, 0) where it says none."""

    classes: list[str] = field(default_factory=list)
    kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    source: str = ""
    size: tuple[int, int] = (0, 0)
    frames: range = range(0)
    is_video: bool = False


def read_meta(element: Element) -> Meta:
    """Read <meta>, whether of a task, a job or a project."""
    part = next((found for tag in ("task", "job", "project") if (found := element.find(tag)) is not None), element)
    kinds, classes = {}, []
    for label in element.iter("label"):
        name = text_of(label, "name")
        if checks.label(name) and text_of(label, "type") != "tag":
            classes.append(name)
        for attribute in label.iter("attribute"):
            kinds[name, text_of(attribute, "name")] = text_of(attribute, "input_type")
    width, height = (checks.side(number_of(element, f".//original_size/{side}")) for side in ("width", "height"))
    start = checks.whole(number_of(part, "start_frame")) or 0
    stop, count = checks.whole(number_of(part, "stop_frame")), checks.whole(number_of(part, "size"))
    step_text = text_of(part, "frame_filter").removeprefix("step=")
    step = max(1, checks.whole(checks.number_in(step_text or None)) or 1)
    if stop is None and count is not None:
        stop = start + (count - 1) * step
    if stop is None or not 0 <= start <= stop <= _FARTHEST_FRAME:
        start, stop = 0, -1
    return Meta(
        list(dict.fromkeys(classes)),
        kinds,
        checks.word(text_of(element, "source") or text_of(part, "source")),
        (0, 0) if width is None or height is None else (width, height),
        range(start, stop + 1, step),
        text_of(part, "mode") == "interpolation",
    )


def read_shape(
    shape: Element, *, meta: Meta, size: tuple[int, int], own: object, what: str, skips: Skips
) -> LabelledBox | None:
    """Read a box, a polygon (as the box around it, and as its segmentation) or a mask (as its box).

    None, and a reason among the skips, for anything else, for rotated boxes, and for what is not valid."""
    segmentation: Any = None
    if shape.tag == "box":
        corners = [checks.number_in(shape.get(side)) for side in ("xtl", "ytl", "xbr", "ybr")]
    elif shape.tag == "polygon":
        points = [checks.number_in(n) for point in (shape.get("points") or "").split(";") for n in point.split(",")]
        known = [n for n in points if n is not None]
        is_whole = len(known) == len(points) and len(known) >= 6 and len(known) % 2 == 0
        corners = [min(known[::2]), min(known[1::2]), max(known[::2]), max(known[1::2])] if is_whole else []
        segmentation = [known]
    elif shape.tag == "mask":
        skips.add(what, "mask, of which only the box was read")
        left, top, wide, high = (checks.number_in(shape.get(side)) or 0 for side in ("left", "top", "width", "height"))
        corners = [left, top, left + wide, top + high]
    else:
        skips.add(what, "shape that is no box, polygon or mask")
        return None
    if checks.number_in(shape.get("rotation", "0")) != 0:
        skips.add(what, "rotated box")
        return None
    label = checks.label(shape.get("label"))
    if not label:
        skips.add(what, checks.NO_LABEL)
        return None
    found = checks.usable(corners, width_px=size[0], height_px=size[1])
    if isinstance(found, str):
        skips.add(what, found)
        return None
    said: dict[str, Any] = {"segmentation": segmentation} | read_own_box_fields(own, what=what, skips=skips)
    attributes: dict[str, Any] = {_OCCLUDED: True} if shape.get("occluded") == "1" else {}
    attributes |= _attributes(shape, label=label, meta=meta)
    return LabelledBox(label, *found, **said | {"attributes": said.get("attributes") or attributes})


def read_tag(tag: Element, *, meta: Meta, what: str, skips: Skips) -> dict[str, TagValue]:
    """Read a <tag> as tags: by its attribute `value`; true if it has no attributes; else one tag an attribute, named
    LABEL_ATTRIBUTE."""
    factor = checks.word(tag.get("label"))
    values = _attributes(tag, label=factor, meta=meta)
    if not factor:
        skips.add(what, "tag without a name")
        return {}
    if not values:
        return {factor: True}
    if values.keys() == {"value"}:
        return {factor: values["value"]}
    return {f"{factor}_{name}": value for name, value in values.items()}


def _attributes(element: Element, *, label: str, meta: Meta) -> dict[str, Any]:
    """Return the attributes by name; numbers and truths where CVAT was told that they are."""
    found = {}
    for attribute in element.iterfind("attribute"):
        name, text = checks.word(attribute.get("name")), (attribute.text or "").strip()
        if name and is_text(text):
            found[name] = _typed(text, meta.kinds.get((label, name), ""))
    return found


def _typed(text: str, kind: str) -> Any:
    number = checks.number_in(text) if kind == "number" else None
    if number is not None:
        return int(number) if number.is_integer() and "." not in text else number
    if kind == "checkbox" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text
