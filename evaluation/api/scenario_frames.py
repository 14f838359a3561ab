"""The worst frames of a scenario, with links to their pictures."""

from typing import Any

from rest_framework.request import Request

from curation.models import Frame
from curation.services.pictures import picture_url
from evaluation.api.report_answers import base_url
from evaluation.core.reports.words import frames_url
from evaluation.models import ScenarioResult

THUMBNAIL_WIDTH_PX = 640
"""Wide enough that a box of a far person can be seen."""


def with_links(row: ScenarioResult, request: Request) -> dict[str, Any]:
    """Return a scenario's record with its position and the links that only a request can make. One query."""
    told = dict(row.record)
    listed = told.get("frames", [])
    there = Frame.objects.in_bulk([frame["frame_id"] for frame in listed])
    return {
        **told,
        "position": row.position,
        "frames_url": frames_url(base_url(request), told["link_query"]) if told.get("link_query") else None,
        "frames": [{**frame, **_links(there.get(frame["frame_id"]), request)} for frame in listed],
    }


def _links(frame: Frame | None, request: Request) -> dict[str, str | None]:
    if frame is None:
        return {"picture": None, "thumbnail": None}
    return {
        "picture": request.build_absolute_uri(picture_url(frame)),
        "thumbnail": request.build_absolute_uri(picture_url(frame, width_px=THUMBNAIL_WIDTH_PX)),
    }
