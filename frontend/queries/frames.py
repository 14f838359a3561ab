"""Kept frames with their boxes."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from curation.core.query import QueryError
from curation.models import Detection, Frame, Run
from curation.services.pictures import picture_url
from curation.services.search import SearchError, search
from frontend.queries.runs import filter_names
from frontend.records import BoxMark, FrameCard, FrameDetail, FramePage, QueryFault

THUMBNAIL_WIDTH_PX, CARD_WIDTH_PX, DETAIL_WIDTH_PX = 160, 640, 1280
NEIGHBOURS = 4
"""Kept frames shown on each side of an open one."""


# The frames next to evenly spaced ids: one look-up in the index each, however many frames there are.
SPREAD_SQL = """
SELECT DISTINCT near.id FROM (SELECT min(id) AS first, max(id) AS last FROM curation_frame) AS ends
CROSS JOIN generate_series(0, %(steps)s) AS step
CROSS JOIN LATERAL (
    SELECT id FROM curation_frame WHERE id >= ends.first + (ends.last - ends.first) * step / %(steps)s
    ORDER BY id LIMIT 1
) AS near
"""


def spread(*, limit: int) -> FramePage:
    """Pick frames evenly over all there are, in order. `next_cursor` is "" (the start) where some are left out.

    The queries of `search`, and 4. limit is at least 2."""
    page = search(limit=limit)
    found = [hit.frame for hit in page.hits]
    if page.next_cursor is not None:
        with connection.cursor() as cursor:
            cursor.execute(SPREAD_SQL, {"steps": limit - 1})
            ids = [row[0] for row in cursor.fetchall()]
        found = list(Frame.objects.filter(id__in=ids).select_related("video", "camera").order_by("id"))
    cards = _cards(found, width_px=CARD_WIDTH_PX)
    return FramePage(count=page.count, cards=cards, next_cursor=None if page.next_cursor is None else "")


def frames(query: str, *, limit: int, cursor: str | None = None) -> FramePage | QueryFault:
    """Find kept frames with their boxes. The queries of `search`, and 2."""
    try:
        page = search(query, limit=limit, cursor=cursor or None)
    except QueryError as error:
        return QueryFault(message=error.message, column=error.column, near=error.near)
    except SearchError as error:  # a cursor of another query
        return QueryFault(message=str(error))
    found = [hit.frame for hit in page.hits]
    cards = _cards(found, width_px=CARD_WIDTH_PX)
    return FramePage(count=page.count, cards=cards, next_cursor=page.next_cursor)


def frame(frame_id: int) -> FrameDetail | None:
    """Look up one frame with its neighbours in the video. 5 queries."""
    own = Frame.objects.select_related("video", "camera").defer("video__keyframes").filter(id=frame_id).first()
    if own is None:
        return None
    beside = Frame.objects.filter(video=own.video_id)
    before = list(beside.filter(pts_us__lt=own.pts_us).order_by("-pts_us")[:NEIGHBOURS])
    after = list(beside.filter(pts_us__gt=own.pts_us).order_by("pts_us")[:NEIGHBOURS])
    row = [*reversed(before), own, *after]
    for one in row:
        one.video, one.camera = own.video, own.camera
    return FrameDetail(
        card=_cards([own], width_px=DETAIL_WIDTH_PX)[0],
        evidence=own.evidence,
        recorded_at=own.recorded_at,
        video_id=own.video_id,
        neighbours=[_card(one, (), width_px=THUMBNAIL_WIDTH_PX) for one in row],
    )


def _cards(found: Sequence[Frame], *, width_px: int) -> list[FrameCard]:
    boxes = _boxes([one.id for one in found])
    return [_card(one, boxes.get(one.id, ()), width_px=width_px) for one in found]


def _card(one: Frame, boxes: Sequence[BoxMark], *, width_px: int) -> FrameCard:
    return FrameCard(
        id=one.id,
        picture=picture_url(one, width_px=width_px),
        width_px=one.width_px,
        height_px=one.height_px,
        video=one.video.name,
        camera=one.camera.name,
        pts_s=one.pts_s,
        tags=one.tags,
        boxes=boxes,
    )


def _boxes(frame_ids: Sequence[int]) -> dict[int, list[BoxMark]]:
    """Read the boxes of frames: of the newest run that saw any, those of its last stage that did."""
    seen: dict[int, dict[tuple[int, str], list[BoxMark]]] = defaultdict(lambda: defaultdict(list))
    for d in Detection.objects.filter(frame__in=frame_ids).order_by("-score", "id"):
        seen[d.frame_id][d.run_id, d.stage].append(BoxMark(d.label, d.score, (d.x1, d.y1, d.x2, d.y2)))
    runs = Run.objects.only("spec").in_bulk({run for stages in seen.values() for run, _ in stages})
    order = {(run.id, name): at for run in runs.values() for at, name in enumerate(filter_names(run))}
    return {
        frame_id: stages[max(stages, key=lambda place: (place[0], order.get(place, -1)))]
        for frame_id, stages in seen.items()
    }
