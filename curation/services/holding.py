"""How frames are held out: the lock that keeps others still meanwhile, the stretches, and the writing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from curation.core.errors import SpecError, WinnowError
from curation.core.hamming import MOST_BITS
from curation.core.spans import union
from curation.core.types import Span
from curation.models import DatasetFrame, DatasetVersion, Frame, HeldFrame, HoldoutBlock

LOCK_KEY = 0x57494E48  # "WINH"
BATCH = 5_000
FRAMES_WITHIN = """
WITH held AS (
    SELECT * FROM unnest(%(videos)s::bigint[], %(starts)s::bigint[], %(ends)s::bigint[])
        AS held(video, start_us, end_us)
)
SELECT frame.id FROM held JOIN curation_frame frame ON frame.video_id = held.video
    AND frame.pts_us >= held.start_us AND frame.pts_us < held.end_us
UNION
SELECT frame.id FROM held JOIN curation_video video ON video.id = held.video,
LATERAL (
    SELECT id, camera_id FROM curation_frame
    WHERE recorded_at >= video.recorded_at + held.start_us * interval '1 microsecond'
    AND recorded_at < video.recorded_at + held.end_us * interval '1 microsecond' OFFSET 0
) frame WHERE frame.camera_id = video.camera_id
"""
"""Frames of the stretches, and those that the same camera took at the same moments, whichever file they are in."""


FRAMES_BESIDE = """
SELECT DISTINCT beside.id FROM curation_datasetframe member JOIN curation_frame frame ON frame.id = member.frame_id,
LATERAL (
    SELECT id, camera_id FROM curation_frame
    WHERE recorded_at >= frame.recorded_at - %(margin_s)s * interval '1 second'
    AND recorded_at <= frame.recorded_at + %(margin_s)s * interval '1 second' OFFSET 0
) beside WHERE member.version_id = %(version)s AND beside.camera_id = frame.camera_id
"""
"""OFFSET 0 keeps the planner from asking by camera, which has many frames, instead of by time, which has few."""


class HoldoutError(WinnowError):
    """What was asked for would let something leak into a hold-out, or would open one that is closed.

    code: held (frames are held out), locked (it is locked already), overlap (frames are used elsewhere), not_locked."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Reach:
    """How far a lock reaches. Stored with the version, so that frames found later are judged alike."""

    block_s: float = 60.0
    margin_s: float = 5.0
    min_similarity: float = 0.95
    max_bits: int = 6

    def __post_init__(self) -> None:
        if not (1 <= self.block_s <= 86_400 and 0 <= self.margin_s <= 86_400):
            raise SpecError(
                f"Blocks of {self.block_s:g} s with {self.margin_s:g} s around them cannot be held out: a block lasts "
                "1 to 86400 s, and the margin 0 to 86400 s."
            )
        if not (0 < self.min_similarity <= 1 and 0 <= self.max_bits <= MOST_BITS):
            raise SpecError(
                f"A similarity of {self.min_similarity:g} or {self.max_bits} bits cannot tell look-alikes: the "
                f"similarity lies above 0 and up to 1, the bits from 0 to {MOST_BITS}."
            )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Hold:
    """Why one frame is held out. similarity is the cosine to `like`; None where the perceptual hash decided."""

    frame_id: int
    reason: HeldFrame.Reason
    like_id: int | None = None
    similarity: float | None = None


def keep_locks_away() -> None:
    """Let no lock begin before this transaction ends, and wait for one that is under way.

    Whoever stores frames, or picks some for a purpose, calls this first: else a lock that is made at the same moment
    would not see them, nor they the lock. Any number of transactions may do so at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK_KEY])


def keep_all_away() -> None:
    """Wait for all that store or pick frames, and keep others from it until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])


def locked_versions() -> list[DatasetVersion]:
    """Return the hold-outs there are, oldest first."""
    return list(DatasetVersion.objects.filter(locked_at__isnull=False).select_related("dataset").order_by("id"))


def reach_of(version: DatasetVersion) -> Reach:
    """Return how far a locked version reaches."""
    said = version.lock
    return Reach(**{name: said[name] for name in Reach().to_dict() if name in said})


def known_frames(version: DatasetVersion) -> QuerySet[Frame]:
    """Select what others must not look like: a hold-out's own frames, and those of its stretches."""
    # Its own come from the rows that the database keeps as they are, whatever became of the reasons.
    members = DatasetFrame.objects.filter(version=version).values("frame")
    in_blocks = HeldFrame.objects.filter(version=version, reason=HeldFrame.Reason.BLOCK).values("frame")
    return Frame.objects.filter(Q(pk__in=members) | Q(pk__in=in_blocks)).order_by("pk")


def frames_within(stretches: Mapping[int, Sequence[Span]], *, among: Iterable[int] | None = None) -> list[int]:
    """List the frames of stretches of videos, and those that the same camera took at the same moments.

    `among` leaves all other frames out. Rising ids."""
    flat = [(video, span.start_us, span.end_us) for video, spans in stretches.items() for span in spans]
    if not flat:
        return []
    videos, starts, ends = map(list, zip(*flat, strict=True))
    limited = "" if among is None else "WHERE id = ANY(%(among)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM ({FRAMES_WITHIN}) AS found {limited} ORDER BY id",
            {"videos": videos, "starts": starts, "ends": ends, "among": None if among is None else list(among)},
        )
        return [row[0] for row in cursor.fetchall()]


def frames_beside(version: DatasetVersion, *, margin_s: float, among: Iterable[int] | None = None) -> list[int]:
    """List the frames that a camera took within `margin_s` of a frame of a version, itself included, by its clock.

    That is how single pictures have neighbours. `among` leaves all other frames out. Rising ids."""
    limited = "" if among is None else "AND beside.id = ANY(%(among)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{FRAMES_BESIDE} {limited} ORDER BY beside.id",
            {"version": version.pk, "margin_s": margin_s, "among": list(among or ())},
        )
        return [row[0] for row in cursor.fetchall()]


def stretches_of(version: DatasetVersion, *, videos: Iterable[int] | None = None) -> dict[int, list[Span]]:
    """Return the stretches that a locked version holds, by video."""
    blocks = HoldoutBlock.objects.filter(version=version).order_by("video_id", "start_us")
    if videos is not None:
        blocks = blocks.filter(video__in=list(videos))
    found: dict[int, list[Span]] = {}
    for video_id, start_us, end_us in blocks.values_list("video_id", "start_us", "end_us"):
        found.setdefault(video_id, []).append(Span(start_us, end_us))
    return {video_id: union(spans) for video_id, spans in found.items()}


def write_stretches(version: DatasetVersion, stretches: Mapping[int, Iterable[Span]]) -> None:
    """Write down stretches that a version holds."""
    HoldoutBlock.objects.bulk_create(
        HoldoutBlock(version=version, video_id=video_id, start_us=span.start_us, end_us=span.end_us)
        for video_id, spans in sorted(stretches.items())
        for span in spans
    )


def write_holds(version: DatasetVersion, holds: Iterable[Hold]) -> int:
    """Hold frames out; tells how many were free until now. A frame keeps the first reason that was written for it."""
    rows = [
        HeldFrame(version=version, frame_id=h.frame_id, reason=h.reason, like_id=h.like_id, similarity=h.similarity)
        for h in sorted(holds, key=lambda hold: hold.frame_id)
    ]
    HeldFrame.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    freed = 0
    for start in range(0, len(rows), BATCH):
        ids = [row.frame_id for row in rows[start : start + BATCH]]
        # In order of id, as everybody locks frames, so that two never wait for each other.
        free = Frame.objects.select_for_update(of=("self",)).filter(pk__in=ids, held_out=False).order_by("pk")
        freed += Frame.objects.filter(pk__in=[frame.pk for frame in free.only("pk")]).update(held_out=True)
    return freed
