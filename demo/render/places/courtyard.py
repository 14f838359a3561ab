"""A courtyard: paving and lawn before a facade, two trees, a bench and a lamp post."""

import cv2

from demo.render.props import box, canvas, door_picture, panel, tree, window_picture
from demo.render.scene import Lamp, Light, Place, Surface
from demo.render.texture import bricks, ground, plain, tiles


def build() -> Place:
    """Build the courtyard; lights "sun", "overcast", "dusk" and "night"."""
    post = Lamp(at=(2.92, 11.2, 3.4), colour=(2.0, 1.5, 0.82), reach_m=2.0)
    porch = Lamp(at=(-0.6, 20.2, 3.0), colour=(1.8, 1.35, 0.75), reach_m=1.6)
    wall = Lamp(at=(8.0, 8.0, 3.4), colour=(1.2, 0.95, 0.58), reach_m=1.6)
    lamps = (post, porch, wall)
    return Place(
        surfaces=(*_terrain(), *_facade(), *_garden()),
        lights={
            "sun": Light(ambient=(0.34, 0.38, 0.46), sun=(0.86, 0.80, 0.68), glow=0.25, sky=(0.42, 0.62, 0.92)),
            "overcast": Light(ambient=(0.60, 0.63, 0.67), glow=0.2, sky=(0.66, 0.70, 0.75), clouds=0.1),
            "dusk": Light(ambient=(0.26, 0.28, 0.38), lamps=lamps, glow=0.5, sky=(0.26, 0.30, 0.44)),
            "night": Light(ambient=(0.024, 0.030, 0.052), lamps=lamps, glow=2.2, sky=(0.014, 0.018, 0.036)),
        },
    )


def _terrain() -> list[Surface]:
    paving = tiles("a8a296", joint="77736b", size_m=0.8, joint_m=0.02, vary=0.09)
    return [
        Surface(origin=(-14, -1, 0), edge_s=(26, 0, 0), edge_t=(0, 23, 0), shader=paving, ground=True),
        Surface(
            origin=(-14, 8.0, 0.02),
            edge_s=(10.6, 0, 0),
            edge_t=(0, 9, 0),
            shader=ground("6f8a4a", speckle=0.2),
            ground=True,
        ),
        Surface(origin=(-3.4, 8.0, 0.0), edge_s=(0, 9, 0), edge_t=(0, 0, 0.16), shader=plain("b9b4aa")),
        Surface(origin=(-14, 8.0, 0.0), edge_s=(10.6, 0, 0), edge_t=(0, 0, 0.16), shader=plain("b9b4aa")),
        Surface(origin=(8.6, -1, 0), edge_s=(0, 23, 0), edge_t=(0, 0, 6), shader=bricks("a0644c", joint="c2b4a4")),
    ]


def _facade() -> list[Surface]:
    wall = bricks("c8b696", joint="b3a284", width_m=1.2, height_m=0.5, vary=0.05)
    parts = [Surface(origin=(-16, 21, 0), edge_s=(25, 0, 0), edge_t=(0, 0, 8.5), shader=wall)]
    parts += box((-16, 20.8, 3.9), (8.6, 21, 4.1), plain("d8d0bf"))
    parts += box((-16, 20.9, 0), (8.6, 21, 0.6), plain("8c857a"))
    lit = window_picture(1.3, 1.7, frame=(224, 220, 210), pane=(206, 178, 120))
    dark = window_picture(1.3, 1.7, frame=(224, 220, 210), pane=(92, 112, 128))
    for i, x in enumerate((-13.5, -11.0, -8.5, -6.0, -3.5, 1.6, 4.1, 6.6)):
        for j, z in enumerate((1.3, 5.0)):
            bright = (i * 3 + j * 5) % 7 == 0
            picture = lit if bright else dark
            parts.append(
                panel(picture, origin=(x, 20.85, z), along=(1, 0, 0), width_m=1.3, height_m=1.7, glow=float(bright))
            )
            parts += box((x - 0.1, 20.7, z - 0.12), (x + 1.4, 21, z), plain("e0d9ca"))
    door = door_picture(colour=(52, 84, 74), glass=True)
    for x in (-1.6, -0.45):
        parts.append(panel(door, origin=(x, 20.84, 0), along=(1, 0, 0), width_m=1.15, height_m=2.5))
    parts += box((-2.1, 19.6, 2.75), (1.2, 21, 2.95), plain("70757a"))
    return parts


def _garden() -> list[Surface]:
    parts = [*tree(-5.3, 11.0, height_m=5.6, seed=1), *tree(5.4, 15.5, height_m=6.2, seed=2)]
    parts += box((4.9, 15.2, 0), (5.9, 15.9, 0.3), plain("8d8577"))
    parts += box((5.9, 9.0, 0.42), (8.0, 9.5, 0.5), plain("8a6038", grain=0.12, metres=0.7))
    parts += box((5.9, 9.5, 0.55), (8.0, 9.56, 0.95), plain("94683e", grain=0.12, metres=0.7))
    for x in (6.1, 7.7):
        parts += box((x, 9.05, 0), (x + 0.08, 9.45, 0.42), plain("3a3c3e"))
    parts += box((2.86, 11.5, 0), (2.98, 11.62, 3.5), plain("3c4448"))
    parts += box((2.72, 11.36, 3.5), (3.12, 11.76, 3.8), plain("f4e8c6", grain=0.0))
    hedge = ground("4f6c38", speckle=0.3, stains=0.15)
    parts += box((-14, 16.2, 0), (-3.6, 17.0, 1.0), hedge, top=ground("628446", speckle=0.3))
    parts += box((1.6, 19.3, 0), (8.4, 20.2, 0.8), hedge, top=ground("628446", speckle=0.3))
    bin_side = canvas(0.6, 0.9, colour=(74, 92, 84))
    cv2.rectangle(bin_side, (6, 12), (53, 24), (30, 34, 34, 255), -1)
    parts.append(panel(bin_side, origin=(1.6, 13.4, 0), along=(1, 0, 0), width_m=0.6, height_m=0.9, shadow=1.0))
    return parts
