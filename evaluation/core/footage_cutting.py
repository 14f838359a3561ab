"""Footage cut into pieces that can be counted as independent: each event with its surroundings, and quiet blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from curation.core import spans
from curation.core.types import FloatArray, Span
from evaluation.core.events import FootageEvidence, Stretch
from evaluation.core.looks import Looks

AROUND_S = 10.0
"""So much quiet before and after an event belongs to it, where there is so much."""
QUIET_S = 60.0
"""What is left of the quiet is cut into blocks of about this length."""
GroupBy: TypeAlias = Literal["interval", "video", "camera"]


@dataclass(frozen=True)
class WatchedVideo:
    """A video that was looked through by people and by a model.

    `looked` are the stretches looked through for each label, `events` where it is there; `names` are the model's names
    for each label, of which it may have several or none."""

    video_id: int
    camera: str
    looked: Mapping[str, Sequence[Span]]
    events: Mapping[str, Sequence[Span]]
    names: Mapping[str, tuple[str, ...]]
    looks: Looks


def cut(
    looked: Span,
    events: Sequence[Span],
    *,
    around_us: int = round(AROUND_S * 1e6),
    quiet_us: int = round(QUIET_S * 1e6),
) -> list[Span]:
    """Cut a stretch into pieces that touch each other, so that no event lies in two.

    Events that overlap or touch share a piece. Quiet between two events is cut in its middle; where it is long, each
    takes `around_us` of it, and the rest becomes blocks of about `quiet_us`. No events: blocks alone."""
    visits = spans.intersect(events, [looked])
    edges = {looked.start_us, looked.end_us}
    gaps = pairwise([looked.start_us, *(edge for v in visits for edge in (v.start_us, v.end_us)), looked.end_us])
    for number, (start_us, end_us) in enumerate(gaps):
        if number % 2:  # the events themselves
            continue
        first, last = number == 0, number == 2 * len(visits)
        quiet = (start_us + (0 if first else around_us), end_us - (0 if last else around_us))
        if quiet[1] - quiet[0] > quiet_us // 2:
            edges |= set(_blocks(*quiet, about_us=quiet_us))
        elif not first and not last:
            edges.add((start_us + end_us) // 2)
    return [Span(a, b) for a, b in pairwise(sorted(edges)) if b > a]


def leave_out(looked: Sequence[Span], events: Sequence[Span], away: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """Return the stretches and events of one label that are left without some time: an event that reaches into it goes
    whole, and with it those that overlap it."""
    left, gone = list(events), list(away)
    while cut := [event for event in left if spans.intersect([event], gone)]:
        left = [event for event in left if event not in cut]
        gone += cut
    whole = Span(0, max((span.end_us for span in looked), default=0))
    return spans.intersect(looked, spans.complement(gone, within=whole)), left


def evidence_of(
    videos: Sequence[WatchedVideo], *, least_score: float = 0.0, group_by: GroupBy = "interval"
) -> FootageEvidence:
    """Cut footage into stretches, each with its events and its looks. Labels are cut alike, so that what happens at one
    time is one group; with "video" or "camera" all stretches of one are a group."""
    found: list[Stretch] = []
    keys: list[tuple[object, ...]] = []
    for video in videos:
        scores = {label: video.looks.best(video.names[label]) for label in sorted(video.looked)}
        every = [event for events in video.events.values() for event in events]
        for piece in [piece for looked in _all_looked(video) for piece in cut(looked, every)]:
            for label in sorted(video.looked):
                for part in spans.intersect(video.looked[label], [piece]):
                    found.append(_stretch(video, label, part, scores[label]))
                    keys.append(_key(video, piece, group_by))
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    group = np.array([place[key] for key in keys], np.int64)
    return FootageEvidence(tuple(found), group, len(place), least_score)


def _all_looked(video: WatchedVideo) -> list[Span]:
    return spans.union(span for looked in video.looked.values() for span in looked)


def _stretch(video: WatchedVideo, label: str, part: Span, scores: FloatArray) -> Stretch:
    first, last = np.searchsorted(video.looks.pts_us, [part.start_us, part.end_us])
    events = tuple(
        (event.start_us, event.end_us) for event in video.events.get(label, ()) if part.holds(event.start_us)
    )
    pts_us = video.looks.pts_us[first:last]
    return Stretch(video.video_id, video.camera, label, part.start_us, part.end_us, events, pts_us, scores[first:last])


def _key(video: WatchedVideo, piece: Span, group_by: GroupBy) -> tuple[object, ...]:
    if group_by == "camera":
        return (video.camera,)
    return (video.video_id,) if group_by == "video" else (video.video_id, piece.start_us)


def _blocks(start_us: int, end_us: int, *, about_us: int) -> list[int]:
    count = max(1, round((end_us - start_us) / about_us))
    return [start_us + (end_us - start_us) * number // count for number in range(count + 1)]
