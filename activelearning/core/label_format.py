"""Boxes as Label Studio's regions: percent of the picture, origin at its top left."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from activelearning.core.label_config import Names

LEAST_SIDE_PX = 0.5
Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class FoundBox:
    """A box that a model found, `xyxy` in pixels of the upright frame; corners may lie outside of it."""

    label: str
    score: float
    box: Corners


@dataclass(frozen=True)
class PreAnnotation:
    """What annotators start from. `boxes` are those that are sent, inside the picture; `left_out` counts the others by
    reason. `prediction` is what Label Studio takes, None where there is nothing to show."""

    boxes: tuple[FoundBox, ...] = ()
    prediction: Mapping[str, Any] | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    def to_rows(self) -> list[dict[str, Any]]:
        """Write the boxes out as `LabelTask.predicted` holds them."""
        return [{"label": one.label, "score": one.score, "box": list(one.box)} for one in self.boxes]


def pre_annotation(
    found: Sequence[FoundBox],
    *,
    size: tuple[int, int],
    classes: Collection[str],
    names: Names,
    model_version: str,
    tags: Mapping[str, str] | None = None,
) -> PreAnnotation:
    """Turn a model's boxes, and tags that are known already, into a prediction. size is (width, height) in pixels.

    Boxes are cut at the picture's edges. Those of no width or height in it, of other classes, and with numbers that
    are none are left out. The prediction's score is that of its least sure box."""
    kept: list[FoundBox] = []
    left_out: Counter[str] = Counter()
    for one in found:
        inside = _inside(one, size=size, classes=classes)
        if isinstance(inside, str):
            left_out[inside] += 1
        else:
            kept.append(inside)
    regions = [_region(one, place, size=size, names=names) for place, one in enumerate(kept)]
    regions += [
        _choice(value, place, size=size, names=names, factor=factor)
        for place, (factor, value) in enumerate((tags or {}).items())
        if factor in names.choices
    ]
    if not regions:
        return PreAnnotation(left_out=dict(left_out))
    score = min((one.score for one in kept), default=1.0)
    made = {"model_version": model_version, "score": score, "result": regions}
    return PreAnnotation(tuple(kept), made, dict(left_out))


def region_faults(prediction: Mapping[str, Any], *, names: Names, classes: Collection[str]) -> list[str]:
    """Say what Label Studio would take although it is wrong; [] if nothing is."""
    faults = [] if 0 <= prediction["score"] <= 1 else [f"score {prediction['score']}"]
    for region in prediction["result"]:
        value = region["value"]
        if region["type"] != "rectanglelabels":
            continue
        sides = [value["x"], value["y"], value["width"], value["height"]]
        if not all(math.isfinite(side) and 0 <= side <= 100 for side in sides):
            faults.append(f"box {sides}")
        elif sides[0] + sides[2] > 100 + 1e-9 or sides[1] + sides[3] > 100 + 1e-9:
            faults.append(f"box {sides} reaches over the edge")
        if region["from_name"] != names.boxes or region["to_name"] != names.image:
            faults.append(f"control {region['from_name']!r}")
        faults += [f"label {label!r}" for label in value["rectanglelabels"] if label not in classes]
    return faults


def _inside(one: FoundBox, *, size: tuple[int, int], classes: Collection[str]) -> FoundBox | str:
    if one.label not in classes:
        return "its class is not asked for"
    if not all(map(math.isfinite, (one.score, *one.box))) or not 0 <= one.score <= 1:
        return "it has numbers that are none"
    width, height = size
    x1, y1, x2, y2 = one.box
    cut = (max(0.0, x1), max(0.0, y1), min(float(width), x2), min(float(height), y2))
    if cut[2] - cut[0] < LEAST_SIDE_PX or cut[3] - cut[1] < LEAST_SIDE_PX:
        return "nothing of it lies in the picture"
    return FoundBox(one.label, one.score, cut)


def _region(one: FoundBox, place: int, *, size: tuple[int, int], names: Names) -> dict[str, Any]:
    (width, height), (x1, y1, x2, y2) = size, one.box
    x, y = 100 * x1 / width, 100 * y1 / height
    return {
        "id": f"box{place}",
        "type": "rectanglelabels",
        "from_name": names.boxes,
        "to_name": names.image,
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "score": one.score,
        "value": {
            "x": x,
            "y": y,
            "width": min(100 * (x2 - x1) / width, 100 - x),
            "height": min(100 * (y2 - y1) / height, 100 - y),
            "rotation": 0,
            "rectanglelabels": [one.label],
        },
    }


def _choice(value: str, place: int, *, size: tuple[int, int], names: Names, factor: str) -> dict[str, Any]:
    return {
        "id": f"tag{place}",
        "type": "choices",
        "from_name": names.choices[factor],
        "to_name": names.image,
        "original_width": size[0],
        "original_height": size[1],
        "image_rotation": 0,
        "value": {"choices": [value]},
    }
