"""A works gate seen from a mast: a road through a fence, a guardhouse, a barrier, parked cars."""

import cv2
import numpy as np

from demo.render.props import box, canvas, car, door_picture, fence, panel, tree, window_picture
from demo.render.scene import Lamp, Light, Place, Surface
from demo.render.texture import Shader, bricks, ground, painted, plain


def build() -> Place:
    """Build the gate; lights "sun", "overcast" and "night"."""
    mast = Lamp(at=(-2.2, 20.6, 5.2), colour=(2.6, 1.75, 0.80), reach_m=2.6)
    house = Lamp(at=(4.4, 15.4, 2.8), colour=(1.7, 1.5, 1.1), reach_m=1.7)
    yard = Lamp(at=(-8.5, 12.0, 6.0), colour=(1.5, 1.0, 0.45), reach_m=2.6)
    return Place(
        surfaces=(*_terrain(), *_boundary(), *_guardhouse(), *_cars()),
        lights={
            "sun": Light(
                ambient=(0.34, 0.38, 0.46), sun=(0.84, 0.78, 0.66), sun_from=(0.55, -0.5, 0.7), sky=(0.5, 0.66, 0.9)
            ),
            "overcast": Light(ambient=(0.60, 0.63, 0.67), sky=(0.66, 0.70, 0.75), clouds=0.1, glow=0.2),
            "night": Light(
                ambient=(0.022, 0.026, 0.042), lamps=(mast, house, yard), glow=2.5, sky=(0.012, 0.016, 0.032)
            ),
        },
    )


def _road() -> Shader:
    picture = canvas(9.0, 44.0, colour=(104, 104, 106), per_m=24)
    picture[..., :3] = np.clip(
        picture[..., :3] + np.random.default_rng(3).normal(0, 5, picture.shape[:2])[..., None], 0, 255
    ).astype(np.uint8)
    for x in (8, 205):
        cv2.rectangle(picture, (x, 0), (x + 3, 1055), (206, 206, 200, 255), -1)
    for y in range(20, 1056, 110):
        cv2.rectangle(picture, (106, y), (109, y + 60), (206, 206, 200, 255), -1)
    stop = 1056 - int(17.8 * 24)
    cv2.rectangle(picture, (110, stop), (203, stop + 10), (214, 214, 208, 255), -1)
    return painted(picture, width_m=9.0, height_m=44.0)


def _terrain() -> list[Surface]:
    parts = [
        Surface(
            origin=(-30, -2, 0), edge_s=(60, 0, 0), edge_t=(0, 60, 0), shader=ground("7d8a58", speckle=0.2), ground=True
        ),
        Surface(origin=(-14, 2, 0.01), edge_s=(26, 0, 0), edge_t=(0, 20.5, 0), shader=ground("76767a"), ground=True),
        Surface(origin=(-4.5, 2, 0.02), edge_s=(9, 0, 0), edge_t=(0, 44, 0), shader=_road(), ground=True),
        Surface(
            origin=(-6.6, 2, 0.03),
            edge_s=(1.7, 0, 0),
            edge_t=(0, 20.5, 0),
            shader=bricks("a39c92", joint="77726a"),
            ground=True,
        ),
    ]
    for y in (7.6, 10.4, 13.2, 16.0, 18.8):
        line = plain("cfcfca", grain=0.05)
        parts.append(Surface(origin=(-13, y, 0.03), edge_s=(5.4, 0, 0), edge_t=(0, 0.12, 0), shader=line, ground=True))
    return parts


def _boundary() -> list[Surface]:
    parts = [
        fence((-20, 22.5, 0), along=(1, 0, 0), length_m=15.2, height_m=2.1),
        fence((4.8, 22.5, 0), along=(1, 0, 0), length_m=16.0, height_m=2.1),
        fence((-8.6, 22.9, 0), along=(1, 0, 0), length_m=4.6, height_m=1.9, colour=(140, 92, 40)),
    ]
    for x in (-4.8, 4.5):
        parts += box((x, 22.3, 0), (x + 0.4, 22.7, 2.5), bricks("9a5f4a", joint="b9ab9c"), top=plain("cdc8be"))
    boom = canvas(4.2, 0.14, colour=(236, 234, 228))
    for x in range(0, 420, 70):
        cv2.rectangle(boom, (x, 0), (x + 34, 14), (196, 44, 36, 255), -1)
    parts.append(panel(boom, origin=(0.1, 18.6, 0.95), along=(1, 0, 0), width_m=4.2, height_m=0.16, shadow=1.0))
    parts += box((4.3, 18.4, 0), (4.65, 18.8, 1.15), plain("d8b13a", grain=0.03))
    for x, y, seed, tall in (
        (-15.5, 27.0, 4, 7.0),
        (-9.5, 29.0, 5, 6.0),
        (10.0, 27.5, 6, 6.5),
        (15.0, 30.0, 7, 8.0),
        (-21, 33.0, 8, 8.0),
    ):
        parts += tree(x, y, height_m=tall, seed=seed)
    parts += tree(-5.8, 17.2, height_m=4.4, seed=9)
    parts += box((-2.72, 22.2, 0), (-2.56, 22.36, 5.6), plain("565c60"))
    return parts


def _guardhouse() -> list[Surface]:
    wall, roof = plain("cdbf9f", grain=0.04), plain("6a5550", grain=0.06)
    parts = box((5.2, 16.0, 0), (8.4, 19.4, 2.7), wall, top=roof)
    parts += box((4.9, 15.7, 2.7), (8.7, 19.7, 2.9), plain("7d6a62"), top=roof)
    pane = window_picture(1.6, 1.1, frame=(90, 84, 76), pane=(214, 190, 128))
    parts.append(panel(pane, origin=(6.4, 15.98, 1.1), along=(1, 0, 0), width_m=1.6, height_m=1.1, glow=0.7))
    parts.append(panel(pane, origin=(5.18, 17.2, 1.1), along=(0, 1, 0), width_m=1.6, height_m=1.1, glow=0.7))
    door = door_picture(colour=(70, 92, 110))
    parts.append(panel(door, origin=(5.3, 15.97, 0.0), along=(1, 0, 0), width_m=0.95, height_m=2.1))
    return parts


def _cars() -> list[Surface]:
    return [
        *_across(-12.6, 8.2, "9c2f2a"),
        *_across(-12.4, 13.9, "b9bec2"),
        *_across(-12.8, 16.6, "2f4a6b"),
        *car(8.6, 8.4, colour="d9d5c8"),
        *car(11.2, 8.0, colour="4c5a4e"),
    ]


def _across(x: float, y: float, colour: str) -> list[Surface]:
    parts = []
    for surface in car(0.0, 0.0, colour=colour):
        (ox, oy, oz), (sx, sy, sz), (tx, ty, tz) = surface.origin, surface.edge_s, surface.edge_t
        turned = Surface(
            origin=(x + oy, y + ox, oz),
            edge_s=(sy, sx, sz),
            edge_t=(ty, tx, tz),
            shader=surface.shader,
            shadow=surface.shadow,
        )
        parts.append(turned)
    return parts
