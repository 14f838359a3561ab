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
    while luma.shape[1] >= 2 * width_px and luma.shape[0] >= 2:
        luma = np.asarray(cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = luma.shape[:2]
    if width <= width_px:
        return luma
    size = (width_px, max(1, round(height * width_px / width)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def blur(luma: Image) -> float:
    """Rate blur from 0 (sharp) to 1 by how little a further blur changes the differences of neighbouring pixels.

    It depends little on what the picture shows. A picture without any edge counts as 1. Every fourth line is read.
    Source: Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual blur metric",
    SPIE 2007."""
    return max(_blur_along_rows(luma[::4]), _blur_along_rows(luma[:, ::4].T))


def _blur_along_rows(lines: Image) -> float:
    if lines.shape[1] < 2:
        return 1.0
    grey = lines.astype(np.float32)
    soft = cv2.blur(grey, (9, 1))
    sharp = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    lost = cv2.subtract(sharp, cv2.absdiff(soft[:, 1:], soft[:, :-1]))
    total = float(sharp.sum())
    return 1.0 - float(np.maximum(lost, 0.0).sum()) / total if total > 0 else 1.0
