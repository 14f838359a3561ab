"""From a parsed query to a condition on frames."""

import math
from functools import reduce
from operator import and_, or_

from django.db.models import Exists as SubqueryExists
from django.db.models import OuterRef, Q, QuerySet
from django.utils import timezone

from curation.core.query import And, Equals, Everything, Exists, Field, Fields, Like, Not, Or, Query, Range, parse
from curation.models import Camera, Frame, Keep, Video
from curation.services.fields import COUNT_FACTOR, COUNT_PREFIX, searchable_fields
from curation.services.sql_terms import (
    always,
    any_fits,
    compared,
    member,
    member_text,
    negation,
    or_zero,
    text_fits,
)

Leaf = Equals | Range | Exists | Like
BIGGEST = 2**63 - 1
MICROSECONDS = 1_000_000


def parse_query(query: str, *, fields: Fields | None = None) -> Query:
    """Parse a query over the fields there are now. Raises QueryError."""
    return parse(query, fields or searchable_fields(), zone=timezone.get_current_timezone())


def frames_matching(query: str | Query) -> QuerySet[Frame]:
    """Return the frames that match a query, unsorted. Raises QueryError."""
    parsed = parse_query(query) if isinstance(query, str) else query
    frames = Frame.objects.order_by()
    return frames if isinstance(parsed, Everything) else frames.filter(condition(parsed))


def condition(query: Query, *, path: str = "") -> Q:
    """Compile a query. `path` leads from the rows that are filtered to the frame, as in `frame__`."""
    match query:
        case Everything():
            return always(True)
        case And(parts):
            return reduce(and_, (condition(part, path=path) for part in parts))
        case Or(parts):
            return reduce(or_, (condition(part, path=path) for part in parts))
        case Not(part):
            return negation(condition(part, path=path))
        case Equals() | Range() | Exists() | Like():
            return _leaf(query, path)


def _leaf(leaf: Leaf, path: str) -> Q:
    match leaf.field.name:
        case "id":
            return _integer(leaf, f"{path}id")
        case "pts_s":
            return _integer(leaf, f"{path}pts_us", scale=MICROSECONDS)
        case "recorded_at":
            return _time(leaf, f"{path}recorded_at")
        case "camera":
            return Q(**{f"{path}camera__in": Camera.objects.order_by().filter(_text(leaf, "name"))})
        case "video":
            return Q(**{f"{path}video__in": Video.objects.order_by().filter(_video(leaf))})
        case "run":
            return _kept(_integer(leaf, "run_id"), path)
        case "cascade":
            return _kept(_text(leaf, "run__cascade__name"), path)
        case name if name.startswith(COUNT_PREFIX):
            return _count(leaf, name.removeprefix(COUNT_PREFIX), f"{path}tags")
    return _tag(leaf, f"{path}tags")


def _tag(leaf: Leaf, tags: str) -> Q:
    name = leaf.field.name
    match leaf:
        case Equals(_, value):
            # Containment, so that the GIN index on tags answers.
            return Q(**{f"{tags}__contains": {name: [value] if leaf.field.kind == "text_list" else value}})
        case Exists():
            return Q(**{f"{tags}__has_key": name})
        case Like(listed, pattern) if listed.kind == "text_list":
            return any_fits(member(tags, name), pattern)
        case Like(_, pattern):
            return text_fits(member_text(tags, name), pattern)
        case Range():
            return reduce(and_, (compared(member(tags, name), sign, bound) for sign, bound in _bounds(leaf)), Q())
    raise _no_way(leaf)


def _count(leaf: Leaf, label: str, tags: str) -> Q:
    """Count objects of one label. Where objects were looked for at all, a label that is missing counts 0."""
    looked = Q(**{f"{tags}__has_key": COUNT_FACTOR})
    counts = member(tags, COUNT_FACTOR)
    match leaf:
        case Exists():
            return looked
        case Equals(_, value) if value != 0:
            return Q(**{f"{tags}__contains": {COUNT_FACTOR: {label: value}}})
        case Equals():
            return looked & compared(or_zero(member(counts, label)), "=", 0)
        case Range():
            bounds = _bounds(leaf)
            return looked & reduce(and_, (compared(or_zero(member(counts, label)), *bound) for bound in bounds), Q())
    raise _no_way(leaf)


def _bounds(leaf: Range) -> list[tuple[str, float]]:
    bounds: list[tuple[str, float]] = []
    if isinstance(leaf.low, int | float):
        bounds.append((">=" if leaf.include_low else ">", leaf.low))
    if isinstance(leaf.high, int | float):
        bounds.append(("<=" if leaf.include_high else "<", leaf.high))
    # [* TO *] asks only that there is a number.
    return bounds or [(">=", -1e300)]


def _integer(leaf: Leaf, column: str, *, scale: int = 1) -> Q:
    """Compare a whole-number column with a number of `scale` of its units: `pts_s:>1.5` is pts_us > 1,500,000."""
    match leaf:
        case Exists():
            return always(True)
        case Equals(_, int() | float() as value):
            number = round(value * scale, 3) if scale > 1 else value
            low = high = round(number) if scale > 1 else number
            if low != int(low):
                return always(False)
        case Range(_, bottom, top, include_low, include_high):
            low = -math.inf if not isinstance(bottom, int | float) else _first(bottom * scale, include_low)
            high = math.inf if not isinstance(top, int | float) else _last(top * scale, include_high)
        case _:
            raise _no_way(leaf)
    # Beyond what the column can hold, the database would fail instead of finding nothing.
    if low > high or low > BIGGEST or high < -BIGGEST:
        return always(False)
    bounds = {"gte": low, "lte": high}
    return Q(**{f"{column}__{way}": int(bound) for way, bound in bounds.items() if abs(bound) <= BIGGEST}) or always(
        True
    )


def _first(bound: float, included: bool) -> int:
    return math.ceil(bound) if included or bound != math.ceil(bound) else int(bound) + 1


def _last(bound: float, included: bool) -> int:
    return math.floor(bound) if included or bound != math.floor(bound) else int(bound) - 1


def _time(leaf: Leaf, column: str) -> Q:
    match leaf:
        case Range(_, low, high):
            # A written time is a stretch, so its ends are always [low, high).
            bounds = Q(**{f"{column}__isnull": False})
            bounds &= Q() if low is None else Q(**{f"{column}__gte": low})
            return bounds & (Q() if high is None else Q(**{f"{column}__lt": high}))
        case Exists():
            return Q(**{f"{column}__isnull": False})
    raise _no_way(leaf)


def _text(leaf: Leaf, column: str) -> Q:
    match leaf:
        case Equals(_, value):
            return Q(**{column: value})
        case Like(_, pattern):
            return text_fits(column, pattern)
        case Exists():
            return always(True)
    raise _no_way(leaf)


def _video(leaf: Leaf) -> Q:
    named = _text(leaf, "name")
    if isinstance(leaf, Equals) and isinstance(leaf.value, str) and leaf.value.isascii() and leaf.value.isdigit():
        return named | _integer(Equals(Field("id", "number"), int(leaf.value)), "id")
    return named


def _kept(run: Q, path: str) -> Q:
    frame = OuterRef(f"{path}pk") if not path else OuterRef(f"{path.removesuffix('__')}_id")
    return Q(SubqueryExists(Keep.objects.filter(run, frame=frame)))


def _no_way(leaf: Leaf) -> TypeError:
    return TypeError(f"{leaf.field.name} ({leaf.field.kind}) cannot hold {type(leaf).__name__}.")
