"""Frames of a script, one after another, each with its truth."""

from collections.abc import Iterator
from functools import cache
from zlib import crc32

import cv2
import numpy as np

from demo.render import effects
from demo.render.arrays import Image
from demo.render.script import Condition, Script, Weather
from demo.render.stage import Stage
from demo.render.truth import FrameTruth, blurriness_of, lighting_of

_GLARE_MIN = 0.05


def frames(script: Script, seed: int) -> Iterator[tuple[Image, FrameTruth]]:
    """Render a script: yields (frame (H, W, 3) uint8 RGB, its truth). The same seed gives the same frames."""
    stage = Stage(script)
    rng = np.random.default_rng([seed, crc32(f"{script.camera}/{script.name}".encode())])
    for index, tick in enumerate(script.ticks):
        time_s = tick / script.fps
        now, level = script.condition(time_s)
        room = _added_luma(script.height_px, script.width_px, now.weather, now.glare, round(level / 4) * 4)
        frame, boxes, moved = stage.draw(time_s, now, max(level - room, 1.0))
        frame = _through_lens(frame, now, level, index=index, rng=rng)
        lying = any(script.walks[box.track_id].lies for box in boxes)
        people = sum(box.label == "person" for box in boxes)
        yield (
            frame,
            FrameTruth(
                index=index,
                time_s=time_s,
                lighting=lighting_of(level),
                level=round(level, 2),
                blurriness=blurriness_of(now.lens_px),
                lens_px=now.lens_px,
                motion=moved,
                people=people,
                weather=now.weather,
                glare=now.glare > _GLARE_MIN,
                reflections=now.wet or stage.place.place.polish > 0.3,
                noise=now.noise,
                fallen=lying,
                boxes=boxes,
            ),
        )


def _through_lens(frame: Image, now: Condition, level: float, *, index: int, rng: np.random.Generator) -> Image:
    height, width = frame.shape[:2]
    if now.weather == "rain":
        frame = effects.add_rain(frame, level=level, rng=rng)
    elif now.weather == "snow":
        frame = effects.add_snow(frame, level=level, index=index)
    if now.lens_px > 0:
        frame = effects.blur(frame, lens_px=now.lens_px)
    if now.glare > 0:
        frame = np.asarray(cv2.add(frame, effects.glare_picture(height, width, now.glare)), dtype=np.uint8)
    return effects.add_noise(frame, sigma=now.noise, rng=rng)


@cache
def _added_luma(height: int, width: int, weather: Weather, glare: float, level: int) -> float:
    """Mean luma that weather and glare add, so that the exposure can make room for it."""
    grey: Image = np.full((height, width, 3), level, dtype=np.uint8)
    rng = np.random.default_rng(0)
    now = Condition(at_s=0, state="", level=level, weather=weather, glare=glare, noise=0.0)
    return float(_through_lens(grey, now, level, index=5, rng=rng).mean()) - level
