"""Regions of Label Studio: rectangles and polygons are boxes, choices and numbers are tags."""

import math
from typing import Any

from curation.core.formats import checks
from curation.core.formats.contract import Skips
from curation.core.formats.own_fields import KEY, read_own_box_fields
from curation.core.labels import LabelledBox
from curation.core.types import TagValue

_DECIMALS = 6
_LABELS = {"rectanglelabels", "polygonlabels", "labels"}
_SHAPES = {"rectanglelabels", "rectangle", "polygonlabels", "polygon"}


def original_size(regions: list[Any]) -> tuple[int, int] | None:
    """Return the picture's (width, height) as the regions say it; None if none does."""
    for region in regions:
        if isinstance(region, dict):
            width, height = checks.side(region.get("original_width")), checks.side(region.get("original_height"))
            if width is not None and height is not None:
                return width, height
    return None


def read_regions(
    regions: list[Any], *, size: tuple[int, int], what: str, skips: Skips
) -> tuple[list[LabelledBox], dict[str, TagValue]]:
    """Return the boxes and the tags that the regions of an annotation hold."""
    boxes: list[LabelledBox] = []
    tags: dict[str, TagValue] = {}
    # A shape and its labels are two regions of one id where the labelling configuration keeps them apart.
    labels = {
        region.get("id"): _labels(region) for region in regions
        if isinstance(region, dict) and region.get("type") == "labels" and isinstance(region.get("id"), str)
    }  # fmt: skip
    for position, region in enumerate(regions):
        where, kind = f"{what} region {position}", region.get("type") if isinstance(region, dict) else None
        if not isinstance(region, dict) or not isinstance(region.get("value"), dict) or not isinstance(kind, str):
            skips.add(where, "region without a type and a value")
        elif kind in _SHAPES:
            known = labels.get(region.get("id"), []) if isinstance(region.get("id"), str) else []
            boxes += _boxes(region, _labels(region) or known, size=size, what=where, skips=skips)
        elif kind in ("choices", "number", "rating"):
            tags |= _tag(region, what=where, skips=skips)
        elif kind != "labels":
            skips.add(f"{where}: {kind:.40}", "region that is no rectangle, polygon, choice or number")
    return boxes, tags


def _labels(region: dict[str, Any]) -> list[Any]:
    value = region.get("value")
    found = [value.get(kind) for kind in sorted(_LABELS)] if isinstance(value, dict) else []
    return next((listed for listed in found if isinstance(listed, list)), [])


def _boxes(
    region: dict[str, Any], labels: list[Any], *, size: tuple[int, int], what: str, skips: Skips
) -> list[LabelledBox]:
    value, segmentation = region["value"], None
    if value.get("rotation", 0) not in (0, None) or region.get("image_rotation", 0) not in (0, None):
        skips.add(what, "rotated box, or box on a rotated picture")
        return []
    if "points" in value:
        points = _points(value["points"], size=size)
        corners = [min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])] if points else []
        segmentation = [points]
    else:
        x, y, wide, high = (checks.number(value.get(side)) for side in ("x", "y", "width", "height"))
        if x is None or y is None or wide is None or high is None:
            corners = []
        else:
            corners = [_px(x, size[0]), _px(y, size[1]), _px(x + wide, size[0]), _px(y + high, size[1])]
    found = checks.usable(corners, width_px=size[0], height_px=size[1])
    names = [name for label in labels if (name := checks.label(label))]
    if isinstance(found, str) or not names:
        skips.add(what, found if isinstance(found, str) else checks.NO_LABEL)
        return []
    meta = region.get("meta")
    own = read_own_box_fields(meta.get(KEY) if isinstance(meta, dict) else None, what=what, skips=skips)
    return [LabelledBox(name, *found, **{"segmentation": segmentation, **own}) for name in names]


def _points(value: object, *, size: tuple[int, int]) -> list[float]:
    """Return a polygon's points in pixels, x and y by turns; none where they are not valid."""
    pairs = [pair for pair in value if isinstance(pair, list) and len(pair) == 2] if isinstance(value, list) else []
    shares = [checks.number(share) for pair in pairs for share in pair]
    if not isinstance(value, list) or len(pairs) != len(value) or len(pairs) < 3:
        return []
    known = [_px(share, size[at % 2]) for at, share in enumerate(shares) if share is not None]
    return known if len(known) == len(shares) else []


def _px(percent: float, side: int) -> float:
    """Return pixels, rounded: a percentage of 12 px comes in as 11.999999999999998."""
    pixels = percent * side / 100
    return round(pixels, _DECIMALS) if math.isfinite(pixels) else math.inf


def _tag(region: dict[str, Any], *, what: str, skips: Skips) -> dict[str, TagValue]:
    factor, value = checks.word(region.get("from_name")), region["value"]
    chosen: Any = value.get("choices", value.get("number", value.get("rating")))
    if isinstance(chosen, list) and len(chosen) == 1:
        chosen = chosen[0]
    if not factor or not checks.is_tag_value(chosen) or isinstance(chosen, dict):
        skips.add(what, "choice or number without a name or a usable value")
        return {}
    return {factor: chosen}
