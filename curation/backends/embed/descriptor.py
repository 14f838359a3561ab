"""The embedder that needs no weights: colour, edges, texture and layout, in numpy and cv2.

Sources: HOG (Dalal and Triggs, 2005), uniform LBP (Ojala et al., 2002), spatial pyramid (Lazebnik et al., 2006),
square-rooted histograms (Arandjelovic and Zisserman, 2012).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.core.types import Image

SIDE_PX = 128
"""Every picture is squeezed to this square: a fixed camera's aspect ratio never changes."""
EDGE_CELLS, EDGE_BINS = 4, 9
COLOUR_CELLS, COLOUR_BINS = 2, 5
TEXTURE_CELLS, TEXTURE_BINS = 2, 10
LAYOUT_CELLS, TINT_CELLS = 8, 6
WEIGHTS = {"edges": 1.2, "colour": 1.0, "texture": 0.3, "layout": 0.6, "tint": 0.8}
"""What each block contributes to the distance, before the whole is made a unit vector."""
LEAST = {"edges": 0.0, "colour": 0.0, "texture": 0.0, "layout": 1.0, "tint": 0.8}
"""The length below which a block is left short: the tint of a grey picture is noise, and must not count in full."""

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Descriptor:
    """Describes a picture by what it is made of, whatever the exposure."""

    name: str = "descriptor"
    version: str = "1"
    centred: bool = True

    @property
    def dimension(self) -> int:
        edges = EDGE_CELLS**2 * EDGE_BINS
        colour = COLOUR_CELLS**2 * COLOUR_BINS**2
        texture = TEXTURE_CELLS**2 * TEXTURE_BINS
        return edges + colour + texture + LAYOUT_CELLS**2 + 2 * TINT_CELLS**2

    def embed_pictures(self, pictures: Sequence[Image]) -> Array:
        """Return (N, dimension) unit vectors of (H, W, 3) RGB pictures."""
        if not pictures:
            return np.zeros((0, self.dimension), np.float32)
        return np.stack([_describe(picture) for picture in pictures])


def _describe(picture: Image) -> Array:
    small = cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    light, tint = _standard(lab[..., 0]), lab[..., 1:] - 128.0
    blocks = {
        "edges": _edges(light),
        "colour": _colour(tint),
        "texture": _texture(light),
        # tanh: a lamp in the picture must not outweigh all the rest of it.
        "layout": np.tanh(_shrunk(light, LAYOUT_CELLS)).ravel(),
        "tint": np.tanh(_shrunk(tint, TINT_CELLS) / 20.0).ravel(),
    }
    return _unit(np.concatenate([WEIGHTS[name] * _unit(block, LEAST[name]) for name, block in blocks.items()]))


def _shrunk(plane: Array, cells: int) -> Array:
    return cv2.resize(plane, (cells, cells), interpolation=cv2.INTER_AREA).astype(np.float32)


def _standard(light: Array) -> Array:
    """Take mean and contrast away: the same scene under another exposure stays the same."""
    # A floor of 4 grey levels keeps the noise of an almost black picture from being blown up to structure.
    standard: Array = (light - light.mean()) / max(float(light.std()), 4.0)
    return standard


def _edges(light: Array) -> Array:
    """Histogram unsigned gradient directions in each cell, shared between the two nearest bins."""
    smooth = cv2.GaussianBlur(light, (0, 0), 1.0)
    dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    strength = np.sqrt(dx * dx + dy * dy)
    place = (np.arctan2(dy, dx) % np.pi) / np.pi * EDGE_BINS
    low = np.floor(place).astype(np.int64)
    share = (place - low).astype(np.float32)
    cells = _cells_of(EDGE_CELLS) * EDGE_BINS
    size = EDGE_CELLS**2 * EDGE_BINS
    histogram = _count(cells + low % EDGE_BINS, strength * (1 - share), size)
    histogram += _count(cells + (low + 1) % EDGE_BINS, strength * share, size)
    return _rooted(histogram.reshape(EDGE_CELLS**2, EDGE_BINS), keep_energy=True)


def _colour(tint: Array) -> Array:
    """Histogram the (a, b) plane in each cell, finer near grey, where most of the world is."""
    place = (np.tanh(tint / 24.0) * 0.5 + 0.5) * (COLOUR_BINS - 1)
    low = np.clip(np.floor(place), 0, COLOUR_BINS - 2).astype(np.int64)
    share = place - low
    cells = _cells_of(COLOUR_CELLS) * COLOUR_BINS**2
    size = COLOUR_CELLS**2 * COLOUR_BINS**2
    histogram = np.zeros(size, np.float32)
    for step_a in (0, 1):
        for step_b in (0, 1):
            weight_a = share[..., 0] if step_a else 1 - share[..., 0]
            weight_b = share[..., 1] if step_b else 1 - share[..., 1]
            bins = (low[..., 0] + step_a) * COLOUR_BINS + low[..., 1] + step_b
            histogram += _count(cells + bins, weight_a * weight_b, size)
    return _rooted(histogram.reshape(COLOUR_CELLS**2, -1))


def _texture(light: Array) -> Array:
    """Histogram rotation-invariant uniform local binary patterns in each cell."""
    around = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
    # A step smaller than this is noise, not texture.
    ring = np.stack([np.roll(light, shift, (0, 1)) > light + 0.05 for shift in around])
    changes = (ring != np.roll(ring, 1, axis=0)).sum(axis=0)
    pattern = np.where(changes <= 2, ring.sum(axis=0), TEXTURE_BINS - 1)
    cells = _cells_of(TEXTURE_CELLS) * TEXTURE_BINS
    histogram = _count(cells + pattern, np.ones_like(light), TEXTURE_CELLS**2 * TEXTURE_BINS)
    return _rooted(histogram.reshape(TEXTURE_CELLS**2, TEXTURE_BINS))


def _cells_of(cells: int) -> NDArray[np.int64]:
    """Tell for each pixel the number of its cell."""
    along = np.arange(SIDE_PX) * cells // SIDE_PX
    numbers: NDArray[np.int64] = along[:, None] * cells + along[None, :]
    return numbers


def _count(bins: NDArray[np.int64], weights: Array, size: int) -> Array:
    return np.bincount(bins.ravel(), weights.ravel(), minlength=size).astype(np.float32)


def _rooted(histograms: Array, *, keep_energy: bool = False) -> Array:
    """Root each cell's histogram: one big bin must not drown the others. `keep_energy` keeps a flat cell low."""
    total = histograms.sum(axis=1, keepdims=True)
    rooted: Any = np.sqrt(histograms / np.maximum(total, 1e-6))
    if keep_energy:
        rooted = rooted * np.sqrt(total / max(float(total.mean()), 1e-6)).clip(0, 2)
    flat: Array = rooted.astype(np.float32).ravel()
    return flat


def _unit(vector: Array, least: float = 0.0) -> Array:
    unit: Array = (vector / max(float(np.linalg.norm(vector)), least, 1e-6)).astype(np.float32)
    return unit
