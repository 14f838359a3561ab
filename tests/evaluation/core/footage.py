"""Footage with events and looks, written down in seconds."""

import numpy as np

from curation.core.types import Span
from evaluation.core.events import FootageEvidence, Stretch
from evaluation.core.metrics.contract import EventPart

S = 1_000_000


def spans(*pairs):
    return [Span(round(a * S), round(b * S)) for a, b in pairs]


def stretch(start_s, end_s, events=(), seen=(), *, step_s=0.5, label="person", video=1, camera="gate"):
    """A stretch looked at every `step_s` from its start; `seen` are [(from_s, until_s, score), …]."""
    pts = np.arange(round(start_s * S), round(end_s * S), round(step_s * S))
    scores = np.zeros(len(pts))
    for first, last, score in seen:
        scores[(pts >= round(first * S)) & (pts < round(last * S))] = score
    at = tuple((round(a * S), round(b * S)) for a, b in events)
    return Stretch(video, camera, label, round(start_s * S), round(end_s * S), at, pts, scores)


def footage(*stretches, groups=None, least_score=0.0):
    group = np.arange(len(stretches)) if groups is None else np.array(groups)
    return FootageEvidence(tuple(stretches), group, int(group.max(initial=-1)) + 1, least_score)


def part(evidence, *, chosen=None, labels=()):
    everything = np.ones(len(evidence.stretches), bool)
    return EventPart(evidence, everything if chosen is None else np.array(chosen, bool), labels)


def once(evidence):
    return np.ones((1, evidence.group_count), np.int32)


def value(metric, evidence, **which):
    (figure,) = metric.measure(part(evidence, **which), once(evidence))
    return float(figure)
