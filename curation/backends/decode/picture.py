"""A decoded frame whose colour is converted only when asked for."""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from curation.core.types import Image

_Sample = TypeVar("_Sample", np.uint8, np.uint16)

_LUMA_FIRST = frozenset(
    f"yuv{kind}{sampling}p" for kind in ("", "a", "j") for sampling in ("410", "411", "420", "422", "440", "444")
) | {"gray", "nv12", "nv21", "nv16", "nv24", "nv42"}
"""8 bit, plane 0 is the luma."""

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True)
class FramePicture:
    """One frame of a video. It stays valid after the reader has moved on or closed, as long as somebody holds it.

    That keeps the decoder's buffer (12 bits a pixel) alive: copy what you need of a long list of pictures.
    Size and pixel format may change from one frame to the next.
    """

    frame: VideoFrame
    pts_us: int
    rotation_deg: int = 0

    @property
    def is_full_range(self) -> bool:
        """Whether `luma` runs from 0 to 255, not from 16 to 235.

        What a YUV video does not say is taken as limited, as libav does; what `luma` converts is full.
        """
        name = self.frame.format.name
        converted = name not in _LUMA_FIRST and _deep_luma_shift(name) is None
        return converted or name.startswith(("yuvj", "gray")) or self.frame.color_range == ColorRange.JPEG

    def luma(self) -> Image:
        """Return (H, W) uint8 as it was coded: not turned upright, range not stretched. Read only.

        A view of the decoder's buffer for 8-bit YUV and grey. Deeper YUV is cut to its upper 8 bits; RGB and palettes
        are converted.
        """
        name = self.frame.format.name
        if name in _LUMA_FIRST:
            luma = _plane(self.frame.planes[0], np.uint8)
        elif (shift := _deep_luma_shift(name)) is not None:
            luma = (_plane(self.frame.planes[0], np.uint16) >> shift).astype(np.uint8)
        else:
            luma = _plane(self.frame.reformat(format="gray", threads=1).planes[0], np.uint8).copy()
        luma.flags.writeable = False
        return luma

    def rgb(self) -> Image:
        """Return (H, W, 3) uint8, upright, an array of its own."""
        # One thread: with more, libav's scaler races on small pictures (a few wrong pixels in 3% of the frames).
        plane = self.frame.reformat(format="rgb24", threads=1).planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
        rgb = rows[:, : plane.width * 3].reshape(plane.height, plane.width, 3)
        if self.rotation_deg in _TURNS:
            return np.asarray(cv2.rotate(rgb, _TURNS[self.rotation_deg]), np.uint8)
        return np.array(rgb)


def _plane(plane: VideoPlane, dtype: type[_Sample]) -> NDArray[_Sample]:
    """View a plane as (H, W). Its rows may be longer than the picture is wide."""
    samples: NDArray[_Sample] = np.frombuffer(memoryview(plane), dtype)
    return samples.reshape(plane.height, -1)[:, : plane.width]


def _deep_luma_shift(name: str) -> int | None:
    """Tell by how many bits a little-endian deep YUV or grey sample exceeds 8; None for other formats."""
    if not name.endswith("le"):
        return None
    if name.startswith(("p010", "p012", "p016", "p210", "p212", "p216", "p410", "p412", "p416")):
        return 8
    planar, _, bits = name.removesuffix("le").rpartition("p")
    if planar.startswith("yuv") and bits in ("9", "10", "12", "14", "16"):
        return int(bits) - 8
    if name.startswith("gray") and (bits := name[4:-2]) in ("9", "10", "12", "14", "16"):
        return int(bits) - 8
    return None
