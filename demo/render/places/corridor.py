"""A corridor in an office: doors, a side passage at the left, ceiling lights that can be switched."""

import cv2
import numpy as np

from demo.render.props import box, canvas, door_picture, panel
from demo.render.scene import Lamp, Light, Place, Surface
from demo.render.texture import edged, plain, tiles

_LEFT, _RIGHT, _END, _HIGH = -2.0, 2.0, 19.0, 2.9
_GAP = (7.0, 9.0)


def build() -> Place:
    """Build the corridor; lights "on", "off" and "evening"."""
    surfaces = [*_shell(), *_fittings()]
    panels = tuple(Lamp(at=(0.0, y, 2.7), colour=(0.62, 0.60, 0.54), reach_m=2.2) for y in (2.0, 5.5, 9.0, 12.5, 16.0))
    sign = Lamp(at=(0.0, 18.6, 2.4), colour=(0.03, 0.16, 0.07), reach_m=2.5)
    door = Lamp(at=(0.0, 18.2, 1.4), colour=(0.10, 0.13, 0.19), reach_m=3.5)
    passage = Lamp(at=(-3.6, 8.0, 2.2), colour=(0.16, 0.15, 0.12), reach_m=1.8)
    return Place(
        surfaces=tuple(surfaces),
        lights={
            "on": Light(ambient=(0.20, 0.20, 0.20), lamps=panels, glow=1.0),
            "off": Light(ambient=(0.030, 0.034, 0.045), lamps=(sign, door, passage), glow=0.05),
            "evening": Light(ambient=(0.10, 0.09, 0.09), lamps=(*panels[::2], sign), glow=0.7),
        },
        polish=0.22,
    )


def _shell() -> list[Surface]:
    wall = plain("d6d1c4", grain=0.025)
    length = _END + 1
    floor = edged(tiles("8f9088", joint="6d6e69", size_m=0.6, vary=0.06), width_m=4.0, height_m=length, reach_m=0.35)
    ceiling = edged(tiles("d8d8d2", joint="a9a9a4", size_m=0.6, vary=0.02), width_m=4.0, height_m=length, reach_m=0.4)

    def side(x: float, y0: float, y1: float) -> Surface:
        shader = edged(wall, width_m=y1 - y0, height_m=_HIGH, reach_m=0.25, depth=0.25)
        return Surface(origin=(x, y0, 0), edge_s=(0, y1 - y0, 0), edge_t=(0, 0, _HIGH), shader=shader)

    passage = edged(plain("cfc9b8"), width_m=4.0, height_m=_HIGH, reach_m=0.4)
    return [
        Surface(origin=(_LEFT, -1, 0), edge_s=(4, 0, 0), edge_t=(0, length, 0), shader=floor, ground=True),
        Surface(origin=(-6, _GAP[0], 0), edge_s=(4, 0, 0), edge_t=(0, 2, 0), shader=plain("83847d"), ground=True),
        Surface(origin=(_LEFT, -1, _HIGH), edge_s=(4, 0, 0), edge_t=(0, length, 0), shader=ceiling),
        Surface(origin=(-6, _GAP[0], _HIGH), edge_s=(4, 0, 0), edge_t=(0, 2, 0), shader=plain("c8c8c2")),
        side(_LEFT, -1, _GAP[0]),
        side(_LEFT, _GAP[1], _END),
        side(_RIGHT, -1, _END),
        Surface(origin=(-6, _GAP[1], 0), edge_s=(4, 0, 0), edge_t=(0, 0, _HIGH), shader=passage),
        Surface(origin=(-6, _GAP[0], 0), edge_s=(4, 0, 0), edge_t=(0, 0, _HIGH), shader=passage),
        Surface(origin=(-6, _GAP[0], 0), edge_s=(0, 2, 0), edge_t=(0, 0, _HIGH), shader=passage),
        Surface(
            origin=(_LEFT, _END, 0),
            edge_s=(4, 0, 0),
            edge_t=(0, 0, _HIGH),
            shader=edged(wall, width_m=4, height_m=_HIGH, reach_m=0.4),
        ),
    ]


def _fittings() -> list[Surface]:
    parts: list[Surface] = []
    wood, grey = door_picture(colour=(134, 92, 58)), door_picture(colour=(96, 112, 124), glass=True)
    for y in (3.4, 10.2, 14.6):
        parts.append(panel(wood, origin=(1.985, y, 0), along=(0, 1, 0), width_m=1.0, height_m=2.1))
    for y in (4.2, 11.5, 15.8):
        parts.append(panel(wood, origin=(-1.985, y, 0), along=(0, 1, 0), width_m=1.0, height_m=2.1))
    for x in (-1.0, 0.02):
        parts.append(panel(grey, origin=(x, 18.98, 0), along=(1, 0, 0), width_m=1.0, height_m=2.1))
    for y in (2.0, 5.5, 9.0, 12.5, 16.0):
        shader = plain("fffdf4", grain=0.0)
        parts.append(
            Surface(origin=(-0.3, y - 0.6, 2.89), edge_s=(0.6, 0, 0), edge_t=(0, 1.2, 0), shader=shader, glow=1.6)
        )
    exit_sign = canvas(0.7, 0.28, colour=(24, 150, 78))
    cv2.putText(exit_sign, "EXIT", (8, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (240, 255, 240, 255), 2)
    parts.append(panel(exit_sign, origin=(-0.35, 18.9, 2.3), along=(1, 0, 0), width_m=0.7, height_m=0.28, glow=0.8))
    parts.append(panel(_board(), origin=(1.985, 6.6, 1.0), along=(0, 1, 0), width_m=1.8, height_m=1.1))
    stripe = plain("5f7f8c", grain=0.02)
    for x, y0, y1 in ((-1.99, -1.0, 7.0), (-1.99, 9.0, 19.0), (1.99, -1.0, 19.0)):
        parts.append(Surface(origin=(x, y0, 0.95), edge_s=(0, y1 - y0, 0), edge_t=(0, 0, 0.12), shader=stripe))
        base = plain("57534c", grain=0.02)
        parts.append(Surface(origin=(x, y0, 0.0), edge_s=(0, y1 - y0, 0), edge_t=(0, 0, 0.11), shader=base))
    parts += box((-1.95, 5.8, 0.0), (-1.35, 6.4, 0.62), plain("6b5a4c"), top=plain("3c3026"))
    parts.append(_plant(-1.65, 6.1))
    parts += box((1.35, 12.0, 0.0), (1.95, 12.7, 1.15), plain("8a9aa2", grain=0.02), top=plain("a6b2b8"))
    return parts


def _board() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = canvas(1.8, 1.1, colour=(150, 116, 78))
    cv2.rectangle(picture, (0, 0), (179, 109), (88, 66, 46, 255), 6)
    sheets = ((16, 16, 34, 44, (236, 234, 226)), (60, 14, 40, 30, (240, 222, 140)), (60, 54, 34, 40, (226, 232, 240)))
    more = ((112, 18, 46, 60, (238, 238, 234)), (18, 66, 30, 30, (214, 132, 120)), (116, 84, 38, 16, (150, 196, 160)))
    for x, y, w, h, colour in (*sheets, *more):
        cv2.rectangle(picture, (x, y), (x + w, y + h), (*colour, 255), -1)
        for line in range(y + 7, y + h - 4, 6):
            cv2.line(picture, (x + 4, line), (x + w - 6, line), (120, 120, 120, 255), 1)
    return picture


def _plant(x: float, y: float) -> Surface:
    rng = np.random.default_rng(5)
    picture = canvas(1.0, 1.1, colour=(0, 0, 0), clear=True)
    for _ in range(70):
        bend, reach = rng.uniform(-0.9, 0.9), rng.uniform(50, 100)
        tip = (int(50 + bend * 46), int(109 - reach * np.cos(bend * 0.9)))
        tone = rng.uniform(0.55, 1.15)
        cv2.line(picture, (50 + int(bend * 8), 109), tip, (int(62 * tone), int(112 * tone), int(52 * tone), 255), 4)
    return panel(picture, origin=(x - 0.5, y, 0.6), along=(1, 0, 0), width_m=1.0, height_m=1.1)
