"""Numbers read off one grey picture, on scales that do not depend on its size."""

from dataclasses import dataclass

import cv2
import numpy as np

from curation.core.types import Image

MEASURE_WIDTH_PX = 640


@dataclass(frozen=True)
class PictureSignals:
    """brightness: mean luma 0..255; contrast: its standard deviation; blur: 0 (sharp) .. 1 (nothing but blur)."""

    brightness: float
    contrast: float
    blur: float


def measure(luma: Image, *, is_full_range: bool) -> PictureSignals:
    """Measure a (H, W) uint8 picture. Brightness and contrast are those of the full range, whichever it is coded in.

    An empty picture raises ValueError."""
    if luma.size == 0:
        raise ValueError(f"measure: the picture is empty, shape {luma.shape}.")
    small = shrink(luma, width_px=MEASURE_WIDTH_PX)
    mean, deviation = cv2.meanStdDev(small)
    black, scale = (0.0, 1.0) if is_full_range else (16.0, 255.0 / 219.0)
    return PictureSignals(
        brightness=min(255.0, max(0.0, (float(mean[0, 0]) - black) * scale)),
        contrast=float(deviation[0, 0]) * scale,
        blur=blur(small),
    )


def shrink(luma: Image, *, width_px: int) -> Image:
    """Scale a picture down to a width without aliasing; a smaller one is returned as it is.

    Halved by 2x2 means as long as that goes, since OpenCV has a fast path for just that, then linearly."""
    luma = halve(luma, width_px=width_px)
    height, width = luma.shape[:2]
    if width <= width_px:
        return luma
    size = (width_px, max(1, round(height * width_px / width)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def halve(luma: Image, *, width_px: int) -> Image:
    """Halve a picture as long as it stays at least that wide: what `shrink` begins with.

    Shrinking the result to that width or less gives the same as shrinking the picture itself, so it can be shared."""
    while luma.shape[1] >= 2 * width_px and luma.shape[0] >= 2:
        luma = np.asarray(cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    return luma


def blur(luma: Image) -> float:
    """Rate blur from 0 (sharp) to 1 by how little a further blur changes the differences of neighbouring pixels.

    It depends little on what the picture shows. A picture without any edge counts as 1. Every fourth line is read.
    Source: Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual blur metric",
    SPIE 2007."""
    rows, columns = luma[::4], np.ascontiguousarray(luma[:, ::4])
    wide = np.asarray(cv2.copyMakeBorder(rows, 0, 0, _REACH_PX, _REACH_PX, cv2.BORDER_REFLECT_101), np.uint8)
    tall = np.asarray(cv2.copyMakeBorder(columns, _REACH_PX, _REACH_PX, 0, 0, cv2.BORDER_REFLECT_101), np.uint8)
    return max(
        _share_lost(rows[:, 1:], rows[:, :-1], wide[:, _BLUR_PX:], wide[:, :-_BLUR_PX]),
        _share_lost(columns[1:], columns[:-1], tall[_BLUR_PX:], tall[:-_BLUR_PX]),
    )


_REACH_PX = 4
_BLUR_PX = 2 * _REACH_PX + 1


def _share_lost(after: Image, before: Image, far_after: Image, far_before: Image) -> float:
    """Tell how much of the differences of neighbours a mean over `_BLUR_PX` takes away.

    The mean itself is not needed: its differences are those of the pixels that enter and leave it, by its length."""
    if after.size == 0:
        return 1.0
    sharp = np.asarray(cv2.absdiff(after, before), np.uint8)
    soft = np.asarray(cv2.absdiff(far_after, far_before), np.uint16)
    lost = cv2.subtract(np.multiply(sharp, np.uint16(_BLUR_PX), dtype=np.uint16), soft)
    total = _BLUR_PX * cv2.norm(sharp, cv2.NORM_L1)
    return 1.0 - cv2.norm(lost, cv2.NORM_L1) / total if total > 0 else 1.0
