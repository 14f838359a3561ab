"""A lobby with a glass front, pillars, a reception desk and a polished stone floor."""

import cv2

from demo.render.props import box, canvas, door_picture, panel, window_picture
from demo.render.scene import Lamp, Light, Place, Surface
from demo.render.texture import edged, plain, tiles

_WIDE, _DEEP, _HIGH = 6.5, 15.0, 4.2


def build() -> Place:
    """Build the lobby; lights "day" (from the glass front) and "evening" (lamps)."""
    lamps = tuple(
        Lamp(at=(x, y, 3.9), colour=(0.55, 0.50, 0.40), reach_m=2.6) for x in (-3.5, 0.0, 3.5) for y in (3.5, 8.0, 12.5)
    )
    front = tuple(Lamp(at=(x, 13.8, 2.2), colour=(0.55, 0.62, 0.70), reach_m=4.0) for x in (-4.5, 0.0, 4.5))
    soft = tuple(Lamp(at=lamp.at, colour=(0.16, 0.15, 0.12), reach_m=2.6) for lamp in lamps)
    return Place(
        surfaces=(*_shell(), *_fittings()),
        lights={
            "day": Light(ambient=(0.30, 0.31, 0.33), lamps=(*front, *soft), glow=1.0),
            "evening": Light(ambient=(0.12, 0.11, 0.10), lamps=lamps, glow=0.22),
        },
        polish=0.42,
    )


def _shell() -> list[Surface]:
    width = 2 * _WIDE
    stone = edged(
        tiles("a59c90", joint="7d766c", size_m=0.9, joint_m=0.01, vary=0.08), width_m=width, height_m=16, reach_m=0.5
    )
    wall = edged(plain("c9bfae", grain=0.03), width_m=16, height_m=_HIGH, reach_m=0.4)
    back = edged(plain("b5aa98", grain=0.03), width_m=width, height_m=_HIGH, reach_m=0.4)
    ceiling = edged(plain("d9d6d0", grain=0.01), width_m=width, height_m=16, reach_m=0.8)
    return [
        Surface(origin=(-_WIDE, -1, 0), edge_s=(width, 0, 0), edge_t=(0, 16, 0), shader=stone, ground=True),
        Surface(origin=(-_WIDE, -1, _HIGH), edge_s=(width, 0, 0), edge_t=(0, 16, 0), shader=ceiling),
        Surface(origin=(-_WIDE, -1, 0), edge_s=(0, 16, 0), edge_t=(0, 0, _HIGH), shader=wall),
        Surface(origin=(_WIDE, -1, 0), edge_s=(0, 16, 0), edge_t=(0, 0, _HIGH), shader=wall),
        Surface(origin=(-_WIDE, _DEEP, 0), edge_s=(width, 0, 0), edge_t=(0, 0, _HIGH), shader=back),
    ]


def _fittings() -> list[Surface]:
    parts: list[Surface] = []
    pane = window_picture(2.5, 3.4, frame=(70, 72, 76), pane=(196, 216, 228), across=2)
    for x in (-6.3, -3.7, 1.3, 3.9):
        parts.append(panel(pane, origin=(x, 14.97, 0.25), along=(1, 0, 0), width_m=2.5, height_m=3.4, glow=0.55))
    glass = door_picture(colour=(116, 136, 146), glass=True)
    for x in (-1.05, 0.0):
        parts.append(panel(glass, origin=(x, 14.96, 0.0), along=(1, 0, 0), width_m=1.05, height_m=2.5, glow=0.12))
    for x, y in ((-2.3, 7.0), (2.5, 9.6)):
        parts += box((x - 0.3, y - 0.3, 0), (x + 0.3, y + 0.3, _HIGH), plain("ded8cc", grain=0.03))
        parts += box((x - 0.34, y - 0.34, 0), (x + 0.34, y + 0.34, 0.18), plain("6d675e", grain=0.03))
    parts += box((3.5, 6.6, 0), (5.9, 7.5, 1.08), plain("7a5638", grain=0.10, metres=1.2), top=plain("d8d4cc"))
    parts += box((4.6, 7.0, 1.08), (5.05, 7.06, 1.42), plain("24282c", grain=0.0))
    for x in (-5.9, -4.5):
        parts += box((x, 9.4, 0), (x + 1.3, 10.2, 0.42), plain("3d5566", grain=0.05))
        parts += box((x, 10.1, 0.42), (x + 1.3, 10.3, 0.85), plain("36495a", grain=0.05))
    parts += box((-5.2, 8.2, 0), (-4.2, 8.8, 0.38), plain("6e5a44", grain=0.08), top=plain("b39a78"))
    for x, y in (
        (-3.5, 3.5),
        (0.0, 3.5),
        (3.5, 3.5),
        (-3.5, 8.0),
        (0.0, 8.0),
        (3.5, 8.0),
        (-3.5, 12.5),
        (0.0, 12.5),
        (3.5, 12.5),
    ):
        shader = plain("fff6e2", grain=0.0)
        parts.append(
            Surface(origin=(x - 0.4, y - 0.4, 4.19), edge_s=(0.8, 0, 0), edge_t=(0, 0.8, 0), shader=shader, glow=1.2)
        )
    sign = canvas(2.6, 0.6, colour=(44, 74, 92))
    cv2.putText(sign, "RECEPTION", (14, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (236, 240, 240, 255), 3)
    parts.append(panel(sign, origin=(6.47, 12.0, 2.4), along=(0, -1, 0), width_m=2.6, height_m=0.6))
    for y, colour in ((4.2, (150, 84, 66)), (7.4, (74, 104, 112)), (11.0, (168, 148, 92))):
        frame = canvas(1.6, 1.1, colour=(54, 50, 46))
        cv2.rectangle(frame, (8, 8), (151, 101), (226, 222, 212, 255), -1)
        cv2.rectangle(frame, (30, 24), (130, 86), (*colour, 255), -1)
        cv2.circle(frame, (96, 50), 22, (236, 226, 196, 255), -1)
        parts.append(panel(frame, origin=(-6.47, y, 1.5), along=(0, 1, 0), width_m=1.6, height_m=1.1))
    return parts
