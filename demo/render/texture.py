"""Procedural surfaces. A shader maps metres along a surface's two edges to linear colour and opacity."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np

from demo.render.arrays import Floats, Image, rgb

Shader = Callable[[Floats, Floats], Floats]
_TILE = 512


@cache
def _noise_tile(octaves: int) -> Floats:
    rng = np.random.default_rng(1234 + octaves)
    total = np.zeros((_TILE, _TILE), dtype=np.float32)
    for octave in range(octaves):
        cells = 8 * 2**octave
        coarse = rng.normal(size=(cells, cells)).astype(np.float32)
        wrapped = np.pad(coarse, 2, mode="wrap")
        step = _TILE // cells
        fine = cv2.resize(wrapped, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
        total += fine[2 * step : 2 * step + _TILE, 2 * step : 2 * step + _TILE] * 0.62**octave
    return np.asarray(total / total.std(), dtype=np.float32)


def fbm(s: Floats, t: Floats, *, metres: float, octaves: int = 6) -> Floats:
    """Sample fractal noise of mean 0 and deviation 1 that repeats every `metres`."""
    tile = _noise_tile(octaves)
    column = (s * (_TILE / metres)).astype(np.int64) % _TILE
    row = (t * (_TILE / metres)).astype(np.int64) % _TILE
    return np.asarray(tile[row, column], dtype=np.float32)


def _tinted(colour: Floats, factor: Floats) -> Floats:
    return np.asarray(np.clip(colour * factor[..., None], 0.0, 1.0), dtype=np.float32)


def plain(code: str, *, grain: float = 0.04, metres: float = 4.0) -> Shader:
    """A matt colour with stains of relative strength `grain`."""
    colour = rgb(code)
    return lambda s, t: _tinted(colour, 1 + grain * fbm(s, t, metres=metres))


def tiles(code: str, *, joint: str, size_m: float, joint_m: float = 0.012, vary: float = 0.05) -> Shader:
    """Square tiles, each of a slightly different shade, with joints."""
    colour, seam = rgb(code), rgb(joint)

    def shade(s: Floats, t: Floats) -> Floats:
        column, row = np.floor(s / size_m), np.floor(t / size_m)
        each = np.sin(column * 127.1 + row * 311.7) * 43758.5453
        each = (each - np.floor(each) - 0.5) * 2
        body = _tinted(colour, 1 + vary * each + 0.05 * fbm(s, t, metres=3.0))
        gap = np.minimum(np.minimum(s % size_m, size_m - s % size_m), np.minimum(t % size_m, size_m - t % size_m))
        weight = np.clip(gap / joint_m, 0.0, 1.0)[..., None]
        return np.asarray(seam * (1 - weight) + body * weight, dtype=np.float32)

    return shade


def bricks(code: str, *, joint: str, width_m: float = 0.42, height_m: float = 0.16, vary: float = 0.18) -> Shader:
    """A running bond of bricks or paving stones."""
    colour, seam = rgb(code), rgb(joint)

    def shade(s: Floats, t: Floats) -> Floats:
        row = np.floor(t / height_m)
        shifted = s + (row % 2) * width_m / 2
        column = np.floor(shifted / width_m)
        each = np.sin(column * 12.9898 + row * 78.233) * 43758.5453
        each = (each - np.floor(each) - 0.5) * 2
        body = _tinted(colour, 1 + vary * each + 0.08 * fbm(s, t, metres=2.0))
        a, b = shifted % width_m, t % height_m
        gap = np.minimum(np.minimum(a, width_m - a), np.minimum(b, height_m - b))
        weight = np.clip(gap / 0.014, 0.0, 1.0)[..., None]
        return np.asarray(seam * (1 - weight) + body * weight, dtype=np.float32)

    return shade


def ground(code: str, *, speckle: float = 0.12, stains: float = 0.10) -> Shader:
    """Asphalt, gravel or lawn: fine speckle over large stains."""
    colour = rgb(code)

    def shade(s: Floats, t: Floats) -> Floats:
        fine, large = fbm(s, t, metres=1.7, octaves=7), fbm(t, s, metres=17.0, octaves=5)
        return _tinted(colour, np.clip(1 + speckle * fine + stains * large, 0.2, 2.0))

    return shade


def painted(picture: Image, *, width_m: float, height_m: float) -> Shader:
    """Map a drawn picture (H, W, 3 or 4, RGB or RGBA, row 0 at the top) over width_m x height_m."""
    linear = np.square(picture.astype(np.float32) / 255.0)
    if picture.shape[2] == 4:
        linear[..., 3] = picture[..., 3].astype(np.float32) / 255.0

    def shade(s: Floats, t: Floats) -> Floats:
        rows, columns = linear.shape[:2]
        column = np.clip((s / width_m * columns).astype(np.int64), 0, columns - 1)
        row = np.clip(((1 - t / height_m) * rows).astype(np.int64), 0, rows - 1)
        return np.asarray(linear[row, column], dtype=np.float32)

    return shade


def edged(shader: Shader, *, width_m: float, height_m: float, reach_m: float = 0.5, depth: float = 0.35) -> Shader:
    """Darken a surface softly toward its four edges, as corners of a room are."""

    def shade(s: Floats, t: Floats) -> Floats:
        gap = np.minimum(np.minimum(s, width_m - s), np.minimum(t, height_m - t))
        factor = 1 - depth * np.exp(-np.maximum(gap, 0.0) / reach_m)
        colours = shader(s, t).copy()
        colours[..., :3] *= factor[..., None]
        return colours

    return shade
