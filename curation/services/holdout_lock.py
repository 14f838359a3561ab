"""Locking a dataset version as a hold-out: it and all that could give it away is kept from everything else."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from curation.core.stretches import blocks_around, whole_events
from curation.core.types import Span
from curation.models import DatasetFrame, DatasetVersion, Frame, HeldFrame, Interval, Run, Video
from curation.services.holding import (
    Hold,
    HoldoutError,
    Reach,
    frames_within,
    keep_all_away,
    write_holds,
    write_stretches,
)
from curation.services.holdout_copies import copied_stretches
from curation.services.look_alikes import Compared, LookAlikes

_Reason = HeldFrame.Reason


@dataclass(frozen=True)
class Overlap:
    """Another version that has frames which the lock would keep away, outside its test split."""

    version: str
    frames: int
    splits: Mapping[str, int]
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class Foreseen:
    """All that a lock keeps away, and what speaks against it."""

    version: DatasetVersion
    reach: Reach
    holds: list[Hold]
    stretches: dict[int, list[Span]]
    compared: Compared
    overlaps: list[Overlap] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Count the frames by reason: member, block, duplicate."""
        found = Counter(str(hold.reason) for hold in self.holds)
        return {str(reason.value): found[reason.value] for reason in _Reason}

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.reach.to_dict(),
            "frames": self.counts(),
            "stretches": sum(map(len, self.stretches.values())),
            "videos": len(self.stretches),
            "seconds": round(sum((s.end_us - s.start_us) / 1e6 for spans in self.stretches.values() for s in spans), 1),
            "embedders": self.compared.embedders,
            "uncompared": self.compared.uncompared,
            "overlaps": [asdict(overlap) for overlap in self.overlaps],
        }  # fmt: skip


def foresee(version: DatasetVersion, *, reach: Reach | None = None) -> Foreseen:
    """Work out what locking a version would keep away, and change nothing. Raises HoldoutError if it is locked."""
    if version.is_locked:
        raise HoldoutError("locked", f"{version} is locked already, and stays so.")
    reach = reach or Reach()
    members = list(version.members.order_by("frame_id").values_list("frame_id", flat=True))
    if not members:
        raise HoldoutError("empty", f"{version} has no frames, so there is nothing to hold out.")
    stretches = _stretches(members, reach)
    holds = {frame_id: Hold(frame_id, _Reason.MEMBER) for frame_id in members}
    for frame_id in frames_within(stretches):
        holds.setdefault(frame_id, Hold(frame_id, _Reason.BLOCK))
    likes = LookAlikes(holds)
    others = Frame.objects.order_by("id").values_list("id", flat=True)
    for found in likes.among((pk for pk in others.iterator(chunk_size=50_000) if pk not in holds),
                             min_similarity=reach.min_similarity, max_bits=reach.max_bits):  # fmt: skip
        holds[found.frame_id] = Hold(found.frame_id, _Reason.DUPLICATE, found.like_id, found.similarity)
    copied = copied_stretches([(h.frame_id, h.like_id) for h in holds.values() if h.like_id], stretches)
    for frame_id in frames_within(copied):
        if holds.get(frame_id, Hold(frame_id, _Reason.DUPLICATE)).reason == _Reason.DUPLICATE:
            holds[frame_id] = Hold(frame_id, _Reason.BLOCK)
    stretches = {video: [*stretches.get(video, []), *copied.get(video, [])] for video in {*stretches, *copied}}
    return Foreseen(version, reach, list(holds.values()), stretches, likes.compared, _overlaps(version, holds))


@transaction.atomic
def lock_version(
    version: DatasetVersion,
    *,
    user: AbstractBaseUser | AnonymousUser | None,
    block_s: float = 60.0,
    margin_s: float = 5.0,
    min_similarity: float = 0.95,
    max_bits: int = 6,
    allow_overlap: bool = False,
) -> DatasetVersion:
    """Lock a version as a hold-out, for good: nothing unlocks it.

    Kept away from then on: its frames; the blocks of `block_s` seconds of their videos that hold one, `margin_s` more
    on both sides, grown so that no event is cut, and what the same camera took at the same moments in other files; and
    whatever looks like any of these, by cosine similarity or by at most `max_bits` differing bits of the perceptual
    hash. Raises HoldoutError if it is locked already, and, unless `allow_overlap`, if another version has any of these
    frames outside its test split: a model may have learnt from them."""
    keep_all_away()
    version = DatasetVersion.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=version.pk)
    foreseen = foresee(version, reach=Reach(block_s, margin_s, min_similarity, max_bits))
    if foreseen.overlaps and not allow_overlap:
        raise HoldoutError("overlap", _refusal(foreseen))
    write_stretches(version, foreseen.stretches)
    write_holds(version, foreseen.holds)
    version.locked_at = timezone.now()
    version.locked_by_id = user.pk if user is not None and user.is_authenticated else None
    version.lock = foreseen.to_dict()
    version.save(update_fields=["locked_at", "locked_by", "lock"])
    return version


def _stretches(members: Iterable[int], reach: Reach) -> dict[int, list[Span]]:
    """Return the stretches that members take of their videos. Single pictures have no time around them."""
    times: dict[int, list[int]] = defaultdict(list)
    footage = Frame.objects.filter(pk__in=list(members), video__kind=Video.Kind.FOOTAGE)
    for video_id, pts_us in footage.order_by("video_id", "pts_us").values_list("video_id", "pts_us"):
        times[video_id].append(pts_us)
    events = events_of(times)
    block_us, margin_us = round(reach.block_s * 1e6), round(reach.margin_s * 1e6)
    return {
        video_id: whole_events(blocks_around(of_video, block_us=block_us, margin_us=margin_us), events[video_id])
        for video_id, of_video in times.items()
    }


def events_of(videos: Iterable[int]) -> dict[int, list[Span]]:
    """Return what the last filter stage of each run found in videos."""
    last = {
        run_id: _last_filter(spec)
        for run_id, spec in Run.objects.filter(video__in=list(videos)).order_by("id").values_list("id", "spec")
    }
    found: dict[int, list[Span]] = defaultdict(list)
    rows = Interval.objects.filter(run__in=list(last)).order_by("id")
    for run_id, video_id, stage, start_s, end_s in rows.values_list(
        "run_id", "run__video_id", "stage", "start_s", "end_s"
    ):
        if stage == last[run_id]:
            found[video_id].append(Span(round(start_s * 1e6), round(end_s * 1e6)))
    return found


def _last_filter(spec: Mapping[str, Any]) -> str:
    """Name the last stage of a stored spec that is no embed stage."""
    stages = [s for s in spec.get("stages", []) if s.get("kind", s.get("name")) != "embed"]
    return str(stages[-1].get("name", stages[-1].get("kind"))) if stages else ""


def _overlaps(version: DatasetVersion, holds: Mapping[int, Hold]) -> list[Overlap]:
    """Find the other versions that may have been trained on: an empty split is for all purposes."""
    rows = DatasetFrame.objects.filter(version__locked_at=None).exclude(version=version).exclude(split="test")
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for version_id, frame_id, split in rows.order_by().values_list("version_id", "frame_id", "split").iterator():
        if frame_id in holds:
            found[version_id].append((split or "all", str(holds[frame_id].reason.value)))
    named = DatasetVersion.objects.select_related("dataset").in_bulk(list(found))
    return [
        Overlap(str(named[pk]), len(pairs), dict(Counter(s for s, _ in pairs)), dict(Counter(r for _, r in pairs)))
        for pk, pairs in sorted(found.items())
    ]


def _refusal(foreseen: Foreseen) -> str:
    listed = "; ".join(
        f"{o.version}: {o.frames} frames ({', '.join(f'{n} {what}' for what, n in sorted(o.splits.items()))})"
        for o in foreseen.overlaps
    )
    return (
        f"{foreseen.version} was not locked: other dataset versions have frames that it would keep away, and a model "
        f"may have learnt from them: {listed}. Draw the hold-out from frames that no such version has, or lock it with "
        "allow_overlap, which is written down with the lock; those versions cannot be exported for training any more."
    )
