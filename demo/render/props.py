"""Things that stand in a place: boxes, doors, windows, cars, trees, fences. Each is a list of surfaces."""

from itertools import pairwise

import cv2
import numpy as np

from demo.render.arrays import Image, Point, rgb
from demo.render.scene import Surface
from demo.render.texture import Shader, painted, plain

Colour = tuple[int, int, int]


def canvas(width_m: float, height_m: float, *, colour: Colour, per_m: int = 100, clear: bool = False) -> Image:
    """A blank RGBA picture to draw on, clear or of one colour."""
    picture = np.zeros((max(int(height_m * per_m), 2), max(int(width_m * per_m), 2), 4), dtype=np.uint8)
    if not clear:
        picture[:] = (*colour, 255)
    return picture


def panel(picture: Image, *, origin: Point, along: Point, width_m: float, height_m: float, **kind: float) -> Surface:
    """Stand a drawn picture upright at `origin` (its lower left) along a unit direction."""
    edge = (along[0] * width_m, along[1] * width_m, along[2] * width_m)
    shader = painted(picture, width_m=width_m, height_m=height_m)
    glow, shadow = kind.get("glow", 0.0), bool(kind.get("shadow", 0.0))
    return Surface(origin=origin, edge_s=edge, edge_t=(0, 0, height_m), shader=shader, glow=glow, shadow=shadow)


def box(low: Point, high: Point, shader: Shader, *, top: Shader | None = None) -> list[Surface]:
    """An upright block between two corners; its underside is left out."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    w, d, h = x1 - x0, y1 - y0, z1 - z0
    up = (0.0, 0.0, h)
    return [
        Surface(origin=(x0, y0, z0), edge_s=(w, 0, 0), edge_t=up, shader=shader),
        Surface(origin=(x0, y1, z0), edge_s=(w, 0, 0), edge_t=up, shader=shader),
        Surface(origin=(x0, y0, z0), edge_s=(0, d, 0), edge_t=up, shader=shader),
        Surface(origin=(x1, y0, z0), edge_s=(0, d, 0), edge_t=up, shader=shader),
        Surface(origin=(x0, y0, z1), edge_s=(w, 0, 0), edge_t=(0, d, 0), shader=top or shader),
    ]


def door_picture(*, colour: Colour, glass: bool = False) -> Image:
    """A door leaf of 1.0 x 2.1 m in its frame, with a handle and either a pane or two panels."""
    picture = canvas(1.0, 2.1, colour=(198, 196, 190))
    cv2.rectangle(picture, (7, 7), (92, 209), (*colour, 255), -1)
    dark = tuple(int(c * 0.72) for c in colour)
    light = tuple(min(int(c * 1.14), 255) for c in colour)
    cv2.rectangle(picture, (7, 7), (92, 209), (*dark, 255), 2)
    if glass:
        cv2.rectangle(picture, (28, 28), (72, 110), (70, 92, 104, 255), -1)
        cv2.line(picture, (32, 100), (66, 36), (128, 150, 160, 255), 5)
        cv2.rectangle(picture, (28, 28), (72, 110), (*dark, 255), 2)
    else:
        for top, bottom in ((24, 92), (116, 190)):
            cv2.rectangle(picture, (22, top), (78, bottom), (*light, 255), 3)
            cv2.rectangle(picture, (24, top + 2), (80, bottom + 2), (*dark, 255), 2)
    cv2.rectangle(picture, (14, 102), (26, 107), (220, 220, 215, 255), -1)
    cv2.rectangle(picture, (7, 196), (92, 209), (150, 152, 150, 255), -1)
    return picture


def window_picture(width_m: float, height_m: float, *, frame: Colour, pane: Colour, across: int = 2) -> Image:
    """A window with a frame, a sky gradient in its panes and a streak of reflection."""
    picture = canvas(width_m, height_m, colour=frame)
    rows, columns = picture.shape[:2]
    ramp = np.linspace(1.25, 0.75, rows - 16)[:, None, None]
    picture[8:-8, 8:-8, :3] = np.clip(np.asarray(pane) * ramp, 0, 255).astype(np.uint8)
    cv2.line(
        picture,
        (int(columns * 0.15), rows - 12),
        (int(columns * 0.55), 10),
        (*[min(c + 30, 255) for c in pane], 255),
        9,
    )
    for i in range(1, across):
        x = columns * i // across
        cv2.rectangle(picture, (x - 3, 0), (x + 3, rows), (*frame, 255), -1)
    cv2.rectangle(picture, (0, 0), (columns - 1, rows - 1), (*frame, 255), 10)
    return picture


_PROFILE = [(0.0, 0.35), (0.05, 0.75), (0.9, 0.92), (1.45, 1.42), (3.0, 1.45), (3.75, 0.98), (4.25, 0.9), (4.3, 0.35)]


def car(x: float, y: float, *, colour: str, width_m: float = 1.75) -> list[Surface]:
    """A parked car of 4.3 m whose length runs along y from (x, y), nose away from the camera."""
    body = tuple(int(v**0.5 * 255) for v in rgb(colour))
    side = canvas(4.3, 1.5, colour=(0, 0, 0), clear=True)
    outline = np.asarray([(px * 100, (1.5 - pz) * 100) for px, pz in _PROFILE] + [(425, 125), (5, 125)], dtype=np.int32)
    cv2.fillPoly(side, [outline], (*body, 255))
    cv2.fillPoly(side, [np.asarray([(102, 58), (150, 14), (215, 12), (215, 58)])], (38, 46, 54, 255))
    cv2.fillPoly(side, [np.asarray([(224, 58), (224, 12), (295, 13), (350, 56)])], (38, 46, 54, 255))
    cv2.line(side, (219, 60), (219, 118), (*[int(c * 0.6) for c in body], 255), 2)
    cv2.line(side, (8, 82), (425, 80), (*[min(int(c * 1.2), 255) for c in body], 255), 2)
    for wheel in (85, 345):
        cv2.circle(side, (wheel, 116), 34, (18, 18, 20, 255), -1)
        cv2.circle(side, (wheel, 116), 19, (150, 152, 156, 255), -1)
        cv2.circle(side, (wheel, 116), 7, (80, 80, 84, 255), -1)
    parts = [
        panel(side, origin=(dx, y, 0.0), along=(0, 1, 0), width_m=4.3, height_m=1.5, shadow=1.0)
        for dx in (x, x + width_m)
    ]
    glassy = {2, 4}
    for i, ((ya, za), (yb, zb)) in enumerate(pairwise(_PROFILE)):
        code = "28323a" if i in glassy else colour
        slope = (0.0, yb - ya, zb - za)
        parts.append(
            Surface(origin=(x, y + ya, za), edge_s=(width_m, 0, 0), edge_t=slope, shader=plain(code, grain=0.02))
        )
    rear = canvas(width_m, 0.4, colour=(body[0], body[1], body[2]))
    cv2.rectangle(rear, (4, 5), (30, 17), (170, 24, 20, 255), -1)
    cv2.rectangle(rear, (int(width_m * 100) - 30, 5), (int(width_m * 100) - 4, 17), (170, 24, 20, 255), -1)
    cv2.rectangle(rear, (62, 16), (112, 28), (226, 222, 200, 255), -1)
    parts.append(panel(rear, origin=(x, y - 0.01, 0.35), along=(1, 0, 0), width_m=width_m, height_m=0.4))
    return parts


def tree(x: float, y: float, *, height_m: float, seed: int, bare: bool = False) -> list[Surface]:
    """A tree: a trunk with branches and, unless bare, a crown of leaves, drawn on an upright panel."""
    rng = np.random.default_rng([31, seed])
    size_m = height_m * 0.8
    picture = canvas(size_m, height_m, colour=(0, 0, 0), per_m=60, clear=True)
    rows, columns = picture.shape[:2]
    middle = columns // 2
    trunk = np.asarray([(middle - 9, rows), (middle - 5, rows // 3), (middle + 5, rows // 3), (middle + 10, rows)])
    cv2.fillPoly(picture, [trunk], (92, 74, 58, 255))
    cv2.line(picture, (middle - 4, rows), (middle - 2, rows // 3), (122, 100, 80, 255), 4)
    _branches(
        picture, rng, start=(middle, int(rows * 0.55)), length=rows * 0.24, angle=-np.pi / 2, depth=6 if bare else 3
    )
    if not bare:
        _leaves(picture, rng)
    return [
        panel(picture, origin=(x - size_m / 2, y, 0.0), along=(1, 0, 0), width_m=size_m, height_m=height_m, shadow=1.0)
    ]


def _branches(
    picture: Image, rng: np.random.Generator, *, start: tuple[int, int], length: float, angle: float, depth: int
) -> None:
    if depth == 0:
        return
    for turn in (-0.5, 0.05, 0.5):
        heading = angle + turn + rng.normal() * 0.15
        reach = length * rng.uniform(0.65, 0.95)
        end = (int(start[0] + reach * np.cos(heading)), int(start[1] + reach * np.sin(heading)))
        cv2.line(picture, start, end, (88, 70, 56, 255), max(depth * 2 - 2, 2))
        _branches(picture, rng, start=end, length=length * 0.68, angle=heading, depth=depth - 1)


def _leaves(picture: Image, rng: np.random.Generator) -> None:
    rows, columns = picture.shape[:2]
    radius = columns * 0.46
    centre = np.asarray([columns / 2, rows * 0.36])
    offsets = rng.normal(size=(2600, 2)) * np.asarray([0.42, 0.40])
    offsets = offsets[np.hypot(offsets[:, 0], offsets[:, 1]) < 1.0]
    offsets = offsets[np.argsort(-offsets[:, 1] - rng.uniform(0, 0.5, len(offsets)))]
    for dx, dy in offsets:
        spot = centre + radius * np.asarray([dx, dy * 0.9])
        clump = np.sin(dx * 9 + 1) * np.cos(dy * 8) * 0.14
        tone = np.clip(0.62 - 0.34 * dy - 0.16 * dx + clump + rng.normal() * 0.07, 0.22, 1.1)
        leaf = (int(96 * tone), int(132 * tone), int(58 * tone), 255)
        cv2.circle(picture, (int(spot[0]), int(spot[1])), int(rng.uniform(4, 9)), leaf, -1)


def fence(start: Point, *, along: Point, length_m: float, height_m: float, colour: Colour = (70, 76, 80)) -> Surface:
    """A fence of upright bars that one can see through."""
    picture = canvas(length_m, height_m, colour=(0, 0, 0), per_m=40, clear=True)
    rows, columns = picture.shape[:2]
    for x in range(0, columns, 7):
        picture[:, x : x + 2] = (*colour, 255)
    for x in range(0, columns, 100):
        picture[:, x : x + 5] = (*[int(c * 0.8) for c in colour], 255)
    picture[4:8] = picture[rows - 10 : rows - 6] = (*colour, 255)
    return panel(picture, origin=start, along=along, width_m=length_m, height_m=height_m, shadow=1.0)
