"""A person drawn from projected joints: rounded limbs shaded from one side, far parts first."""

from dataclasses import dataclass

import cv2
import numpy as np

from demo.render.arrays import Floats, Image
from demo.render.people import JOINTS, Colour, Look

_INDEX = {name: i for i, name in enumerate(JOINTS)}
_BODY, _JACKET = 1, 2
_RING = np.stack([np.cos(np.linspace(0, 2 * np.pi, 13)[:-1]), np.sin(np.linspace(0, 2 * np.pi, 13)[:-1])], 1).astype(
    np.float32
)


@dataclass(frozen=True, kw_only=True)
class Sprite:
    """A drawn person whose upper left pixel is (left_px, top_px) of the picture.

    colour (H, W, 3) is multiplied by cover; cover and jacket (H, W) are shares of a pixel, 0..255."""

    left_px: int
    top_px: int
    colour: Image
    cover: Image
    jacket: Image


class _Brush:
    """Draws each part on the picture and on a map of labels at once."""

    def __init__(self, points: Floats, *, size: tuple[int, int], light: tuple[float, float]) -> None:
        self.points = points
        self.light = np.asarray(light, dtype=np.float32)
        self.picture: Image = np.zeros((size[1], size[0], 3), dtype=np.uint8)
        self.labels: Image = np.zeros((size[1], size[0]), dtype=np.uint8)

    def at(self, name: str) -> Floats:
        """Give a joint's place, (2,) pixels of the drawing."""
        return np.asarray(self.points[_INDEX[name], :2], dtype=np.float32)

    def hull(
        self, circles: list[tuple[Floats, float]], colour: Colour, *, label: int = _BODY, round_: bool = True
    ) -> None:
        """Fill the convex hull of circles, darker at the edge that is turned from the light."""
        spots = np.asarray([spot for spot, _ in circles], dtype=np.float32)
        radii = np.asarray([[radius] for _, radius in circles], dtype=np.float32)
        middle = spots.sum(axis=0) / len(circles)
        for shrink, tone in ((1.0, 0.66), (0.84, 0.86), (0.62, 1.0), (0.30, 1.10)) if round_ else ((1.0, 1.0),):
            kept = spots if len(circles) < 3 else middle + (spots - middle) * (0.55 + 0.45 * shrink)
            centres = kept + self.light * radii * ((1 - shrink) * 0.8)
            rings = centres[:, None] + _RING * (radii * shrink)[:, None]
            outline = cv2.convexHull(rings.reshape(-1, 2).astype(np.int32))
            toned = tuple(min(int(channel * tone), 255) for channel in colour)
            cv2.fillConvexPoly(self.picture, outline, toned)
            if shrink == 1.0:
                cv2.fillConvexPoly(self.labels, outline, label)

    def limb(self, a: str, b: str, ra: float, rb: float, colour: Colour, *, label: int = _BODY) -> None:
        """Draw a tapering limb between two joints."""
        self.hull([(self.at(a), ra), (self.at(b), rb)], colour, label=label)

    def band(self, a: Floats, b: Floats, thick: float, colour: Colour, *, label: int) -> None:
        """Draw a flat band."""
        ends = [(int(p[0]), int(p[1])) for p in (a, b)]
        cv2.line(self.picture, ends[0], ends[1], colour, max(int(thick), 1))
        cv2.line(self.labels, ends[0], ends[1], (label,), max(int(thick), 1))


def draw(look: Look, points: Floats, *, focal_px: float, light: tuple[float, float] = (-0.6, -0.35)) -> Sprite:
    """Draw a person. points (N, 3) are projected joints: x_px, y_px, depth_m in the order of JOINTS."""
    depth = float(points[:, 2].mean())
    tall = focal_px * look.height_m / depth
    margin = 0.09 * tall + 2
    low = np.floor(points[:, :2].min(0) - margin).astype(int)
    high = np.ceil(points[:, :2].max(0) + margin).astype(int)
    fine = 6 if tall < 50 else 4 if tall < 110 else 3 if tall < 220 else 2
    size = (int(high[0] - low[0]) * fine, int(high[1] - low[1]) * fine)
    local = points.copy()
    local[:, :2] = (points[:, :2] - low) * fine
    brush = _Brush(local, size=size, light=light)
    _paint(brush, look, unit=tall * fine)
    small = (size[0] // fine, size[1] // fine)
    shares = [np.where(mask, np.uint8(255), np.uint8(0)) for mask in (brush.labels > 0, brush.labels == _JACKET)]
    colour, cover, jacket = (cv2.resize(p, small, interpolation=cv2.INTER_AREA) for p in (brush.picture, *shares))
    return Sprite(
        left_px=int(low[0]),
        top_px=int(low[1]),
        colour=np.asarray(colour, dtype=np.uint8),
        cover=np.asarray(cover, dtype=np.uint8),
        jacket=np.asarray(jacket, dtype=np.uint8),
    )


def _paint(brush: _Brush, look: Look, *, unit: float) -> None:
    depth = brush.points[:, 2]
    order = [(float(depth[_INDEX[f"knee_{s}"]]), "leg", s) for s in "lr"]
    order += [(float(depth[_INDEX[f"elbow_{s}"]]), "arm", s) for s in "lr"]
    order += [
        (float((depth[_INDEX["chest"]] + depth[_INDEX["chest_back"]]) / 2) - 0.01, "torso", ""),
        (0.0, "head", ""),
    ]
    legs_first = sorted(order, key=lambda part: (part[1] != "leg", -part[0]))
    for _, part, side in legs_first:
        if part == "leg":
            _leg(brush, look, side, unit)
        elif part == "arm":
            _arm(brush, look, side, unit)
        elif part == "torso":
            _torso(brush, look, unit)
        else:
            _head(brush, look, unit)


def _leg(brush: _Brush, look: Look, side: str, unit: float) -> None:
    wide = look.build
    brush.limb(f"ankle_{side}", f"toe_{side}", 0.026 * unit, 0.020 * unit, (44, 38, 36))
    brush.limb(f"hip_{side}", f"knee_{side}", 0.058 * unit * wide, 0.042 * unit, look.trousers)
    brush.limb(f"knee_{side}", f"ankle_{side}", 0.041 * unit, 0.029 * unit, look.trousers)


def _arm(brush: _Brush, look: Look, side: str, unit: float) -> None:
    shoulder, elbow, wrist = f"shoulder_{side}", f"elbow_{side}", f"wrist_{side}"
    brush.hull([(brush.at(wrist), 0.022 * unit)], look.skin)
    if look.jacket:
        brush.limb(elbow, wrist, 0.036 * unit, 0.031 * unit, look.jacket, label=_JACKET)
        brush.limb(shoulder, elbow, 0.044 * unit, 0.037 * unit, look.jacket, label=_JACKET)
        if look.striped:
            a, b = brush.at(elbow), brush.at(wrist)
            middle, across = a + (b - a) * 0.35, np.asarray([0.03 * unit, 0.0], dtype=np.float32)
            brush.band(middle - across, middle + across, 0.026 * unit, (232, 236, 230), label=_JACKET)
        return
    brush.limb(elbow, wrist, 0.028 * unit, 0.021 * unit, look.skin)
    brush.limb(shoulder, elbow, 0.032 * unit, 0.028 * unit, look.skin)
    a, b = brush.at(shoulder), brush.at(elbow)
    brush.hull([(a, 0.042 * unit), (a + (b - a) * 0.55, 0.038 * unit)], look.shirt)


def _torso(brush: _Brush, look: Look, unit: float) -> None:
    hips, shoulders = [brush.at("hip_l"), brush.at("hip_r")], [brush.at("shoulder_l"), brush.at("shoulder_r")]
    waist = [h + (s - h) * 0.12 for h, s in zip(hips, shoulders, strict=True)]
    wide = 0.054 * unit * look.build
    brush.hull(
        [(brush.at("shoulder_l"), 0.042 * unit), (brush.at("shoulder_r"), 0.042 * unit), *[(w, wide) for w in waist]],
        look.shirt,
    )
    brush.limb("neck", "head", 0.030 * unit, 0.028 * unit, look.skin)
    if not look.jacket:
        return
    hem = [h - (s - h) * 0.10 for h, s in zip(hips, shoulders, strict=True)]
    circles = [(s, 0.047 * unit) for s in shoulders] + [(h, wide * 1.18) for h in hem]
    brush.hull(circles, look.jacket, label=_JACKET)
    facing = float(brush.points[_INDEX["chest_back"], 2] - brush.points[_INDEX["chest"], 2])
    if look.striped:
        _stripes(brush, hips, shoulders, unit)
    if facing > 0.03:
        _opening(brush, look, unit)
    else:
        brush.hull([(brush.at("neck"), 0.040 * unit)], look.jacket, label=_JACKET)


def _stripes(brush: _Brush, hips: list[Floats], shoulders: list[Floats], unit: float) -> None:
    side = np.asarray([0.040 * unit, 0.0], dtype=np.float32)
    for share in (0.22, 0.56):
        ends = sorted((h + (s - h) * share for h, s in zip(hips, shoulders, strict=True)), key=lambda p: float(p[0]))
        brush.band(ends[0] - side, ends[1] + side, 0.032 * unit, (236, 238, 232), label=_JACKET)


def _opening(brush: _Brush, look: Look, unit: float) -> None:
    """Shirt between the lapels, a zip line at either side, and a collar."""
    neck, chest, belly, hem = brush.at("neck"), brush.at("chest"), brush.at("belly"), brush.at("hem")
    dark = tuple(int(channel * 0.55) for channel in look.jacket or look.shirt)
    wide = np.asarray([0.040 * unit, 0.0], dtype=np.float32)
    outline = np.stack(
        [neck - wide, neck + wide, chest + wide * 0.5, hem + wide * 0.35, hem - wide * 0.35, chest - wide * 0.5]
    )
    cv2.fillPoly(brush.picture, [outline.astype(np.int32)], look.shirt)
    for sign in (-1, 1):
        ends = [neck + wide * sign, chest + wide * 0.5 * sign, belly + wide * 0.4 * sign, hem + wide * 0.35 * sign]
        path = np.stack(ends).astype(np.int32)
        cv2.polylines(brush.picture, [path], False, dark, max(int(0.012 * unit), 1))
    for sign in (-1, 1):
        brush.band(
            neck + wide * sign * 1.1, chest + wide * sign * 0.7, 0.016 * unit, look.jacket or look.shirt, label=_JACKET
        )


def _head(brush: _Brush, look: Look, unit: float) -> None:
    facing = float(brush.points[_INDEX["head"], 2] - brush.points[_INDEX["face"], 2])
    crown, head, face = brush.at("crown"), brush.at("head"), brush.at("face")
    brush.hull([(crown, 0.054 * unit), (head, 0.050 * unit)], look.hair)
    if facing > -0.02:
        down = np.asarray([0.0, 0.012 * unit], dtype=np.float32)
        spot = head + (face - head) * 0.55 + down
        brush.hull([(spot, 0.041 * unit), (spot + down * 1.4, 0.031 * unit)], look.skin)
