"""Finding kept frames by condition, and by likeness to a frame, a box or a text."""

from dataclasses import dataclass

from django.db.models import QuerySet

from curation.core.query import Query
from curation.models import Detection, Frame
from curation.services.filtering import frames_matching, parse_query
from curation.services.frame_table import frame_count, frames_remembered
from curation.services.likeness import Likeness, nearest
from curation.services.query_hints import hints
from curation.services.search_cursor import Place, read_cursor, write_cursor
from curation.services.seeds import SearchError, Seed, like_box, like_frame, like_text

MAX_LIMIT = 500
MANY_FRAMES = 50_000
"""From so many frames on the table in memory counts faster than an index, where it is loaded already."""

__all__ = ["MAX_LIMIT", "Hit", "SearchError", "SearchPage", "search"]


@dataclass(frozen=True)
class Hit:
    """A frame; in a search by likeness with its cosine similarity, 0 to 1, and in one for boxes the box."""

    frame: Frame
    score: float | None = None
    detection: Detection | None = None


@dataclass(frozen=True)
class SearchPage:
    """One page. `count` is the number of frames that match the query, whatever likeness asks besides.

    `hints` say what to try where nothing matches: "No frame has lighting:drak. Near: dark."."""

    count: int
    hits: list[Hit]
    next_cursor: str | None
    hints: list[str]


def search(
    query: str = "",
    *,
    like_frame_id: int | None = None,
    like_detection_id: int | None = None,
    text: str | None = None,
    embedder: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> SearchPage:
    """Find the frames that match a query, ordered by id, or by likeness if a frame, a box or a text is given.

    Like a frame or a text: one hit a frame. Like a box: one hit a box, so a frame comes as often as it has boxes that
    are alike. The seed itself is no hit. `embedder` is a name; without it the one that embedded the seed last is taken.
    `cursor` is the `next_cursor` of the page before. Raises QueryError and SearchError."""
    if not 1 <= limit <= MAX_LIMIT:
        raise SearchError("bad_request", f"limit is {limit}, but 1 to {MAX_LIMIT} is allowed.")
    if sum(what is not None for what in (like_frame_id, like_detection_id, text)) > 1:
        raise SearchError("bad_request", "A search is by likeness to one thing: a frame, a box or a text.")
    parsed = parse_query(query)
    seed = _seed(like_frame_id, like_detection_id, text, embedder)
    asked = [query, like_frame_id, like_detection_id, text, embedder]
    after = _place(cursor, asked, ordered_by_distance=seed is not None)
    count = _count(parsed)
    if seed is None:
        hits, last = _by_id(parsed, limit, after)
    else:
        hits, last = _by_likeness(
            Likeness(seed.embedder, seed.kind, seed.vector, parsed, seed.itself), count, limit, after
        )
    next_cursor = None if last is None else write_cursor(last, asked=asked)
    return SearchPage(count, hits, next_cursor, [] if count else hints(parsed))


def _count(query: Query) -> int:
    return frame_count(query) if frames_remembered() >= MANY_FRAMES else frames_matching(query).count()


def _seed(frame_id: int | None, detection_id: int | None, text: str | None, embedder: str | None) -> Seed | None:
    if frame_id is not None:
        return like_frame(frame_id, embedder=embedder)
    if detection_id is not None:
        return like_box(detection_id, embedder=embedder)
    if text is not None:
        return like_text(text, embedder=embedder)
    if embedder is not None:
        raise SearchError("bad_request", "An embedder is of use only in a search by likeness.")
    return None


def _place(cursor: str | None, asked: list[str | int | None], *, ordered_by_distance: bool) -> Place | None:
    if cursor is None:
        return None
    try:
        return read_cursor(cursor, asked=asked, ordered_by_distance=ordered_by_distance)
    except ValueError as error:
        raise SearchError("bad_request", str(error)) from error


def _by_id(query: Query, limit: int, after: Place | None) -> tuple[list[Hit], Place | None]:
    """Return a page, and the place where it ends if there are more."""
    frames = _with_parents(frames_matching(query)).order_by("id")
    if after is not None:
        frames = frames.filter(pk__gt=after.id)
    found = list(frames[: limit + 1])
    last = Place(found[limit - 1].pk) if len(found) > limit else None
    return [Hit(frame) for frame in found[:limit]], last


def _by_likeness(likeness: Likeness, matching: int, limit: int, after: Place | None) -> tuple[list[Hit], Place | None]:
    """Return a page, and the place where it ends if there are more."""
    found = nearest(likeness, matching=matching, limit=limit + 1, after=after)
    shown = found[:limit]
    frames = _with_parents(Frame.objects.all()).in_bulk([near.frame_id for near in shown])
    boxes = Detection.objects.in_bulk([near.detection_id for near in shown if near.detection_id is not None])
    hits = [
        Hit(frames[near.frame_id], min(1.0, max(0.0, 1.0 - near.distance)), boxes.get(near.detection_id or 0))
        for near in shown
        if near.frame_id in frames  # it may have gone since the line above
    ]
    if len(found) <= limit:
        return hits, None
    return hits, Place(shown[-1].id, shown[-1].distance, (after.seen if after else 0) + limit)


def _with_parents(frames: QuerySet[Frame]) -> QuerySet[Frame]:
    # A long video's keyframes are many kilobytes, and would come with every one of its frames.
    return frames.select_related("video", "camera").defer("video__keyframes")
