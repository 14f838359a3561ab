"""Sets of events: taken in, found, told. A set never changes; another truth is another set."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from curation.core import spans
from curation.core.errors import SpecError, WinnowError
from curation.core.types import Span
from curation.models import Video
from evaluation.core.event_files import Told, read_events
from evaluation.models import Event, EventSet, EventStretch

R = TypeVar("R", Event, EventStretch)
NAMED = 10
SLACK_S = 1.0
"""An event may end so much after its video: durations and what people read off are not that exact."""
BATCH = 5_000
Content = dict[tuple[Video, str], tuple[list[Span], list[Span]]]
"""(video, label) -> the stretches that were looked through, and the events."""


class EventError(WinnowError):
    """Events cannot be taken in. `code` is stable: taken, no_video, ambiguous, outside, twice, empty, unreadable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchEvents(EventError):
    """There is no set of events of that name."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


class EventsTaken(EventError):
    """The name is that of a set with another content."""

    def __init__(self, message: str) -> None:
        super().__init__("taken", message)


def find_events(name: str) -> EventSet:
    """Find a set by its name. Raises NoSuchEvents, which lists what there is."""
    found = EventSet.objects.filter(name=name.strip()).first()
    if found is not None:
        return found
    there = ", ".join(EventSet.objects.order_by("-id").values_list("name", flat=True)[:NAMED])
    known = f"There are: {there}." if there else "There is none yet: manage.py events import NAME FILE"
    raise NoSuchEvents(f"There is no set of events {name[:80]!r}. {known}")


def read_event_files(files: Sequence[Path], *, video: str = "") -> list[Told]:
    """Read files of events; `video` is that of those that name none. Raises EventError, EventFileError."""
    told: list[Told] = []
    for file in files:
        try:
            told += read_events(file.read_text(encoding="utf-8"), name=file.name, video=video)
        except (OSError, UnicodeDecodeError) as error:
            raise EventError("unreadable", f"{file} cannot be read: {error}") from error
    return told


def import_events(*, name: str, told: Sequence[Told], note: str = "") -> tuple[EventSet, bool]:
    """Make a set of what was told; returns it, and whether it is new: the same content again is the same set.

    Several that tell of one label in one video add up. Raises SpecError for a name that is not valid, and EventError:
    the name is taken by another content, a video is not known, or an event lies outside what was looked through."""
    event_set = EventSet(name=name, note=note)
    _check_name(event_set)
    content = _content(told)
    event_set.sha256 = _sha256(content)
    try:
        with transaction.atomic():
            event_set.save()
            _write(event_set, content)
    except IntegrityError as error:
        there = EventSet.objects.get(name=name)
        if there.sha256 == event_set.sha256:
            return there, False
        raise EventsTaken(
            f"There is a set {name!r} with other events. A set never changes: choose another name."
        ) from error
    return event_set, True


def with_counts(sets: QuerySet[EventSet]) -> QuerySet[EventSet]:
    """Add to each set: `event_count`, `video_count`, and `looked_us`, summed over labels."""
    stretches = EventStretch.objects.filter(event_set=OuterRef("pk")).order_by().values("event_set")
    events = Event.objects.filter(event_set=OuterRef("pk")).order_by().values("event_set")
    looked = stretches.annotate(n=Sum(F("end_us") - F("start_us"))).values("n")
    return sets.annotate(
        event_count=Coalesce(Subquery(events.annotate(n=Count("*")).values("n")), 0),
        video_count=Coalesce(Subquery(stretches.annotate(n=Count("video", distinct=True)).values("n")), 0),
        looked_us=Coalesce(Subquery(looked), 0, output_field=BigIntegerField()),
    )


def truth_of(event_set: EventSet) -> list[dict[str, Any]]:
    """Tell a set's content, one entry for each video and label, in the form in which it is read; times in seconds."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    order = ("video_id", "label", "start_us", "end_us")
    for kind, rows in (("looked", event_set.stretches), ("intervals", event_set.events)):
        for video, name, label, start_us, end_us in rows.order_by(*order).values_list(
            "video_id", "video__name", "label", "start_us", "end_us"
        ):
            entry: dict[str, Any] = {"video": name, "video_id": video, "label": label, "looked": [], "intervals": []}
            found.setdefault((video, label), entry)[kind].append([start_us / 1e6, end_us / 1e6])
    return list(found.values())


def find_video(reference: str) -> Video:
    """Find footage by its name, SHA-256 or id. Raises EventError, which lists those of one name."""
    footage = Video.objects.filter(kind=Video.Kind.FOOTAGE).select_related("camera")
    found = list(footage.filter(name=reference).order_by("-id")[: NAMED + 1]) or list(footage.filter(sha256=reference))
    if not found and reference.isascii() and reference.isdigit() and len(reference) < 19:
        found = list(footage.filter(pk=int(reference)))
    if not found:
        raise EventError("no_video", f"There is no video {reference[:200]!r}. Take it in first: manage.py ingest PATH")
    if len(found) > 1:
        ids = ", ".join(f"{video.pk} ({video.camera.name})" for video in found[:NAMED])
        raise EventError("ambiguous", f"Several videos are named {reference!r}: {ids}. Name its id or SHA-256 instead.")
    return found[0]


def _content(told: Sequence[Told]) -> Content:
    """Find the videos, and check and merge what is told of each label. Raises EventError."""
    videos: dict[str, Video] = {}
    content: Content = {}
    for one in told:
        video = videos.setdefault(one.video, videos.get(one.video) or find_video(one.video))
        if video.duration_s <= 0:
            raise EventError("no_video", f"{one.where}: {video} is no readable footage: {video.error or 'no duration'}")
        whole = Span(0, round(video.duration_s * 1e6))
        looked, events = content.setdefault((video, one.label), ([], []))
        looked += _clipped(one.looked, whole, one) if one.looked is not None else [whole]
        events += _clipped(one.events, whole, one)
    for (video, label), (looked, events) in content.items():
        looked[:] = spans.union(looked)
        events.sort(key=lambda event: (event.start_us, event.end_us))
        _check(events, looked, f"{label} in {video}")
    if not content:
        raise EventError("empty", "The files tell of no video: there is nothing to make a set of.")
    return content


def _clipped(told: Sequence[Span], whole: Span, one: Told) -> list[Span]:
    """Cut off what reaches a little beyond the video."""
    for span in told:
        if span.end_us > whole.end_us + SLACK_S * 1e6 or span.start_us >= whole.end_us:
            raise EventError(
                "outside",
                f"{one.where}: {_shown(span)} lies beyond the end of {one.video}, "
                f"which lasts {whole.end_us / 1e6:g} s.",
            )
    return [Span(span.start_us, min(span.end_us, whole.end_us)) for span in told]


def _check(events: Sequence[Span], looked: Sequence[Span], what: str) -> None:
    for before, event in zip([None, *events], events, strict=False):
        if event == before:
            raise EventError("twice", f"{what}: the event {_shown(event)} is told twice.")
        if not any(span.start_us <= event.start_us and event.end_us <= span.end_us for span in looked):
            raise EventError("outside", f"{what}: the event {_shown(event)} is not within what was looked through.")


def _sha256(content: Content) -> str:
    plain = sorted(
        [video.sha256, label, *([[s.start_us, s.end_us] for s in some] for some in found)]
        for (video, label), found in content.items()
    )
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def _write(event_set: EventSet, content: Content) -> None:
    looked = [_row(EventStretch, event_set, key, span) for key, (some, _) in content.items() for span in some]
    events = [_row(Event, event_set, key, span) for key, (_, some) in content.items() for span in some]
    EventStretch.objects.bulk_create(looked, batch_size=BATCH)
    Event.objects.bulk_create(events, batch_size=BATCH)


def _row(kind: type[R], event_set: EventSet, key: tuple[Video, str], span: Span) -> R:
    return kind(event_set=event_set, video=key[0], label=key[1], start_us=span.start_us, end_us=span.end_us)


def _check_name(event_set: EventSet) -> None:
    try:
        EventSet._meta.get_field("name").run_validators(event_set.name)
    except ValidationError as error:
        raise SpecError(
            f"{event_set.name[:100]!r} cannot name a set of events: use 1 to 80 lower-case letters, digits, '_', '.' "
            "and '-', and begin with a letter or digit."
        ) from error
    if not event_set.name:
        raise SpecError("A set of events needs a name, such as gate-visits.")


def _shown(span: Span) -> str:
    return f"{span.start_us / 1e6:g}–{span.end_us / 1e6:g} s"
