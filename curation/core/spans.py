"""The algebra of stretches of time. All lists that come out are sorted, disjoint, not touching and not empty.

Times are integer microseconds, so that the same stretches give the same result in any order and on any machine.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from curation.core.types import BoolArray, IntArray, Span


def union(spans: Iterable[Span]) -> list[Span]:
    """Join stretches that overlap or touch; drop empty ones."""
    return merge(spans, gap_us=0)


def merge(spans: Iterable[Span], *, gap_us: int) -> list[Span]:
    """Join stretches that lie at most `gap_us` apart."""
    merged: list[Span] = []
    for span in sorted((s for s in spans if s.end_us > s.start_us), key=lambda s: (s.start_us, s.end_us)):
        if merged and span.start_us - merged[-1].end_us <= gap_us:
            merged[-1] = Span(merged[-1].start_us, max(merged[-1].end_us, span.end_us))
        else:
            merged.append(span)
    return merged


def drop_short(spans: Iterable[Span], *, shortest_us: int) -> list[Span]:
    """Drop stretches shorter than `shortest_us`."""
    return [span for span in union(spans) if span.end_us - span.start_us >= shortest_us]


def intersect(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """Return the stretches that are in both."""
    a, b = union(left), union(right)
    found: list[Span] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i].start_us, b[j].start_us), min(a[i].end_us, b[j].end_us)
        if start < end:
            found.append(Span(start, end))
        if a[i].end_us < b[j].end_us:
            i += 1
        else:
            j += 1
    return found


def complement(spans: Iterable[Span], *, within: Span) -> list[Span]:
    """Return what of `within` is in none of the stretches."""
    rest: list[Span] = []
    cursor = within.start_us
    for span in intersect(spans, [within]):
        rest.append(Span(cursor, span.start_us))
        cursor = span.end_us
    rest.append(Span(cursor, within.end_us))
    return union(rest)


def total_us(spans: Iterable[Span]) -> int:
    """Return the time covered, counted once where stretches overlap."""
    return sum(span.end_us - span.start_us for span in union(spans))


def at(spans: Sequence[Span], pts_us: int) -> Span | None:
    """Return the stretch that holds a moment, if any."""
    return next((span for span in spans if span.holds(pts_us)), None)


def inside(spans: Iterable[Span], pts_us: IntArray) -> BoolArray:
    """Tell which of (N,) rising times are in any of the stretches."""
    found = np.zeros(len(pts_us), np.bool_)
    for span in spans:
        found[np.searchsorted(pts_us, span.start_us) : np.searchsorted(pts_us, span.end_us)] = True
    return found
