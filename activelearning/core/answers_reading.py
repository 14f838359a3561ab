"""Annotations as Label Studio tells them, read as answers. What cannot be read is named; nothing is lost: see `raw`."""

import math
from collections.abc import Mapping
from typing import Any

from activelearning.core.given_answer import GivenAnswer, GivenBox
from curation.core.formats import checks
from curation.core.formats.contract import Skips
from curation.core.formats.label_studio_regions import original_size, read_regions
from curation.core.types import TagValue

MOST_REGIONS = 5_000
MOST_PROBLEMS = 50
SAME_SHAPE = 0.01
"""Sides may be told rounded; a picture whose shape differs more is another one."""
ROTATED = "rotated box, taken as the upright box around it"
OTHER_SHAPE = "regions of a picture of another shape than the frame"
NOT_PLAIN = "regions that are no plain JSON"
TOO_MANY = f"regions beyond the first {MOST_REGIONS:,}"
NO_LIST = "annotation whose result is no list of regions"


def read_annotation(
    said: Mapping[str, Any],
    *,
    width_px: int,
    height_px: int,
    people: Mapping[int, str] | None = None,
    factor_of: Mapping[str, str] | None = None,
) -> GivenAnswer | None:
    """Read one annotation of a task as an answer, its boxes in pixels of the frame; None if it has no valid id.

    people: e-mail addresses by id, for where `completed_by` is only a number. factor_of: the factors behind control
    tags of other names. A rotated rectangle becomes the upright box around it. Labels are not checked here."""
    number = checks.whole(said.get("id"))
    if number is None or number < 0:
        return None
    skips, regions = Skips(), _regions(said.get("result"))
    result = [] if regions is None else regions[:MOST_REGIONS]
    if regions is None:
        skips.add("", NO_LIST)
    elif len(regions) > MOST_REGIONS:
        skips.add("", TOO_MANY)
    if not checks.is_plain(result):
        skips.add("", NOT_PLAIN, count=len(result))
        result = []
    boxes, tags = _read(result, size=(width_px, height_px), skips=skips)
    lead_s = checks.number(said.get("lead_time"))
    return GivenAnswer(
        annotator=_annotator(said.get("completed_by"), people or {}),
        number=number,
        boxes=tuple(boxes),
        tags={(factor_of or {}).get(name, name): value for name, value in tags.items()},
        is_skip=said.get("was_cancelled") is True,
        is_truth=said.get("ground_truth") is True,
        lead_time_s=lead_s if lead_s is not None and lead_s >= 0 else None,
        created_there=checks.moment(said.get("created_at")),
        updated_there=checks.moment(said.get("updated_at")),
        raw=tuple(result),
        problems=tuple([why for why, count in skips.counts.items() for _ in range(count)][:MOST_PROBLEMS]),
    )


def upright(value: Mapping[str, Any], *, size: tuple[int, int]) -> dict[str, Any]:
    """Return a rectangle in percent with its rotation undone: the upright box around it.

    It is turned clockwise by `rotation` degrees about its top-left corner, in pixels: percents of the two sides are of
    different length. (x 50, y 50, width 20, height 10, rotation 90) of a square covers x 40 to 50, y 50 to 70."""
    numbers = [checks.number(value.get(name)) for name in ("x", "y", "width", "height", "rotation")]
    if any(number is None for number in numbers):
        return dict(value)
    x, y, wide, high, degrees = (number or 0.0 for number in numbers)
    turn = math.radians(degrees % 360)
    wide_px, high_px = wide * size[0] / 100, high * size[1] / 100
    xs = [0.0, wide_px * math.cos(turn), -high_px * math.sin(turn)]
    ys = [0.0, wide_px * math.sin(turn), high_px * math.cos(turn)]
    xs.append(xs[1] + xs[2])
    ys.append(ys[1] + ys[2])
    return {
        **value,
        "x": x + 100 * min(xs) / size[0],
        "y": y + 100 * min(ys) / size[1],
        "width": 100 * (max(xs) - min(xs)) / size[0],
        "height": 100 * (max(ys) - min(ys)) / size[1],
        "rotation": 0,
    }


def _read(
    regions: list[Any], *, size: tuple[int, int], skips: Skips
) -> tuple[list[GivenBox], dict[str, TagValue]]:  # fmt: skip
    said = original_size(regions)
    if said is not None and abs(said[0] * size[1] / (said[1] * size[0]) - 1) > SAME_SHAPE:
        skips.add("", OTHER_SHAPE)
    boxes: list[GivenBox] = []
    tags: dict[str, TagValue] = {}
    for name, group in _by_id(regions).items():
        turned = [_turned(region, size=size, skips=skips) for region in group]
        found, more = read_regions(turned, size=size, what=name, skips=skips)
        region_id = name if name and isinstance(group[0], dict) and group[0].get("id") == name else ""
        boxes += [GivenBox(one.label, (one.x1, one.y1, one.x2, one.y2), region_id) for one in found]
        tags |= more
    return boxes, tags


def _by_id(regions: list[Any]) -> dict[str, list[Any]]:
    """Group regions by id: a shape and its labels may be two of one id. Those without one stand alone."""
    groups: dict[str, list[Any]] = {}
    for place, region in enumerate(regions):
        name = region.get("id") if isinstance(region, dict) else None
        groups.setdefault(name if isinstance(name, str) and name else f"\0{place}", []).append(region)
    return groups


def _turned(region: Any, *, size: tuple[int, int], skips: Skips) -> Any:
    value = region.get("value") if isinstance(region, dict) else None
    if not isinstance(value, dict) or "points" in value or checks.number(value.get("rotation")) in (None, 0.0):
        return region
    skips.add("", ROTATED)
    return {**region, "value": upright(value, size=size)}


def _regions(result: Any) -> list[Any] | None:
    return result if isinstance(result, list) else [] if result is None else None


def _annotator(who: Any, people: Mapping[int, str]) -> str:
    if isinstance(who, dict):
        email = checks.word(who.get("email"))
        if email:
            return email
        who = who.get("id")
    number = checks.whole(who)
    return "unknown" if number is None else people.get(number, f"user {number}")
