"""Pictures of a round, for the pages: candidates with why, seeds with what went wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from activelearning.models import Candidate, Seed
from curation.models import Frame
from curation.services.pictures import picture_url
from frontend.queries.tests import THUMBNAIL_WIDTH_PX
from frontend.round_records import CandidateCard, CandidateFilter, CandidatePage, Corners, ReasonView, SeedCard, Shot


def candidates(round: int, *, chosen: CandidateFilter, limit: int, after: int = -1) -> CandidatePage:
    """List candidates in the order in which they were picked, from behind a rank on; none that was held out
    since. One query."""
    rows = Candidate.objects.filter(round=round, rank__gt=after, frame__held_out=False).select_related(
        "frame__video", "frame__camera"
    )
    if chosen.arm:
        rows = rows.filter(arm=chosen.arm)
    if chosen.dropped:
        rows = rows.filter(is_dropped=chosen.dropped == "yes")
    for name, value in (("sampler", chosen.sampler), ("scenario", chosen.scenario)):
        if value:
            rows = rows.filter(reasons__contains=[{name: value}])
    found = list(rows.order_by("rank")[: limit + 1])
    return CandidatePage([card_of(one) for one in found[:limit]], found[limit - 1].rank if len(found) > limit else None)


def candidate(round: int, frame: int) -> CandidateCard | None:
    """Look up one candidate. One query."""
    rows = Candidate.objects.filter(round=round, frame=frame, frame__held_out=False).select_related(
        "frame__video", "frame__camera"
    )
    found = rows.first()
    return card_of(found) if found else None


def seeds(round: int, *, each: int) -> Sequence[SeedCard]:
    """List seeds of a round: of each scenario and kind at most so many, the highest scores first. One query."""
    place = Window(
        RowNumber(), partition_by=["scenario", "kind"], order_by=[F("score").desc(nulls_last=True), F("id").asc()]
    )
    rows = Seed.objects.filter(round=round, frame__held_out=False).annotate(place=place).filter(place__lte=each)
    return [
        SeedCard(_shot(seed.frame), seed.scenario, seed.kind, seed.label, seed.score, _corners(seed))
        for seed in rows.select_related("frame__video", "frame__camera").order_by("scenario", "kind", "place")
    ]


def _free(round: int) -> QuerySet[Candidate]:
    free = Candidate.objects.filter(round=round, frame__held_out=False)
    return free.select_related("frame__video", "frame__camera")


def card_of(row: Candidate) -> CandidateCard:
    return CandidateCard(
        shot=_shot(row.frame),
        arm=row.arm,
        arm_words=row.get_arm_display(),
        rank=row.rank,
        score=row.score,
        reasons=[_reason(one) for one in row.reasons if isinstance(one, Mapping)],
        is_dropped=row.is_dropped,
        note=row.note,
    )


def _shot(frame: Frame) -> Shot:
    return Shot(
        frame=frame.pk,
        picture=picture_url(frame, width_px=THUMBNAIL_WIDTH_PX),
        width_px=frame.width_px,
        height_px=frame.height_px,
        camera=frame.camera.name,
        video=frame.video.name,
        pts_s=frame.pts_s,
    )


def _reason(plain: Mapping[str, Any]) -> ReasonView:
    box = plain.get("box")
    return ReasonView(
        text=str(plain.get("text") or ""),
        sampler=str(plain.get("sampler") or ""),
        scenario=str(plain.get("scenario") or ""),
        box=(box[0], box[1], box[2], box[3]) if isinstance(box, list) and len(box) == 4 else None,
    )


def _corners(seed: Seed) -> Corners | None:
    if seed.x1 is None or seed.y1 is None or seed.x2 is None or seed.y2 is None:
        return None
    return seed.x1, seed.y1, seed.x2, seed.y2
