"""Footage made of numpy pictures, with no file behind it."""

from dataclasses import dataclass

import cv2
import numpy as np

from curation.core.stages import Before, Look
from curation.core.stages.contract import EVER

S = 1_000_000
HEIGHT, WIDTH = 180, 320
NO_TIMES = np.zeros(0, np.int64)


@dataclass(frozen=True)
class GreyPicture:
    pts_us: int
    grey: np.ndarray
    is_full_range: bool = True

    def luma(self):
        return self.grey

    def rgb(self):
        return np.repeat(self.grey[:, :, None], 3, axis=2)


class Film:
    """Pictures in a row, as `core.types.Footage`: read forward only."""

    def __init__(self, pictures):
        self.pictures = list(pictures)
        self.keyframes_us = np.array([p.pts_us for p in self.pictures[:1]], np.int64)
        self.asked_us = 0

    def frames(self, span, *, warm_up_us=0):
        first_us = span.start_us - warm_up_us
        return (picture for picture in self.pictures if first_us <= picture.pts_us < span.end_us)

    def at(self, pts_us):
        if pts_us < self.asked_us:
            raise ValueError(f"at: pts_us {pts_us} is before {self.asked_us}.")
        self.asked_us = pts_us
        return next((picture for picture in self.pictures if picture.pts_us >= pts_us), None)


def film(draw, *, seconds, fps=10.0):
    """A film of `draw(t_s)` pictures."""
    times = [round(n * S / fps) for n in range(round(seconds * fps))]
    return Film(GreyPicture(t, draw(t / S)) for t in times)


def no_detector(name):
    raise AssertionError(f"{name} was loaded, but there is nothing to look at")


def work(footage, span=EVER, *, before=None, load_detector=no_detector, report=lambda _: None):
    before = before or Before([EVER], NO_TIMES, NO_TIMES, follows_dense=True)
    return Look(footage, span, before, load_detector, report)


def room(seed=0, *, low=20, high=80):
    """A picture with edges everywhere, of the given levels."""
    picture = np.full((HEIGHT, WIDTH), (low + high) // 2, np.uint8)
    chance = np.random.default_rng(seed)
    for _ in range(120):
        x, y, w, h = (int(n) for n in chance.integers((0, 0, 6, 6), (WIDTH, HEIGHT, 50, 50)))
        cv2.rectangle(picture, (x, y), (x + w, y + h), int(chance.integers(low, high)), -1)
    return cv2.GaussianBlur(picture, (3, 3), 0)


def noisy(picture, t_s, *, sigma=2.5):
    """Add sensor noise that is the same whenever the same moment is drawn."""
    chance = np.random.default_rng(round(t_s * 1000))
    return np.clip(picture + chance.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def with_square(picture, x, y=90, *, width=24, height=40, level=200):
    """Put somebody in: a textured block whose upper left corner is at (x, y)."""
    shown = picture.copy()
    left, right = max(0, round(x)), min(picture.shape[1], round(x) + width)
    if left < right:
        shown[y : y + height, left:right] = level
        shown[y + height // 3 : y + height // 2, left:right] = level // 2
    return shown


ROOM = room()


def walk(t_s, *, start_s, end_s, speed=40.0, background=ROOM):
    """A scene in which somebody crosses the middle of the picture between two moments."""
    if not start_s <= t_s < end_s:
        return noisy(background, t_s)
    return noisy(with_square(background, 30 + speed * (t_s - start_s)), t_s)


def bright(picture, layer):
    return cv2.add(picture, layer.astype(np.uint8))


def rain(t_s, *, count=100, level=20):
    """Streaks that are elsewhere in every picture."""
    layer = np.zeros((HEIGHT, WIDTH), np.uint8)
    chance = np.random.default_rng(round(t_s * 1000) + 1)
    for x, y in chance.integers((0, 0), (WIDTH, HEIGHT), (count, 2)).tolist():
        cv2.line(layer, (x, y), (x - 2, y + 14), level, 1, cv2.LINE_AA)
    return bright(noisy(ROOM, t_s), layer)


def snow(t_s, *, count=60, level=25):
    """Flakes that fall 50 to 90 px each second, each its own way."""
    layer = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y, speed in np.random.default_rng(3).uniform((0, 0, 50), (WIDTH, HEIGHT, 90), (count, 3)):
        cv2.circle(layer, (round(x + 6 * np.sin(t_s + x)), round(y + speed * t_s) % HEIGHT), 1, level, -1)
    return bright(noisy(ROOM, t_s), layer)


def switched(*moments_s):
    """Light that is three times as bright after the first moment, as before after the second, and so on."""
    return lambda t_s: noisy(ROOM * (3 if sum(t_s >= m for m in moments_s) % 2 else 1), t_s)
