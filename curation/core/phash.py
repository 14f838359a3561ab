"""A perceptual hash: 64 bits of what a picture looks like from afar.

Pictures that differ by compression, size or brightness have hashes that differ in few bits; others in about 32. A
picture with nothing in it (black, fog) has no look to tell: its hash is FLAT, which says nothing about likeness.
Source: the DCT hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, with the
64 lowest waves in order of frequency instead of a square of them, so that none of the bits is the brightness."""

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.core.types import Image

SIDE_PX = 32
FLAT = 0
FAINT = 8.0
"""The strongest wave of a picture with nothing in it: half a grey level, less than the noise of a camera."""


_BY_FREQUENCY = sorted((down + across, down, across) for down in range(11) for across in range(11))
DOWN, ACROSS = np.array(_BY_FREQUENCY[1:65])[:, 1:].T  # without the mean


def phash(luma: Image) -> int:
    """Hash an (H, W) uint8 luma picture of any size: 64 bits as a signed number, FLAT if nothing is in it.

    Raises ValueError for another shape or an empty picture."""
    if luma.ndim != 2 or luma.size == 0:
        raise ValueError(f"luma is {luma.shape}, but (H, W) with at least one pixel is wanted.")
    small = cv2.resize(luma, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves: NDArray[np.float32] = np.asarray(cv2.dct(small), np.float32)[DOWN, ACROSS]
    if np.abs(waves).max() < FAINT:
        return FLAT
    bits = np.packbits(waves > np.median(waves))
    return int(bits.view(">i8")[0])
