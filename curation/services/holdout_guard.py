"""Frames that come after a lock: those that would give a hold-out away are held out as they arrive."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Max

from curation.core.spans import union
from curation.core.stretches import union_of_chains
from curation.core.types import Span
from curation.models import DatasetVersion, Embedder, Embedding, Frame, HeldFrame, HoldoutBlock
from curation.services.holding import (
    Hold,
    frames_beside,
    frames_within,
    keep_locks_away,
    known_frames,
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
_remembered: dict[int, tuple[Any, LookAlikes]] = {}
"""Of each version what it keeps away, with all that it depends on: a run's chunks come one after another."""
BATCH = 20_000


def guard_new(frame_ids: Sequence[int]) -> int:
    """Hold out those of new frames that belong to a hold-out's stretches or look like its frames; tells how many.

    Call it inside the transaction that stored the frames and their vectors and hashes, and again for frames that get a
    vector or a hash later. Two cheap queries where nothing is locked."""
    keep_locks_away()
    versions = locked_versions()
    if not versions or not len(frame_ids):
        return 0
    return sum(_guard(version, list(map(int, frame_ids))) for version in versions)


def guard_others(frame_ids: Iterable[int]) -> int:
    """Hold out what looks like frames that belong to a hold-out, now that these are new or have new vectors.

    Compares with all frames that are free, if any of the given ones belong to a hold-out; tells how many it held."""
    keep_locks_away()
    versions = locked_versions()
    held, ids = 0, list(frame_ids) if versions else []
    for version in versions:
        mine = list(known_frames(version).filter(pk__in=ids).values_list("pk", flat=True))
        if mine:
            held += sum(_hold_alike(version, LookAlikes(mine), batch) for batch in _free())
    return held


def guard_all() -> Iterator[int]:
    """Compare all free frames with all hold-outs, yielding how many were; each batch is committed when yielded."""
    done = 0
    for version in locked_versions():
        for batch in _free():
            with transaction.atomic():
                keep_locks_away()
                _hold_alike(version, _likes(version), batch)
            done += len(batch)
            yield done


def _guard(version: DatasetVersion, frame_ids: list[int]) -> int:
    inside = _inside(version, frame_ids, margin_s=reach_of(version).margin_s)
    held = write_holds(version, (Hold(frame_id, _Reason.BLOCK) for frame_id in inside))
    mine = set(known_frames(version).filter(pk__in=frame_ids).values_list("pk", flat=True))
    left = [frame_id for frame_id in frame_ids if frame_id not in mine]
    return held + (_hold_alike(version, _likes(version), left) if left else 0)


def _likes(version: DatasetVersion) -> LookAlikes:
    known = known_frames(version)
    frames = known.aggregate(last=Max("pk"), count=Count("pk"), hashed=Count("phash"))
    vectors = Embedding.objects.filter(frame__in=known.order_by().values("pk"), detection=None)
    embedded = vectors.aggregate(last=Max("pk"), count=Count("pk"))
    means = [
        (pk, hashlib.sha256(repr(mean).encode()).digest())
        for pk, mean in Embedder.objects.order_by("pk").values_list("pk", "mean")
    ]
    state = (*frames.values(), *embedded.values(), means)
    if _remembered.get(version.pk, (None,))[0] != state:
        _remembered[version.pk] = state, LookAlikes(known.values_list("pk", flat=True))
    return _remembered[version.pk][1]


def _hold_alike(version: DatasetVersion, likes: LookAlikes, frame_ids: Iterable[int]) -> int:
    reach = reach_of(version)
    found = likes.among(frame_ids, min_similarity=reach.min_similarity, max_bits=reach.max_bits)
    held = write_holds(version, (Hold(f.frame_id, _Reason.DUPLICATE, f.like_id, f.similarity) for f in found))
    return held + (_hold_copies(version, {f.frame_id for f in found}) if found else 0)


def _hold_copies(version: DatasetVersion, new: set[int]) -> int:
    """Hold the stretches of videos that turn out to be copies, now that more of their frames are known."""
    videos = set(Frame.objects.filter(pk__in=new).values_list("video_id", flat=True))
    alike = HeldFrame.objects.filter(version=version, like__isnull=False, frame__video__in=videos).order_by("frame_id")
    stretches = stretches_of(version)
    copied = copied_stretches(alike.values_list("frame_id", "like_id"), stretches)
    more = {
        video: spans
        for video, spans in copied.items()
        if union([*stretches.get(video, []), *spans]) != stretches.get(video, [])
    }
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


def _free() -> Iterator[Sequence[int]]:
    ids = list(Frame.objects.filter(held_out=False).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
