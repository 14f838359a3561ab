"""The effective tags of frames: what camera, taggers, models, rules and people say, one over the other.

Human beats rule beats model or tagger beats camera; of equals the later one stands. Rules are asked last, about what
stands then, people's word included; a later rule sees what the rules before it said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import transaction

from curation.core.query.holds import FrameFacts, holds
from curation.core.types import TagValue
from curation.models import Frame, Keep, TagEdit
from curation.services.in_force import current
from curation.services.prompts import Asked, asked, score_frames
from curation.services.rules import ParsedRule, rules_in_force
from curation.services.tag_rows import write_tags
from curation.services.tagging import RANK, as_json, camera_tags, merge

Layer: TypeAlias = tuple[Mapping[str, TagValue], Mapping[str, Mapping[str, object]]]
Tags: TypeAlias = dict[str, TagValue]
Evidence: TypeAlias = dict[str, dict[str, object]]
NOBODY_KNOWN = "unknown"
FRAME_FIELDS = (
    *("video_id", "pts_us", "recorded_at", "width_px", "height_px", "tags", "evidence"),
    *("camera__name", "camera__attributes", "video__name"),
)
"""What of a frame its tags follow from."""


@dataclass(frozen=True)
class Change:
    """What a frame's effective tags were and are."""

    frame_id: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class InForce:
    """What the operating conditions add to what runs found."""

    rules: Sequence[ParsedRule]
    prompts: Sequence[Asked]


def in_force() -> InForce:
    """Read rules and prompts of the conditions in force. A handful of small queries."""
    row = current()
    return InForce(rules_in_force(row), asked(row))


@transaction.atomic
def refresh_tags(frames: Sequence[Frame], *, added: InForce | None = None) -> list[Change]:
    """Merge the frames' effective tags anew; returns the changes. As many queries for many frames as for few."""
    locked = lock_frames([frame.pk for frame in frames])
    return refresh_locked(locked, keeps_of(locked), added=added or in_force())


def lock_frames(frame_ids: Sequence[int]) -> list[Frame]:
    """Lock frames, in order of id, and return them with their camera and the name of their video.

    Lock before the layers are read: else two runs that keep a frame at once would each miss the other's."""
    mine = Frame.objects.select_for_update(of=("self",)).filter(pk__in=frame_ids).select_related("camera", "video")
    return list(mine.only(*FRAME_FIELDS).order_by("pk"))


def keeps_of(frames: Sequence[Frame]) -> list[Keep]:
    """Return the keeps of frames in the order in which they speak: runs by number, then imports."""
    # Postgres sorts null last.
    return list(Keep.objects.filter(frame__in=[frame.pk for frame in frames]).order_by("run_id", "made_in_id"))


def refresh_locked(frames: Sequence[Frame], keeps: Sequence[Keep], *, added: InForce) -> list[Change]:
    """Merge the effective tags of frames that `lock_frames` locked from all their keeps; returns the changes."""
    changes, stale = [], []
    for frame, (tags, evidence) in zip(frames, _effective(frames, keeps, added), strict=True):
        if not same_tags(tags, frame.tags):
            changes.append(Change(frame.pk, frame.tags, tags))
        elif evidence == frame.evidence:
            continue
        stale.append((frame.pk, tags, evidence))
    write_tags(Frame, stale)
    return changes


def same_tags(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Compare tags as JSON does: 1 is 1.0, but true is not 1."""
    return left == right and all(isinstance(left[key], bool) == isinstance(right[key], bool) for key in left)


def _effective(frames: Sequence[Frame], keeps: Sequence[Keep], added: InForce) -> Iterator[tuple[Tags, Evidence]]:
    """Yield tags and evidence of each frame."""
    kept: dict[int, list[Layer]] = {}
    for keep in keeps:
        kept.setdefault(keep.frame_id, []).append((keep.tags, keep.evidence))
    scored = score_frames([frame.pk for frame in frames], added.prompts)
    said = _said_by_people(frames)
    of_cameras: dict[int, Layer] = {}
    for frame in frames:
        if frame.camera_id not in of_cameras:
            of_cameras[frame.camera_id] = as_json(camera_tags(frame.camera.attributes))
        layers = [of_cameras[frame.camera_id], *kept.get(frame.pk, []), as_json(scored.get(frame.pk, []))]
        tags, evidence = merge([*layers, _implied(said.get(frame.pk, ({}, {})))])
        _ask_rules(added.rules, frame, tags, evidence)
        yield tags, evidence


def _said_by_people(frames: Sequence[Frame]) -> dict[int, Layer]:
    newest = (
        TagEdit.objects.filter(frame__in=frames).order_by("frame_id", "factor", "-id").distinct("frame_id", "factor")
    )
    said: dict[int, tuple[Tags, Evidence]] = {}
    for edit, frame, factor, value, name in newest.values_list("id", "frame_id", "factor", "value", "by__username"):
        if value is not None:  # null takes the word back
            tags, evidence = said.setdefault(frame, ({}, {}))
            tags[factor] = value
            evidence[factor] = {"source": "human", "by": name or NOBODY_KNOWN, "confidence": 1.0, "edit": edit}
    return dict(said)


def _implied(said: Layer) -> Layer:
    """Add what follows from a person's word on people: how many there are says whether there are any, and none is 0."""
    tags, evidence = said
    people, has_people = tags.get("people"), tags.get("has_people")
    if isinstance(people, int | float) and has_people is None:
        return {**tags, "has_people": people >= 1}, {**evidence, "has_people": evidence["people"]}
    if has_people is False and people is None:
        return {**tags, "people": 0}, {**evidence, "people": evidence["has_people"]}
    return said


def _ask_rules(rules: Sequence[ParsedRule], frame: Frame, tags: Tags, evidence: Evidence) -> None:
    """Add what rules say. Of a factor the first rule that holds decides, unless a person did."""
    facts = FrameFacts(
        id=frame.pk,
        camera=frame.camera.name,
        video=frame.video.name,
        video_id=frame.video_id,
        pts_us=frame.pts_us,
        recorded_at=frame.recorded_at,
        tags=tags,  # which grows
    )
    decided = {factor for factor, why in evidence.items() if RANK[str(why["source"])] > RANK["rule"]}
    for rule in rules:
        if rule.factor not in decided and holds(rule.query, facts):
            tags[rule.factor] = rule.value
            evidence[rule.factor] = {"source": "rule", "by": "conditions", "confidence": 1.0, "when": rule.when}
            decided.add(rule.factor)
