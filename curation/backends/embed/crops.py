"""Pictures of boxes."""

from collections.abc import Sequence

from curation.core.types import Box, Image

MARGIN = 0.1
"""Share of a box's sides that is added around it: a little of the surroundings steadies a loose box."""


def crop_boxes(picture: Image, boxes: Sequence[Box], *, margin: float = MARGIN) -> list[Image]:
    """Cut boxes out of a (H, W, 3) picture, each with a margin and at least one pixel large."""
    return [_crop(picture, box, margin) for box in boxes]


def _crop(picture: Image, box: Box, margin: float) -> Image:
    height, width = picture.shape[:2]
    pad_x, pad_y = (box.x2 - box.x1) * margin, (box.y2 - box.y1) * margin
    left = min(max(0, int(box.x1 - pad_x)), width - 1)
    top = min(max(0, int(box.y1 - pad_y)), height - 1)
    right = max(left + 1, min(width, round(box.x2 + pad_x)))
    bottom = max(top + 1, min(height, round(box.y2 + pad_y)))
    return picture[top:bottom, left:right]
