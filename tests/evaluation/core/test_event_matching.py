"""From looks to alarms, found events and false alarms. Times are seconds."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import smoothing, spans
from curation.core.types import Span
from evaluation.core.event_matching import Alarming, alarms, delays, match_events
from tests.evaluation.core.footage import S, footage, stretch


def how(score=0.5, gap_s=0.0, shortest_s=0.0, tolerance_s=0.0):
    return Alarming(score, *(round(s * S) for s in (gap_s, shortest_s, tolerance_s)))


def alarms_s(times, scores, *, end, **more):
    found = alarms(np.array(times, np.int64) * S, np.array(scores, float), how=how(**more), end_us=end * S)
    return [(span.start_us / S, span.end_us / S) for span in found]


@pytest.mark.parametrize(
    "times, scores, more, expected",
    [
        ([], [], {}, []),
        ([0, 1, 2], [0, 0, 0], {}, []),
        ([3], [0.9], {}, [(3, 10)]),  # one look tells of no step
        ([0, 1, 2, 3], [0, 0.5, 0.5, 0], {}, [(1, 3)]),  # a score that just reaches it counts
        ([0, 1, 2, 3], [0.9, 0, 0.9, 0], {}, [(0, 1), (2, 3)]),
        ([0, 1, 2, 3], [0.9, 0, 0.9, 0], {"gap_s": 1}, [(0, 3)]),
        ([0, 1, 2, 3], [0.9, 0, 0.9, 0.9], {"shortest_s": 1.5}, [(2, 5)]),  # the last one stands for two steps
        ([0, 1, 2, 7, 8], [0, 0, 0.9, 0, 0], {}, [(2, 4)]),  # nobody looked in the hole
        ([8, 9], [0.9, 0.9], {}, [(8, 10)]),
    ],
)
def test_looks_become_alarms(times, scores, more, expected):
    assert alarms_s(times, scores, end=10, **more) == expected


looks = st.lists(st.sampled_from([0.0, 0.4, 0.5, 0.9]), min_size=2, max_size=40)


@given(looks, st.integers(0, 4), st.integers(0, 4))
def test_alarms_are_those_of_the_slow_way(scores, gap_s, shortest_s):
    pts, scores = np.arange(len(scores)) * S, np.array(scores)
    on = smoothing.stretches(pts, scores >= 0.5, end_us=len(scores) * S)
    slow = spans.drop_short(spans.merge(on, gap_us=gap_s * S), shortest_us=shortest_s * S)

    assert alarms(pts, scores, how=how(0.5, gap_s, shortest_s), end_us=len(scores) * S) == slow


def matched(*stretches, **more):
    found = match_events(footage(*stretches), how(**more))
    return found.event_stretch.tolist(), found.is_found.tolist(), found.alarm_stretch.tolist()


def test_nothing_gives_nothing():
    assert matched() == ([], [], [])
    assert matched(stretch(0, 10)) == ([], [], [])


def test_an_alarm_finds_the_event_it_overlaps_and_is_false_elsewhere():
    seen = [(12, 14, 0.9), (40, 41, 0.9)]
    assert matched(stretch(0, 60, [(10, 20), (25, 30)], seen)) == ([0, 0], [True, False], [0])


def test_an_alarm_that_reaches_beyond_its_event_is_false_there_unless_it_may():
    one = stretch(0, 60, [(10, 20)], [(15, 25, 0.9)])
    assert matched(one) == ([0], [True], [0])
    assert matched(one, tolerance_s=5) == ([0], [True], [])
    assert matched(one, tolerance_s=4.5) == ([0], [True], [0])


def test_an_alarm_beside_an_event_finds_it_within_the_tolerance():
    one = stretch(0, 60, [(10, 20)], [(21, 22, 0.9)])
    assert matched(one) == ([0], [False], [0])
    assert matched(one, tolerance_s=1) == ([0], [False], [0])  # it touches, but does not overlap
    assert matched(one, tolerance_s=1.5) == ([0], [True], [0])
    assert matched(one, tolerance_s=2) == ([0], [True], [])


def test_events_are_covered_for_a_share_of_their_time():
    one = stretch(0, 60, [(10, 20), (30, 40), (50, 55)], [(8, 12, 0.9), (15, 16, 0.9), (30, 41, 0.9)])
    assert match_events(footage(one), how()).covered.tolist() == [0.3, 1, 0]


def test_an_alarm_that_never_ends_finds_all_and_is_false_in_each_pause():
    assert matched(stretch(0, 60, [(10, 20), (30, 40)], [(0, 60, 0.9)])) == ([0, 0], [True, True], [0, 0, 0])


def test_a_cut_changes_nothing():
    events, seen = [(10, 20), (30, 40)], [(18, 32, 0.9), (45, 52, 0.9)]
    whole = matched(stretch(0, 60, events, seen))
    assert whole == ([0, 0], [True, True], [0, 0])
    parts = [stretch(0, 25, events[:1], seen), stretch(25, 48, events[1:], seen), stretch(48, 60, [], seen)]
    # The second false alarm crosses a cut, and is counted once: where it begins.
    assert matched(*parts) == ([0, 1], [True, True], [0, 1])
    assert matched(*parts[::-1]) == ([2, 1], [True, True], [2, 1])


def test_what_does_not_touch_or_is_of_another_video_or_label_stays_apart():
    seen = [(0, 60, 0.9)]
    assert matched(stretch(0, 10, [], seen), stretch(10, 20, [], seen))[2] == [0]
    assert matched(stretch(0, 10, [], seen), stretch(11, 20, [], seen))[2] == [0, 1]
    assert matched(stretch(0, 10, [], seen), stretch(10, 20, [], seen, video=2))[2] == [0, 1]
    assert sorted(matched(stretch(0, 10, [], seen), stretch(10, 20, [], seen, label="car"))[2]) == [0, 1]


def test_delays_run_to_the_first_look_and_a_missed_event_counts_whole():
    one = stretch(0, 60, [(10.2, 20), (30, 34), (40, 41)], [(9, 10, 0.9), (12, 13, 0.5), (30, 31, 0.9), (41, 42, 0.9)])
    index, seconds = delays(footage(one), score=0.5)
    assert index.tolist() == [0, 0, 0]
    assert seconds.tolist() == pytest.approx([1.8, 0, 1])
    assert delays(footage(), score=0.5)[1].tolist() == []


pairs = st.lists(st.tuples(st.integers(0, 59), st.integers(1, 10)), max_size=5)


@given(pairs, pairs, st.integers(0, 3), st.integers(0, 3), st.lists(st.integers(1, 59), max_size=3))
def test_counts_are_those_of_looking_at_each_microstep(events, seen, gap_s, tolerance_s, cuts):
    """Second by second: all times are whole seconds and so are the looks."""
    events = sorted({(a, min(60, a + n)) for a, n in events})
    one = stretch(0, 60, events, [(a, a + n, 0.9) for a, n in seen], step_s=1)
    on = [any(a <= t < a + n for a, n in seen) for t in range(60)]
    for t in range(60):  # the pauses that are too short to be one
        before = [u for u in range(t) if on[u] is True]
        after = [u for u in range(t + 1, 60) if on[u] is True]
        if not on[t] and before and after and after[0] - before[-1] - 1 <= gap_s:
            on[t] = "bridged"
    inside = [any(a - tolerance_s <= t < b + tolerance_s for a, b in events) for t in range(60)]
    found = [any(on[max(0, a - tolerance_s) : b + tolerance_s]) for a, b in events]
    outside = [bool(x) and not y for x, y in zip(on, inside, strict=True)]
    false = sum(x and not y for x, y in zip(outside, [False, *outside], strict=False))

    got = match_events(footage(one), how(0.5, gap_s, 0, tolerance_s))
    assert got.is_found.tolist() == found
    assert len(got.alarm_stretch) == false

    # In pieces it is the same, where no event is cut.
    edges = [0, *sorted({t for t in cuts if not any(a < t < b for a, b in events)}), 60]
    pieces = [
        stretch(x, y, [e for e in events if x <= e[0] < y], [(a, a + n, 0.9) for a, n in seen], step_s=1)
        for x, y in pairwise(edges)
    ]
    cut = match_events(footage(*pieces), how(0.5, gap_s, 0, tolerance_s))
    assert cut.is_found.tolist() == found
    assert len(cut.alarm_stretch) == false


def test_spans_are_spans():
    assert alarms(np.array([0, S]), np.array([1.0, 0.0]), how=how(), end_us=2 * S) == [Span(0, S)]
