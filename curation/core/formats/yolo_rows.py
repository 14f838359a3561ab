"""Rows of YOLO's label files: a class number, then a box or an outline in shares of the picture."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curation.core.formats import checks
from curation.core.formats.contract import Skips
from curation.core.labels import LabelledBox

_DECIMALS = 4
"""Of a pixel. Shares are rounded numbers, so that 12 px come in as 11.9999998."""
_BOX, _WITH_SCORE, _LEAST_OUTLINE = 5, 6, 7


def read_rows(
    text: str, *, file: str, labels: Mapping[int, str], size: tuple[int, int], points: int, skips: Skips
) -> Iterator[LabelledBox]:
    """Yield the boxes of a label file; an outline as the box around it, and as its segmentation.

    points is how many numbers of keypoints follow each box; they are not read."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        what = f"{file} row {number}: {line.strip():.80}"
        values = [checks.number_in(word) for word in words]
        label = labels.get(int(values[0])) if values[0] is not None and values[0].is_integer() else None
        shares = [value for value in values[1:] if value is not None]
        if label is None:
            skips.add(what, "row of a class that is not listed")
        elif len(shares) != len(words) - 1:
            skips.add(what, checks.NO_NUMBER)
        else:
            if len(words) == _WITH_SCORE:
                skips.add(what, "sixth number of a row, such as a score; its box was read")
            elif points and len(words) == _BOX + points:
                skips.add(what, "keypoints of a row; its box was read")
                shares = shares[: _BOX - 1]
            yield from _box(label, shares, size=size, what=what, skips=skips)


def _box(label: str, shares: list[float], *, size: tuple[int, int], what: str, skips: Skips) -> Iterator[LabelledBox]:
    segmentation: Any = None
    wide, high = size
    if _BOX - 1 <= len(shares) <= _WITH_SCORE - 1:
        x, y, half_width, half_height = shares[0], shares[1], shares[2] / 2, shares[3] / 2
        xs, ys = _pixels((x - half_width, x + half_width), wide), _pixels((y - half_height, y + half_height), high)
    elif len(shares) >= _LEAST_OUTLINE - 1 and len(shares) % 2 == 0:
        xs, ys = _pixels(shares[::2], wide), _pixels(shares[1::2], high)
        segmentation = [[n for point in zip(xs, ys, strict=True) for n in point]]
    else:
        skips.add(what, "row that is neither a box nor an outline")
        return
    # Not min and max: a width below 0 must stay one.
    corners = [xs[0], ys[0], xs[1], ys[1]] if segmentation is None else [min(xs), min(ys), max(xs), max(ys)]
    found = checks.usable(corners, width_px=wide, height_px=high)
    if isinstance(found, str):
        skips.add(what, found)
    else:
        yield LabelledBox(label, *found, segmentation=segmentation)


def _pixels(shares: Sequence[float], side: int) -> list[float]:
    return [round(share * side, _DECIMALS) if math.isfinite(share * side) else math.inf for share in shares]
