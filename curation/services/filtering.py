"""From a parsed query to a condition on frames."""

from functools import reduce
from operator import and_, or_

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Value
from django.db.models import Exists as SubqueryExists
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from curation.core.query import And, Equals, Everything, Exists, Field, Fields, Like, Not, Or, Query, Range, parse
from curation.core.query.numbers import Leaf, float_bound, number_bounds, whole_bounds
from curation.models import Annotation, Camera, DatasetFrame, DatasetVersion, Frame, Keep, Video
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
            return Q(**{f"{path}video__in": videos_named(leaf)})
        case "run":
            return _of_frame(kept(leaf), path)
        case "cascade":
            return _of_frame(kept(leaf), path)
        case "label":
            return _of_frame(labelled(leaf), path)
        case "dataset":
            return _of_frame(chosen(leaf), path)
        case "annotated":
            return _truth(leaf, Q(**{f"{path}annotated_at__isnull": False}))
        case "held_out":
            return _truth(leaf, Q(**{f"{path}held_out": True}))
        case "duplicate":
            return _truth(leaf, Q(**{f"{path}duplicate_of__isnull": False}))
        case "uniqueness" | "typicality" | "outlier_score" as column:
            return _float(leaf, f"{path}{column}")
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
    # [* TO *] asks only that there is a number.
    return number_bounds(leaf) or [(">=", -1e300)]


def _integer(leaf: Leaf, column: str, *, scale: int = 1) -> Q:
    """Compare a whole-number column with a number of `scale` of its units: `pts_s:>1.5` is pts_us > 1,500,000."""
    match leaf:
        case Exists():
            return always(True)
        case Equals() | Range():
            bounds = whole_bounds(leaf, scale=scale)
        case _:
            raise _no_way(leaf)
    if bounds is None:
        return always(False)
    asked = {f"{column}__{way}": bound for way, bound in zip(("gte", "lte"), bounds, strict=True) if bound is not None}
    return Q(**asked) or always(True)


LOOKUPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


def _float(leaf: Leaf, column: str) -> Q:
    """Compare a column of floats that may be null."""
    match leaf:
        case Exists():
            bounds: list[tuple[str, int | float]] = []
        case Equals(_, int() | float() as value):
            bounds = [(">=", value), ("<=", value)]
        case Range():
            bounds = number_bounds(leaf)
        case _:
            raise _no_way(leaf)
    asked = [float_bound(*bound) for bound in bounds]
    return reduce(and_, (Q(**{f"{column}__{LOOKUPS[s]}": n}) for s, n in asked), Q(**{f"{column}__isnull": False}))


def _truth(leaf: Leaf, truth: Q) -> Q:
    """Ask for what is always either true or false."""
    match leaf:
        case Exists():
            return always(True)
        case Equals(_, bool() as value):
            return truth if value else ~truth
    raise _no_way(leaf)


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


def videos_named(leaf: Leaf) -> QuerySet[Video]:
    """Return the videos of that name, or of that number."""
    named = _text(leaf, "name")
    if isinstance(leaf, Equals) and isinstance(leaf.value, str) and leaf.value.isascii() and leaf.value.isdigit():
        named |= _integer(Equals(Field("id", "number"), int(leaf.value)), "id")
    return Video.objects.order_by().filter(named)


def kept(leaf: Leaf) -> QuerySet[Keep]:
    """Return the runs' decisions to keep a frame that a condition on `run` or `cascade` means."""
    by_run = Keep.objects.order_by().filter(run__isnull=False)
    if leaf.field.name == "run":
        return by_run.filter(_integer(leaf, "run_id"))
    return by_run.filter(_text(leaf, "run__cascade__name"))


def labelled(leaf: Leaf) -> QuerySet[Annotation]:
    """Return the marked objects that a condition on `label` means."""
    return Annotation.objects.order_by().filter(_text(leaf, "label"))


def chosen(leaf: Leaf) -> QuerySet[DatasetFrame]:
    """Return the places in dataset versions that a condition on `dataset` means: NAME is every version, NAME@2 one."""
    at_version = Concat(F("dataset__name"), Value("@"), Cast("number", CharField()), output_field=CharField())
    versions = DatasetVersion.objects.order_by().annotate(at_version=at_version)
    named = _text(leaf, "dataset__name") | _text(leaf, "at_version")
    return DatasetFrame.objects.order_by().filter(version__in=versions.filter(named).values("pk"))


def _of_frame(rows: QuerySet[Keep] | QuerySet[Annotation] | QuerySet[DatasetFrame], path: str) -> Q:
    frame = OuterRef(f"{path}pk") if not path else OuterRef(f"{path.removesuffix('__')}_id")
    return Q(SubqueryExists(rows.filter(frame=frame)))


def _no_way(leaf: Leaf) -> TypeError:
    return TypeError(f"{leaf.field.name} ({leaf.field.kind}) cannot hold {type(leaf).__name__}.")
