"""What lies between the world and the picture: rain, snow, lens, glare, and the sensor's noise."""

from functools import cache

import cv2
import numpy as np

from demo.render.arrays import Image

_SLACK_PX = 96


@cache
def _noise(height: int, width: int, sigma: float) -> tuple[Image, Image]:
    """Brightening and darkening grain, larger than the picture: mostly luma, a little chroma."""
    rng = np.random.default_rng([17, height, width])
    shape = (height + _SLACK_PX, width + _SLACK_PX)
    luma = rng.normal(size=shape).astype(np.float32)
    luma = 0.8 * luma + 0.6 * cv2.GaussianBlur(luma, (0, 0), 0.8) * 2.2
    grain = (0.9 * luma[..., None] + 0.35 * rng.normal(size=(*shape, 3))) * sigma / 1.3
    rounded = np.round(grain)
    return np.clip(rounded, 0, 255).astype(np.uint8), np.clip(-rounded, 0, 255).astype(np.uint8)


def add_noise(frame: Image, *, sigma: float, rng: np.random.Generator) -> Image:
    """Add sensor noise of about `sigma` grey levels."""
    height, width = frame.shape[:2]
    y, x = (int(v) for v in rng.integers(_SLACK_PX, size=2))
    plus, minus = _noise(height, width, sigma)
    window = np.s_[y : y + height, x : x + width]
    return np.asarray(cv2.subtract(cv2.add(frame, plus[window]), minus[window]), dtype=np.uint8)


def blur(frame: Image, *, lens_px: float) -> Image:
    """Put the lens out of focus by sigma lens_px, for a picture 640 px wide."""
    sigma = lens_px * frame.shape[1] / 640
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma), dtype=np.uint8)


@cache
def glare_picture(height: int, width: int, strength: float) -> Image:
    """A flare from the upper right: a bright veil, a core, and ghosts along its axis."""
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32) / width
    source, middle = np.asarray([0.80, 0.02]), np.asarray([0.5, height / width / 2])
    away = np.hypot(xs - source[0], ys - source[1])
    glow = 0.75 * np.exp(-((away / 0.10) ** 2)) + 0.42 * np.exp(-away / 0.24)
    angle = np.arctan2(ys - source[1], xs - source[0])
    glow += 0.16 * np.exp(-away / 0.35) * np.clip(np.cos(angle * 7 + 0.6), 0, 1) ** 8
    for along, radius, power in ((0.75, 0.022, 0.16), (1.25, 0.045, 0.12), (1.55, 0.03, 0.14), (1.9, 0.07, 0.08)):
        spot = source + (middle - source) * along
        glow += power / (1 + np.exp((np.hypot(xs - spot[0], ys - spot[1]) - radius) * 300))
    tint = np.asarray([255, 240, 206], dtype=np.float32)
    return np.asarray(np.clip(glow[..., None] * tint * strength, 0, 255), dtype=np.uint8)


@cache
def _rain(height: int, width: int) -> Image:
    rng = np.random.default_rng([19, height, width])
    scale = width / 640
    shape = (height * 3, width + _SLACK_PX)
    picture: Image = np.zeros(shape, dtype=np.uint8)
    for _ in range(2600):
        near = rng.random() ** 2
        x, y = rng.uniform(0, shape[1]), rng.uniform(0, shape[0])
        length = (7 + 17 * near) * scale
        end = (int((x - length * 0.13) * 8), int((y + length) * 8))
        value = int(22 + 48 * near)
        cv2.line(
            picture, (int(x * 8), int(y * 8)), end, (value,), 2 if near > 0.85 and scale > 0.75 else 1, cv2.LINE_AA, 3
        )
    soft = cv2.GaussianBlur(picture, (0, 0), 0.6 * max(scale, 0.5))
    return np.asarray(cv2.merge([soft, soft, soft]), dtype=np.uint8)


def add_rain(frame: Image, *, level: float, rng: np.random.Generator) -> Image:
    """Add falling streaks, fainter in the dark."""
    height, width = frame.shape[:2]
    streaks = _rain(height, width)
    y, x = int(rng.integers(height * 2)), int(rng.integers(_SLACK_PX))
    gain = float(np.clip(level / 110, 0.28, 1.0))
    return np.asarray(cv2.addWeighted(frame, 1.0, streaks[y : y + height, x : x + width], gain, 0.0), dtype=np.uint8)


@cache
def _snow(height: int, width: int, layer: int) -> Image:
    rng = np.random.default_rng([23, height, width, layer])
    scale = width / 640
    picture: Image = np.zeros((height, width), dtype=np.uint8)
    count, radius, value = ((420, 0.9, 130), (150, 1.7, 180), (26, 3.4, 205))[layer]
    for _ in range(count):
        spot = (int(rng.uniform(0, width) * 8), int(rng.uniform(0, height) * 8))
        size = max(int(radius * scale * rng.uniform(0.7, 1.3) * 8), 4)
        cv2.circle(picture, spot, size, (int(value * rng.uniform(0.7, 1.0)),), -1, cv2.LINE_AA, 3)
    soft = cv2.GaussianBlur(picture, (0, 0), (0.5, 0.8, 1.6)[layer] * max(scale, 0.5))
    doubled = np.tile(soft, (2, 2))
    return np.asarray(cv2.merge([doubled, doubled, doubled]), dtype=np.uint8)


def add_snow(frame: Image, *, level: float, index: int) -> Image:
    """Add three layers of flakes that fall and drift with the number of the frame."""
    height, width = frame.shape[:2]
    gain = float(np.clip(level / 150, 0.30, 1.0))
    for layer, (fall, drift) in enumerate(((0.021, 0.006), (0.042, 0.011), (0.085, 0.019))):
        flakes = _snow(height, width, layer)
        y = int(-index * fall * height * 2) % height
        x = int(index * drift * width + 11 * np.sin(index * 0.11 + layer)) % width
        frame = np.asarray(
            cv2.addWeighted(frame, 1.0, flakes[y : y + height, x : x + width], gain, 0.0), dtype=np.uint8
        )
    return frame
