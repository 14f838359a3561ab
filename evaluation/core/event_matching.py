"""From looks to alarms, and which events they find: what all metrics over time count."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.core import spans
from curation.core.types import BoolArray, FloatArray, IntArray, Span
from evaluation.core.events import FootageEvidence, Stretch

STANDS = 2.0
"""A look stands until the next one, but at most for so many of the usual steps: nobody looked in a hole."""


@dataclass(frozen=True)
class Alarming:
    """How looks become alarms, and when an alarm is an event's."""

    score: float
    gap_us: int
    shortest_us: int
    tolerance_us: int


@dataclass(frozen=True)
class Matched:
    """(E,) events, whether an alarm overlaps each, and the share of its time that alarms cover; (A,) false alarms. Both
    by the index of their stretch."""

    event_stretch: IntArray
    is_found: BoolArray
    covered: NDArray[np.float64]
    alarm_stretch: IntArray


def alarms(pts_us: IntArray, scores: FloatArray, *, how: Alarming, end_us: int) -> list[Span]:
    """Return the stretches in which looks see something: a look stands until the next one, the last until `end_us`.

    Both are (L,), times rising; L may be 0. Stretches at most `gap_us` apart are one, then short ones are dropped."""
    on = scores >= how.score
    if not on.any():
        return []
    steps = np.diff(pts_us)
    longest_us = int(STANDS * np.median(steps)) if len(steps) else end_us - int(pts_us[0])
    stood_until = np.minimum(np.append(pts_us[1:], end_us), pts_us + longest_us)
    starts, ends = pts_us[on], stood_until[on]
    begins = np.append(True, starts[1:] - ends[:-1] > how.gap_us)
    stops = np.append(begins[1:], True)
    runs = zip(starts[begins].tolist(), ends[stops].tolist(), strict=True)
    return [Span(start, end) for start, end in runs if end - start >= how.shortest_us]


def match_events(evidence: FootageEvidence, how: Alarming) -> Matched:
    """Tell which events alarms overlap, and which alarms are false, over all stretches of the evidence.

    Stretches of one video and label that touch are looked at as one, so that a cut changes no figure. What of an alarm
    lies outside all events, widened by the tolerance at both ends, is a false alarm, of the stretch it begins in: an
    alarm that never ends finds every event and is false between them. Shorter pieces than an alarm can be do not count.
    """
    event_stretch, is_found, covered, alarm_stretch = [], [], [], []
    for chain in _chains(evidence.stretches):
        parts = [evidence.stretches[index] for index in chain]
        whole = Span(parts[0].start_us, parts[-1].end_us)
        pts_us: IntArray = np.concatenate([part.pts_us for part in parts])
        scores: NDArray[np.float64] = np.concatenate([part.scores for part in parts])
        raised = alarms(pts_us, scores, how=how, end_us=whole.end_us)
        wide = []
        for index, part in zip(chain, parts, strict=True):
            for start_us, end_us in part.events:
                wide.append(Span(start_us - how.tolerance_us, end_us + how.tolerance_us))
                event_stretch.append(index)
                is_found.append(any(a.start_us < wide[-1].end_us and a.end_us > wide[-1].start_us for a in raised))
                over_us = spans.total_us(spans.intersect(raised, [Span(start_us, end_us)]))
                covered.append(over_us / (end_us - start_us))
        outside = spans.intersect(raised, spans.complement(wide, within=whole))
        starts = [part.start_us for part in parts]
        for false in spans.drop_short(outside, shortest_us=how.shortest_us):
            alarm_stretch.append(chain[int(np.searchsorted(starts, false.start_us, side="right")) - 1])
    return Matched(
        np.array(event_stretch, np.int64),
        np.array(is_found, np.bool_),
        np.array(covered, np.float64),
        np.array(alarm_stretch, np.int64),
    )


def delays(evidence: FootageEvidence, *, score: float) -> tuple[IntArray, NDArray[np.float64]]:
    """Return (E,) stretches of the events, and the seconds from each one's start to the first look in it of a score.

    An event that no look saw counts with its whole length."""
    stretch, seconds = [], []
    for index, part in enumerate(evidence.stretches):
        seen: IntArray = part.pts_us[part.scores >= score]
        for start_us, end_us in part.events:
            first = int(np.searchsorted(seen, start_us))
            found_us = int(seen[first]) if first < len(seen) else end_us
            stretch.append(index)
            seconds.append((min(found_us, end_us) - start_us) / 1e6)
    return np.array(stretch, np.int64), np.array(seconds, np.float64)


def _chains(stretches: Sequence[Stretch]) -> Iterator[list[int]]:
    """Yield the indices of stretches of one video and label that touch, in order of time."""
    order = sorted(
        range(len(stretches)), key=lambda i: (stretches[i].video_id, stretches[i].label, stretches[i].start_us)
    )
    chain: list[int] = []
    for index in order:
        if chain and not _follows(stretches[chain[-1]], stretches[index]):
            yield chain
            chain = []
        chain.append(index)
    if chain:
        yield chain


def _follows(before: Stretch, after: Stretch) -> bool:
    return (before.video_id, before.label, before.end_us) == (after.video_id, after.label, after.start_us)
