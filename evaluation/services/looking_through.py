"""A model looks through whole videos, so many times a second: the job `look`, and who asks for it."""

import hashlib
import math
from collections.abc import Generator, Iterator, Sequence
from typing import Any, TypeAlias

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from curation.backends import storage
from curation.core.errors import SpecError
from curation.core.types import Box, Detector, Footage, Picture
from curation.models import Job, Video
from curation.services.jobs import OPEN, Progress, Work, start_job
from curation.services.looking import open_footage
from evaluation.core.looks import Looks, decode, encode, join, looks_of
from evaluation.models import EventSet, Look, ModelVersion
from evaluation.services.events import find_events
from evaluation.services.footage import FPS, MIN_SCORE, LooksMissing, footage_evidence, looks_at, videos_of
from evaluation.services.model_registry import ModelError, detector_of

__all__ = ["LooksMissing", "footage_evidence", "look_through", "missing_looks", "request_looks"]
BATCH = 8
PART = 256
"""Looks that are put away at once: what a worker that dies may lose."""
SLACK_US = 1_000_000
Steps: TypeAlias = Generator[Progress, None, dict[str, Any]]


def request_looks(
    *,
    model: ModelVersion,
    videos: Sequence[Video],
    fps: float = FPS,
    min_score: float = MIN_SCORE,
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
) -> Job:
    """Ask a model to look through videos. What it looked through before is not looked through again. The caller rings
    once that is committed; with `here` it does the job itself.

    Raises ModelError for a model without weights, SpecError for figures that make no sense or no video."""
    if not model.has_weights:
        raise ModelError("no_weights", f"{model} has no weights here, so it cannot look through footage.")
    if not 0.01 <= fps <= 60:
        raise SpecError(f"fps is {fps:g}; it must be 0.01 to 60 looks a second.")
    if not 0 < min_score <= 1:
        raise SpecError(f"min_score is {min_score:g}; it must be above 0 and at most 1.")
    if not videos:
        raise SpecError("There is no video to look through.")
    for video in videos:
        if video.kind != Video.Kind.FOOTAGE or video.status != Video.Status.READY:
            raise SpecError(f"{video} is no readable footage: it cannot be looked through.")
    ids = list(dict.fromkeys(video.pk for video in videos))
    params = {"model": model.pk, "videos": ids, "fps": fps, "min_score": min_score}
    return start_job(kind="look", params=params, user=user, here=here)


@transaction.atomic
def missing_looks(
    *,
    event_set: EventSet | str,
    model: ModelVersion,
    fps: float = FPS,
    min_score: float = MIN_SCORE,
    user: AbstractBaseUser | AnonymousUser | None = None,
) -> list[Job]:
    """Return the jobs that must end before a model can be measured against a set of events: those under way, and one
    for what nobody asked for yet. None if all is there. Raises as `request_looks`, and NoSuchEvents."""
    wanted = find_events(event_set) if isinstance(event_set, str) else event_set
    videos = videos_of(wanted)
    there = looks_at(videos, model=model, fps=fps, min_score=min_score)
    missing = {video.pk: video for video in videos if video.pk not in there}
    jobs = []
    for job in Job.objects.filter(kind="look", state__in=OPEN, params__model=model.pk, params__fps=fps).order_by("id"):
        if job.params["min_score"] <= min_score and missing.keys() & set(job.params["videos"]):
            jobs.append(job)
            missing = {pk: video for pk, video in missing.items() if pk not in job.params["videos"]}
    if missing:
        jobs.append(request_looks(model=model, videos=list(missing.values()), fps=fps, min_score=min_score, user=user))
    return jobs


def look_through(job: Job) -> Work:
    """Look through the job's videos from where the checkpoint says it stands. Raises ModelError, WeightsMissing,
    WeightsUnusable, MediaError."""
    asked, at = job.params, {"video": 0, "looks": 0, "reused": 0, "total": 0, "parts": [], "next": 0, **job.checkpoint}
    model = ModelVersion.objects.get(pk=asked["model"])
    videos = {video.pk: video for video in Video.objects.filter(pk__in=asked["videos"])}
    at["total"] = sum(_ticks(video, asked["fps"]) for video in videos.values())
    _tidy(job)
    detector: Detector | None = None
    while at["video"] < len(asked["videos"]):
        video = videos.get(asked["videos"][at["video"]])
        if video is None or looks_at([video], model=model, fps=asked["fps"], min_score=asked["min_score"]):
            at = {**at, "reused": at["reused"] + 1}
        else:
            yield Progress(at["looks"], at["total"], f"loading {model}")
            detector = detector or detector_of(model)
            at = yield from _look_at(video, detector, job=job, model=model, at=at)
        storage.remove(at["parts"])
        at = {**at, "video": at["video"] + 1, "parts": [], "next": 0}
        yield Progress(at["looks"], at["total"], f"{model} looks", at)
    return {
        "model": model.name, "videos": len(asked["videos"]), "reused": at["reused"], "looks": at["looks"],
        "fps": asked["fps"], "min_score": asked["min_score"],
    }  # fmt: skip


def _look_at(video: Video, detector: Detector, *, job: Job, model: ModelVersion, at: dict[str, Any]) -> Steps:
    """Look through one video, part by part, and write its row."""
    found = _read(at["parts"])
    if found is None:  # somebody tidied up: this video begins anew
        at, found = {**at, "parts": [], "next": 0}, []
    fps, ticks, is_over = job.params["fps"], _ticks(video, job.params["fps"]), False
    done, doing = at["looks"] + sum(len(part.pts_us) for part in found), f"{model} looks at {video}"
    with open_footage(video) as footage:
        while at["next"] < ticks and not is_over:
            until = min(at["next"] + PART, ticks)
            last_us = next((int(part.pts_us[-1]) for part in reversed(found) if len(part.pts_us)), -1)
            pts_us: list[int] = []
            boxes: list[list[Box]] = []
            for pictures in _batches(footage, range(at["next"], until), fps=fps, after_us=last_us):
                boxes += detector.detect([one.rgb() for one in pictures], min_score=job.params["min_score"])
                pts_us += [one.pts_us for one in pictures]
                done += len(pictures)
                yield Progress(done, max(at["total"], done), doing)
            is_over = footage.at(_tick_us(until - 1, fps)) is None
            found.append(looks_of(pts_us, boxes))
            key = f"jobs/{job.pk}/looks-{job.attempt}-{len(at['parts'])}.npz"
            storage.put_bytes(key, encode(found[-1]))
            at = {**at, "next": until, "parts": [*at["parts"], key]}
            yield Progress(done, max(at["total"], done), doing, at)
    _write(join(found), video, job=job, model=model)
    return {**at, "looks": done}


def _batches(footage: Footage, ticks: range, *, fps: float, after_us: int) -> Iterator[list[Picture]]:
    """Yield the first picture at or after each tick, some at once; one that serves two ticks is looked at once."""
    batch: list[Picture] = []
    for tick in ticks:
        picture = footage.at(_tick_us(tick, fps))
        if picture is None:
            break
        if picture.pts_us <= after_us:
            continue
        after_us = picture.pts_us
        batch.append(picture)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _write(looks: Looks, video: Video, *, job: Job, model: ModelVersion) -> None:
    """Store the looks, then the row. Another job that did the same meanwhile is as good."""
    content = encode(looks)
    key = f"looks/{model.pk}/{hashlib.sha256(content).hexdigest()}.npz"
    storage.put_bytes(key, content)
    whole_us, step_us = round(video.duration_s * 1e6), round(1e6 / job.params["fps"])
    reached_us = int(looks.pts_us[-1]) + step_us if len(looks.pts_us) else 0
    try:
        with transaction.atomic():
            Look.objects.create(
                model=model,
                video=video,
                fps=job.params["fps"],
                min_score=job.params["min_score"],
                file=key,
                look_count=len(looks.pts_us),
                # What cannot be decoded at its end was not looked at.
                end_us=whole_us if reached_us + SLACK_US >= whole_us else reached_us,
                code_version=settings.WINNOW_VERSION,
            )
    except IntegrityError:
        return


def _read(parts: Sequence[str]) -> list[Looks] | None:
    try:
        return [decode(storage.read_bytes(key)) for key in parts]
    except (OSError, ValueError):
        return None


def _tidy(job: Job) -> None:
    """Remove what looks left behind that were cancelled or failed. Resumed, they would begin that video anew."""
    for other in Job.objects.filter(kind="look", state__in=(Job.State.CANCELLED, Job.State.FAILED)).exclude(pk=job.pk):
        storage.remove(other.checkpoint.get("parts", []))


def _ticks(video: Video, fps: float) -> int:
    return math.ceil(video.duration_s * fps)


def _tick_us(tick: int, fps: float) -> int:
    return round(tick * 1e6 / fps)
