"""Boxes as rows of YOLO's label files, for training: what a network can learn from, and what it cannot."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

LEAST_PX = 1.0
CROWD, IGNORED, TOO_SMALL = "crowd", "marked to be ignored", "smaller than a pixel within its picture"


def label_rows(
    boxes: Iterable[tuple[str, Sequence[float], bool, bool]],
    *,
    numbers: Mapping[str, int],
    size_px: tuple[int, int],
    left_out: Counter[str],
) -> list[str]:
    """Write boxes (label, xyxy in pixels, is_crowd, is_ignored) as rows: class, centre and size in shares.

    Corners are cut off at the picture's edges. What is left out is counted by reason."""
    width, height = size_px
    rows = []
    for label, xyxy, is_crowd, is_ignored in boxes:
        x1, x2 = (min(max(float(x), 0.0), width) for x in (xyxy[0], xyxy[2]))
        y1, y2 = (min(max(float(y), 0.0), height) for y in (xyxy[1], xyxy[3]))
        if is_crowd or is_ignored:
            left_out[CROWD if is_crowd else IGNORED] += 1
        elif not (x2 - x1 >= LEAST_PX and y2 - y1 >= LEAST_PX):  # NaN fails too
            left_out[TOO_SMALL] += 1
        else:
            shares = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
            rows.append(" ".join([str(numbers[label]), *(f"{share:.8f}" for share in shares)]))
    return rows
