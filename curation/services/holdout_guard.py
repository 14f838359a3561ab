"""Frames that come after a lock: those that would give a hold-out away are held out as they arrive."""

from collections.abc import Sequence

from curation.core.spans import union
from curation.core.stretches import union_of_chains
from curation.core.types import Span
from curation.models import DatasetVersion, Frame, HeldFrame, HoldoutBlock
from curation.services.holding import (
    Hold,
    frames_beside,
    frames_within,
    keep_locks_away,
    locked_versions,
    reach_of,
    stretches_of,
    write_holds,
    write_stretches,
)
from curation.services.holdout_copies import copied_stretches
from curation.services.holdout_foresight import events_of
from curation.services.look_alikes import LookAlikes

_Reason = HeldFrame.Reason


def guard_new(frame_ids: Sequence[int]) -> int:
    """Hold out those of new frames that belong to a hold-out's stretches or look like its frames; tells how many.

    Call it inside the transaction that stored the frames and their vectors and hashes, and again for frames that get a
    vector or a hash later. Two cheap queries where nothing is locked."""
    keep_locks_away()
    versions = locked_versions()
    if not versions or not len(frame_ids):
        return 0
    return sum(_guard(version, list(map(int, frame_ids))) for version in versions)


def _guard(version: DatasetVersion, frame_ids: list[int]) -> int:
    reach = reach_of(version)
    inside = _inside(version, frame_ids, margin_s=reach.margin_s)
    held = write_holds(version, (Hold(frame_id, _Reason.BLOCK) for frame_id in inside))
    known = HeldFrame.objects.filter(version=version, reason__in=(_Reason.MEMBER, _Reason.BLOCK))
    mine = set(known.filter(frame__in=frame_ids).values_list("frame_id", flat=True))
    if left := [frame_id for frame_id in frame_ids if frame_id not in mine]:
        likes = LookAlikes(known.values_list("frame_id", flat=True))
        found = likes.among(left, min_similarity=reach.min_similarity, max_bits=reach.max_bits)
        held += write_holds(version, (Hold(f.frame_id, _Reason.DUPLICATE, f.like_id, f.similarity) for f in found))
        held += _hold_copies(version, {f.frame_id for f in found}) if found else 0
    return held


def _hold_copies(version: DatasetVersion, new: set[int]) -> int:
    """Hold the stretches of videos that turn out to be copies, now that more of their frames are known."""
    videos = set(Frame.objects.filter(pk__in=new).values_list("video_id", flat=True))
    alike = HeldFrame.objects.filter(version=version, like__isnull=False, frame__video__in=videos).order_by("frame_id")
    stretches = stretches_of(version)
    copied = copied_stretches(alike.values_list("frame_id", "like_id"), stretches)
    more = {video: spans for video, spans in copied.items() if union([*stretches.get(video, []), *spans])
            != stretches.get(video, [])}  # fmt: skip
    write_stretches(version, more)
    return write_holds(version, (Hold(frame_id, _Reason.BLOCK) for frame_id in frames_within(more)))


def _inside(version: DatasetVersion, frame_ids: list[int], *, margin_s: float) -> list[int]:
    """List the new frames of held stretches, and those of an event that begins or ends in one."""
    placed = list(Frame.objects.filter(pk__in=frame_ids).values_list("id", "video_id", "camera_id", "pts_us"))
    cameras = {camera_id for _, _, camera_id, _ in placed}
    near = HoldoutBlock.objects.filter(version=version, video__camera__in=cameras).order_by()
    stretches = stretches_of(version, videos=near.values_list("video_id", flat=True).distinct())
    found = {*frames_within(stretches, among=frame_ids), *frames_beside(version, margin_s=margin_s, among=frame_ids)}
    events = events_of({video_id for _, video_id, _, _ in placed} & set(stretches))
    for frame_id, video_id, _, pts_us in placed:
        chains = union_of_chains(events.get(video_id, []))
        if any(chain.holds(pts_us) and _cuts(chain, stretches[video_id]) for chain in chains):
            found.add(frame_id)
    return sorted(found)


def _cuts(event: Span, stretches: Sequence[Span]) -> bool:
    return any(event.start_us < span.end_us and span.start_us < event.end_us for span in stretches)
