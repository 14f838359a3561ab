"""What a lock would keep away: a version's frames, and all that could give them away."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Q

from curation.core.spans import total_us
from curation.core.stretches import blocks_around, whole_events
from curation.core.types import Span
from curation.models import DatasetFrame, DatasetVersion, Frame, HeldFrame, Interval, Run, Video
from curation.services.holding import Hold, HoldoutError, Reach, frames_beside, frames_within
from curation.services.holdout_copies import copied_stretches
from curation.services.look_alikes import Compared, LookAlikes

_Reason = HeldFrame.Reason
WHOLE = Span(0, 1 << 50)
"""All of a sequence, pictures to come included: 35 years, which added to a date is a date still."""


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
        stretches_us = [total_us(span for span in spans if span != WHOLE) for spans in self.stretches.values()]
        return {
            **self.reach.to_dict(),
            "frames": self.counts(),
            "stretches": sum(map(len, self.stretches.values())),
            "videos": len(self.stretches),
            "seconds": round(sum(stretches_us) / 1e6, 1),
            "embedders": self.compared.embedders,
            "uncompared": self.compared.uncompared,
            "blind": self.compared.blind,
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
    for frame_id in (*frames_within(stretches), *frames_beside(version, margin_s=reach.margin_s)):
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


def _stretches(members: Iterable[int], reach: Reach) -> dict[int, list[Span]]:
    """Return the stretches that members take of their videos, of a sequence of pictures all of it.

    A sequence says nothing of time, only of order. Single pictures have nothing around them."""
    times: dict[int, list[int]] = defaultdict(list)
    rows = Frame.objects.filter(pk__in=list(members)).filter(Q(video__kind=Video.Kind.FOOTAGE) | Q(video__fps__gt=0))
    for video_id, pts_us in rows.order_by("video_id", "pts_us").values_list("video_id", "pts_us"):
        times[video_id].append(pts_us)
    sequences = set(Video.objects.filter(pk__in=times, kind=Video.Kind.PICTURES).values_list("pk", flat=True))
    events = events_of(times)
    block_us, margin_us = round(reach.block_s * 1e6), round(reach.margin_s * 1e6)
    return {
        video_id: [WHOLE]
        if video_id in sequences
        else whole_events(blocks_around(of_video, block_us=block_us, margin_us=margin_us), events[video_id])
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
