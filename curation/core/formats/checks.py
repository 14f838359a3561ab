"""What may come in: numbers, boxes, labels, tags and whatever else is kept as plain JSON."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from curation.core.formats.names import is_text

FARTHEST_PX = 1_000_000
"""No corner lies farther out, no picture is larger."""
LONGEST_LABEL = 80
LONGEST_WORD = 120
_DEEPEST = 12
Corners: TypeAlias = tuple[float, float, float, float]

NO_NUMBER = "box with a missing corner, or one that is no finite number"
TOO_FAR = f"box with a corner beyond {FARTHEST_PX:,} px"
NO_AREA = "box without area"
OUTSIDE = "box outside its picture"
NO_LABEL = f"box without a usable label (1 to {LONGEST_LABEL} characters)"


def number(value: object) -> float | None:
    """Return a finite number as a float; None for anything else, true and false included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def number_in(text: str | None) -> float | None:
    """Return the finite number that a text holds; None where it holds none. "1_0" and "nan" are none."""
    if text is None or len(text) > 64 or "_" in text:
        return None
    try:
        return number(float(text))
    except ValueError:
        return None


def whole(value: object) -> int | None:
    """Return a whole number that fits 63 bits, from an int or a float such as 3.0; None for anything else."""
    found = number(value)
    return int(found) if found is not None and found.is_integer() and abs(found) < 2**63 else None


def side(value: object) -> int | None:
    """Return a side of a picture in pixels: whole, 1 to FARTHEST_PX; None for anything else."""
    found = whole(value)
    return found if found is not None and 1 <= found <= FARTHEST_PX else None


def usable(corners: Sequence[float | None], *, width_px: int, height_px: int) -> Corners | str:
    """Return the corners `xyxy` of a box if it can be read, else the reason why not.

    The reason is NO_NUMBER, TOO_FAR, NO_AREA or OUTSIDE. Corners outside the picture are fine if the box is not."""
    known = [corner for corner in corners if corner is not None and math.isfinite(corner)]
    if len(corners) != 4 or len(known) != 4:
        return NO_NUMBER
    x1, y1, x2, y2 = known
    if max(map(abs, known)) > FARTHEST_PX:
        return TOO_FAR
    if not (x1 < x2 and y1 < y2):
        return NO_AREA
    if x2 <= 0 or y2 <= 0 or x1 >= width_px or y1 >= height_px:
        return OUTSIDE
    return x1, y1, x2, y2


def label(value: object) -> str:
    """Return a label without blanks around it; empty where it is no label."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    return text if len(text) <= LONGEST_LABEL and is_text(text) and text.isprintable() else ""


def word(value: object) -> str:
    """Return a short text such as a camera's or a split's name; empty where it is none."""
    return value if isinstance(value, str) and len(value) <= LONGEST_WORD and is_text(value) else ""


def is_plain(value: object, *, depth: int = 0) -> bool:
    """Tell whether a value can be stored as JSON: finite numbers, valid text without NUL, not too deep."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return is_text(value)
    if isinstance(value, int | float):
        return number(value) is not None
    if depth >= _DEEPEST:
        return False
    if isinstance(value, list):
        return all(is_plain(item, depth=depth + 1) for item in value)
    if isinstance(value, dict):
        return all(isinstance(k, str) and is_text(k) and is_plain(v, depth=depth + 1) for k, v in value.items())
    return False


def is_tag_value(value: object) -> bool:
    """Tell whether a value is one a tag can have: text, number, boolean, list of texts, or counts by name."""
    if isinstance(value, list):
        return all(isinstance(item, str) and is_text(item) for item in value)
    if isinstance(value, dict):
        return is_plain(value) and all(isinstance(n, int) and not isinstance(n, bool) for n in value.values())
    return value is not None and is_plain(value)


def moment(value: object) -> datetime | None:
    """Return the time that an ISO 8601 text says, UTC unless it says otherwise; None where it says none."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def shown(value: object, *, length: int = 80) -> str:
    """Return a value as a message shows it: short, and never the whole of what may be nested a thousandfold."""
    if isinstance(value, str):
        return repr(value[:length])
    if isinstance(value, list):
        return f"[{', '.join(shown(item, length=20) if not isinstance(item, list) else '…' for item in value[:8])}]"
    is_short = value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63)
    return repr(value) if is_short else f"a {type(value).__name__}"


def plain_items(value: object) -> Mapping[str, Any]:
    """Return the items of a mapping that can be stored as JSON; none for anything else."""
    if not isinstance(value, dict):
        return {}
    return {k: v for k, v in value.items() if isinstance(k, str) and is_text(k) and is_plain(v)}
