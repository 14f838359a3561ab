"""Whether a query holds for one frame, told from its plain values: the same meaning as the SQL that search makes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from curation.core.query.nodes import And, Equals, Everything, Exists, Like, Not, Or, Query, Range, Wild
from curation.core.query.patterns import compiled

COUNT_PREFIX = "count."
COUNT_FACTOR = "object_counts"
MICROSECONDS = 1_000_000
Leaf: TypeAlias = Equals | Range | Exists | Like


@dataclass(frozen=True)
class FrameFacts:
    """What is known of one frame. `tags` are plain JSON values; the mapping may grow between two questions."""

    id: int
    camera: str
    video: str
    video_id: int
    pts_us: int
    recorded_at: datetime | None
    tags: Mapping[str, Any]


def holds(query: Query, frame: FrameFacts) -> bool:
    """Tell whether a query holds for a frame.

    Raises ValueError for fields that need other tables (run, cascade, dataset and their like)."""
    match query:
        case Everything():
            return True
        case And(parts):
            return all(holds(part, frame) for part in parts)
        case Or(parts):
            return any(holds(part, frame) for part in parts)
        case Not(part):
            return not holds(part, frame)
    return _leaf(query, frame)


def _leaf(leaf: Leaf, frame: FrameFacts) -> bool:
    match leaf.field.name:
        case "id":
            return _number(leaf, frame.id)
        case "pts_s":
            return _moment(leaf, frame.pts_us)
        case "recorded_at":
            return _time(leaf, frame.recorded_at)
        case "camera":
            return _text(leaf, frame.camera)
        case "video":
            numbered = isinstance(leaf, Equals) and isinstance(leaf.value, str) and leaf.value.isascii()
            return _text(leaf, frame.video) or (numbered and str(leaf.value).lstrip("0") == str(frame.video_id))  # type: ignore[union-attr]
        case "run" | "cascade" | "annotated" | "held_out" | "duplicate" | "label" | "dataset" as name:
            raise ValueError(f"{name} cannot be told from a frame's own values.")
        case name if name.startswith(COUNT_PREFIX):
            return _count(leaf, name.removeprefix(COUNT_PREFIX), frame.tags)
    return _tag(leaf, frame.tags)


def _tag(leaf: Leaf, tags: Mapping[str, Any]) -> bool:
    name = leaf.field.name
    if name not in tags:
        return False
    value = tags[name]
    match leaf:
        case Exists():
            return True
        case Equals(field, sought):
            if field.kind == "text_list":
                return isinstance(value, list) and any(_same(one, sought) for one in value)
            return _same(value, sought)
        case Like(field, pattern):
            if field.kind == "text_list":
                return isinstance(value, list) and any(_fits(_as_text(one), pattern) for one in value)
            return _fits(_as_text(value), pattern)
        case Range():
            return _lies(value, leaf)


def _count(leaf: Leaf, label: str, tags: Mapping[str, Any]) -> bool:
    """Count objects of one label. Where objects were looked for at all, a label that is missing counts 0."""
    if COUNT_FACTOR not in tags:
        return False
    counts = tags[COUNT_FACTOR]
    value = counts.get(label, 0) if isinstance(counts, Mapping) else 0
    match leaf:
        case Exists():
            return True
        case Equals(_, sought):
            return _same(value, sought)
        case Range():
            return _lies(value, leaf)
    raise _no_way(leaf)


def _number(leaf: Leaf, value: int) -> bool:
    match leaf:
        case Exists():
            return True
        case Equals(_, sought):
            return _same(value, sought)
        case Range():
            return _lies(value, leaf)
    raise _no_way(leaf)


def _moment(leaf: Leaf, pts_us: int) -> bool:
    match leaf:
        case Exists():
            return True
        case Equals(_, int() | float() as seconds):
            return pts_us == round(round(seconds * MICROSECONDS, 3))
        case Range(field, low, high, include_low, include_high):
            bottom = low * MICROSECONDS if isinstance(low, int | float) else None
            top = high * MICROSECONDS if isinstance(high, int | float) else None
            return _lies(pts_us, Range(field, bottom, top, include_low, include_high))
    raise _no_way(leaf)


def _time(leaf: Leaf, at: datetime | None) -> bool:
    if at is None:
        return False
    match leaf:
        case Exists():
            return True
        case Range(_, low, high):  # a written time is a stretch, so its ends are always [low, high)
            after = not isinstance(low, datetime) or at >= low
            return after and (not isinstance(high, datetime) or at < high)
    raise _no_way(leaf)


def _text(leaf: Leaf, text: str) -> bool:
    match leaf:
        case Equals(_, value):
            return text == value
        case Like(_, pattern):
            return _fits(text, pattern)
        case Exists():
            return True
    raise _no_way(leaf)


def _lies(value: object, leaf: Range) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(leaf.low, int | float) and (value < leaf.low or (value == leaf.low and not leaf.include_low)):
        return False
    above = isinstance(leaf.high, int | float) and (value > leaf.high or (value == leaf.high and not leaf.include_high))
    return not above


def _same(value: object, sought: object) -> bool:
    """Compare as JSON does: 1 is 1.0, but true is not 1."""
    return isinstance(value, bool) == isinstance(sought, bool) and value == sought


def _fits(text: str | None, pattern: tuple[str | Wild, ...]) -> bool:
    return text is not None and compiled(pattern).fullmatch(text) is not None


def _as_text(value: object) -> str | None:
    """Write a JSON value as PostgreSQL's ->> does: text without quotes, null as none."""
    return value if isinstance(value, str) else None if value is None else _as_json(value)


def _as_json(value: object) -> str:
    match value:
        case float():
            return format(Decimal(repr(value)), "f")
        case list():
            return f"[{', '.join(map(_as_json, value))}]"
        case dict():  # jsonb keeps keys by length, then by their bytes
            keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
            return "{" + ", ".join(f"{_as_json(key)}: {_as_json(value[key])}" for key in keys) + "}"
    return json.dumps(value, ensure_ascii=False)


def _no_way(leaf: Leaf) -> TypeError:
    return TypeError(f"{leaf.field.name} ({leaf.field.kind}) cannot hold {type(leaf).__name__}.")
