"""Boxes of COCO's annotations."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from typing_extensions import TypeIs

from curation.core.formats import checks
from curation.core.formats.contract import Skips
from curation.core.formats.own_fields import KEY
from curation.core.labels import LabelledBox, LabelledPicture

ATTRIBUTE = "coco:"
"""Begins the attributes of a box that are fields of COCO's annotations which Winnow does not know, as keypoints."""
_KNOWN = {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "track_id", "attributes", KEY}
Said: TypeAlias = list[tuple[int, dict[str, Any]]]
"""Annotations with their places in the file."""


def is_key(value: object) -> TypeIs[int | str]:
    """Tell whether a value can be an id."""
    return isinstance(value, int | str) and not isinstance(value, bool)


def boxes_by_picture(annotations: Sequence[object], *, file: str, skips: Skips) -> dict[Any, Said]:
    """Sort annotations by the id of their picture."""
    found: dict[Any, Said] = defaultdict(list)
    for position, said in enumerate(annotations):
        if isinstance(said, dict) and is_key(said.get("image_id")):
            found[said["image_id"]].append((position, said))
        else:
            skips.add(f"{file} annotations[{position}]", "box without a picture's id")
    return found


def read_box(
    said: dict[str, Any], *, what: str, labels: Mapping[Any, str], picture: LabelledPicture, skips: Skips
) -> LabelledBox | None:
    """Read an annotation; None, and a reason among the skips, where it is none."""
    number = said.get("category_id")
    label = labels.get(number) if is_key(number) else None
    if label is None:
        skips.add(f"{what}: category_id {checks.shown(number)}", "box of a category that is not listed")
        return None
    segmentation = _segmentation(said.get("segmentation"), what=what, skips=skips)
    box = said.get("bbox")
    if box is None and isinstance(segmentation, list):
        box = _around(segmentation)
    sides = [checks.number(side) for side in box] if isinstance(box, list) else []
    known = [side for side in sides if side is not None]
    corners = _corners(known, said.get(KEY)) if len(known) == len(sides) == 4 else ()
    found = checks.usable(corners, width_px=picture.width_px, height_px=picture.height_px)
    if isinstance(found, str):
        skips.add(f"{what}: {checks.shown(box)}", found)
        return None
    area = checks.number(said.get("area"))
    is_own_area = area is None or area < 0 or area == known[2] * known[3]
    return LabelledBox(
        label,
        *found,
        is_crowd=said.get("iscrowd") in (1, True),
        track_id=checks.whole(said.get("track_id")),
        area_px2=None if is_own_area else area,
        segmentation=segmentation,
        attributes=_attributes(said, what=what, skips=skips),
    )


def _segmentation(value: object, *, what: str, skips: Skips) -> Any:
    if value is None or value == []:
        return None
    if isinstance(value, list | dict) and checks.is_plain(value):
        return value
    skips.add(what, "segmentation that is neither polygons nor RLE; its box was read")
    return None


def _attributes(said: dict[str, Any], *, what: str, skips: Skips) -> dict[str, Any]:
    own = said.get("attributes")
    foreign = {f"{ATTRIBUTE}{k}": v for k, v in said.items() if k not in _KNOWN}
    wanted = {**(own if isinstance(own, dict) else {}), **foreign}
    kept = dict(checks.plain_items(wanted))
    for key in wanted.keys() - kept.keys():
        skips.add(f"{what}: {checks.shown(key)}", "attribute of a box that is not plain JSON; its box was read")
    return kept


def _corners(sides: Sequence[float], own: object) -> tuple[float | None, ...]:
    x, y, width, height = sides
    exact = own if isinstance(own, dict) else {}
    return (x, y, checks.number(exact.get("x2", x + width)), checks.number(exact.get("y2", y + height)))


def _around(polygons: list[Any]) -> list[float] | None:
    """Return the box `xywh` around polygons; None where they are none."""
    flat = [checks.number(n) for polygon in polygons if isinstance(polygon, list) for n in polygon]
    if len(flat) < 6 or len(flat) % 2 or None in flat:
        return None
    xs, ys = [float(n or 0) for n in flat[::2]], [float(n or 0) for n in flat[1::2]]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
