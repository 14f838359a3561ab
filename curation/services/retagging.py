"""Tagging frames anew from what is stored about them: no picture and no video is read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from curation.core.errors import SpecError
from curation.core.params import build
from curation.core.signals import PictureSignals
from curation.core.taggers import TAGGERS, FrameView, Tagger
from curation.core.taggers.contract import Needs
from curation.core.types import Box
from curation.models import Detection, Frame, Job, Keep, Run
from curation.services.in_force import current, current_spec
from curation.services.jobs import Progress, Work, start_job
from curation.services.layers import Change, InForce, in_force, keeps_of, lock_frames, refresh_locked
from curation.services.prompts import prepare
from curation.services.tag_rows import write_tags
from curation.services.tagging import as_json, camera_tags, run_taggers, with_thresholds

BATCH = 500
MAX_SORTS = 40
"""So many sorts of change of one factor are told apart."""


@dataclass(frozen=True)
class How:
    """How a run tags: its taggers under the conditions in force, and whose boxes they go by."""

    taggers: Mapping[str, Tagger]
    stage: str = ""
    detector: str = ""


@dataclass
class Hows:
    """How runs tag, each read once."""

    thresholds: Mapping[str, Mapping[str, Any]]
    known: dict[int | None, How] = field(default_factory=dict)

    def learn(self, run_ids: Iterable[int | None]) -> None:
        """Read those that are not known yet, in one query."""
        new = {run_id for run_id in run_ids if run_id not in self.known}
        if None in new:  # an import
            self.known[None] = How(with_thresholds({n: kind() for n, kind in TAGGERS.items()}, self.thresholds))
        for run_id, spec in Run.objects.filter(pk__in=[run_id for run_id in new if run_id]).values_list("pk", "spec"):
            self.known[run_id] = _how(spec, self.thresholds)


def start_retag(*, user: AbstractBaseUser | AnonymousUser | None = None, here: bool = False) -> Job:
    """Ask for all frames to be tagged anew. One that was asked for and has not begun will do. The caller rings.

    With `here` it is for this process to do, as with `start_job`."""
    waiting = Job.objects.filter(kind="retag", state=Job.State.QUEUED, attempt=0).order_by("id").first()
    return waiting if waiting and not here else start_job(kind="retag", user=user, here=here)


def retag(job: Job) -> Work:
    """Tag all frames anew under the conditions in force; the result says what changed."""
    at: dict[str, Any] = dict(job.checkpoint)
    if not at:
        yield Progress(0, 0, "reading the prompts")
        total = Frame.objects.count()
        at = {"last": 0, "done": 0, "total": total, "frames_changed": 0, "changes": {}, "notes": prepare(current())}
    row, hows, added = current(), Hows(current_spec().tags), in_force()
    while frames := list(Frame.objects.filter(pk__gt=at["last"]).order_by("pk")[:BATCH]):
        if current().pk != row.pk:  # others came into force: from here on these count, and another job does the rest
            row, hows, added = current(), Hows(current_spec().tags), in_force()
        changes = retag_frames(frames, hows=hows, added=added)
        at = {
            **at,
            "last": frames[-1].pk,
            "done": at["done"] + len(frames),
            "frames_changed": at["frames_changed"] + len(changes),
            "changes": tell(changes, so_far=at["changes"]),
        }
        yield Progress(at["done"], max(at["total"], at["done"]), "tagging frames anew", at)
    kept = {key: at[key] for key in ("frames_changed", "changes", "notes")}
    return {"conditions": str(current()), "frames": at["done"], **kept}


@transaction.atomic
def retag_frames(frames: Sequence[Frame], *, hows: Hows | None = None, added: InForce | None = None) -> list[Change]:
    """Tag frames anew from their keeps' signals, detections, size, time and camera, and merge their effective tags.

    Returns the changes. What a tagger goes by and is not stored of a frame leaves that frame's tags as they are."""
    hows = hows or Hows(current_spec().tags)
    locked = lock_frames([frame.pk for frame in frames])
    keeps, by_id = keeps_of(locked), {frame.pk: frame for frame in locked}
    hows.learn({keep.run_id for keep in keeps})
    boxes = _boxes(list(by_id), hows)
    stale = []
    for keep in keeps:
        seen = boxes.get((keep.run_id, keep.frame_id), [])
        tags, evidence = _tagged(keep, by_id[keep.frame_id], hows.known[keep.run_id], seen)
        if (tags, evidence) != (keep.tags, keep.evidence):
            keep.tags, keep.evidence = tags, evidence
            stale.append((keep.pk, tags, evidence))
    write_tags(Keep, stale)
    return refresh_locked(locked, keeps, added=added or in_force())


def tell(changes: Sequence[Change], *, so_far: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Count changes by factor and sort, added to those so far: {"lighting": {"dark → dim": 12}}."""
    told: dict[str, Counter[str]] = {factor: Counter(sorts) for factor, sorts in so_far.items()}
    for change in changes:
        for factor in sorted({*change.before, *change.after}):
            before, after = change.before.get(factor), change.after.get(factor)
            if before != after or isinstance(before, bool) != isinstance(after, bool):
                sorts = told.setdefault(factor, Counter())
                sort = f"{_shown(before)} → {_shown(after)}"
                sorts[sort if sort in sorts or len(sorts) < MAX_SORTS else "other changes"] += 1
    return {factor: dict(sorts) for factor, sorts in told.items()}


def _tagged(keep: Keep, frame: Frame, how: How, boxes: Sequence[Box]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a keep's tags and evidence as the taggers would give them now."""
    stored: dict[Needs, bool] = {
        "picture": all(name in keep.tags for name in ("brightness", "contrast", "blur")),
        "motion": "motion_amount" in keep.tags,
        # Without boxes nobody can tell whether there were none or nobody looked: the counts do.
        "boxes": "object_counts" in keep.tags and bool(how.stage),
        "nothing": True,
    }
    usable = [tagger for tagger in how.taggers.values() if stored[tagger.needs]]
    signals = (float(keep.tags[name]) if stored["picture"] else 0.0 for name in ("brightness", "contrast", "blur"))
    view = FrameView(
        signals=PictureSignals(*signals),
        width_px=frame.width_px,
        height_px=frame.height_px,
        recorded_at=frame.recorded_at,
        motion_percent=float(keep.tags["motion_amount"]) if stored["motion"] else None,
        boxes=boxes if stored["boxes"] else None,
        detector=how.detector,
        tags={tag.factor: tag.value for tag in camera_tags(frame.camera.attributes)},
    )
    tags, evidence = as_json(run_taggers(usable, view))
    anew = {factor.name for tagger in usable for factor in tagger.factors}
    for factor, value in keep.tags.items():
        why = keep.evidence.get(factor, {"source": "tagger"})
        if factor not in anew or why["source"] == "human":
            tags[factor] = value
            evidence[factor] = why
    return tags, evidence


def _boxes(frame_ids: Sequence[int], hows: Hows) -> dict[tuple[int | None, int], list[Box]]:
    """Return the boxes of each run's last filter stage, in the order in which they were seen."""
    found: dict[tuple[int | None, int], list[Box]] = {}
    rows = Detection.objects.filter(frame__in=frame_ids).order_by("id")
    for run, frame, stage, label, score, *corners in rows.values_list(
        "run_id", "frame_id", "stage", "label", "score", "x1", "y1", "x2", "y2"
    ):
        if run in hows.known and stage == hows.known[run].stage:
            found.setdefault((run, frame), []).append(Box(label, score, *corners))
    return found


def _how(spec: Mapping[str, Any], thresholds: Mapping[str, Mapping[str, Any]]) -> How:
    """Read how a run tags from its stored spec; what this version of Winnow does not know any more is left out."""
    own = spec.get("tags") or {}
    taggers = {name: _built(kind, own.get(name) or {}) for name, kind in TAGGERS.items()}
    filters = [stage for stage in spec.get("stages") or [] if stage.get("kind") != "embed"]
    last = filters[-1] if filters else {}
    detector = str(last.get("detector", ""))
    return How(with_thresholds(taggers, thresholds), str(last.get("name", last.get("kind", ""))), detector)


def _built(kind: type[Tagger], values: Mapping[str, Any]) -> Tagger:
    try:
        return build(kind, values, where="tags")
    except SpecError:
        return build(kind, {}, where="tags")


def _shown(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list():
            return ", ".join(map(str, value)) or "nothing"
        case dict():
            return ", ".join(f"{label} {count}" for label, count in value.items()) or "nothing"
    return str(value)
