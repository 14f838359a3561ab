"""The stretches that a hold-out takes, and copies of videos."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.stretches import Match, blocks_around, copies, shifted, union_of_chains, whole_events
from curation.core.types import Span

S = 1_000_000


def spans(*pairs):
    return [Span(start * S, end * S) for start, end in pairs]


@pytest.mark.parametrize(
    "times_s, expected",
    [
        ([], []),
        ([61], [(55, 125)]),
        ([0], [(0, 65)]),
        ([59, 60], [(0, 125)]),
        ([10, 200], [(0, 65), (175, 245)]),
    ],
)
def test_blocks_hold_their_times_and_a_margin(times_s, expected):
    assert blocks_around([t * S for t in times_s], block_us=60 * S, margin_us=5 * S) == spans(*expected)


@pytest.mark.parametrize(
    "stretches, events, expected",
    [
        ([(0, 10)], [], [(0, 10)]),
        ([(0, 10)], [(8, 12)], [(0, 12)]),
        ([(0, 10)], [(10, 12)], [(0, 10)]),  # it only touches
        ([(0, 10)], [(8, 12), (11, 20)], [(0, 20)]),  # two events that overlap are one
        ([(0, 10)], [(8, 12), (12, 20)], [(0, 12)]),
        ([(5, 6)], [(0, 100)], [(0, 100)]),
        ([(0, 1), (9, 10)], [(0, 10)], [(0, 10)]),
        ([], [(0, 10)], []),
    ],
)
def test_events_are_whole_or_left_alone(stretches, events, expected):
    assert whole_events(spans(*stretches), spans(*events)) == spans(*expected)


PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda p: (p[0], p[0] + p[1])), max_size=8)


@given(stretches=PAIRS, events=PAIRS)
def test_no_event_is_cut_and_nothing_is_lost(stretches, events):
    grown = whole_events(spans(*stretches), spans(*events))
    for span in spans(*stretches):
        assert any(g.start_us <= span.start_us and span.end_us <= g.end_us for g in grown)
    for event in spans(*events):
        inside = any(g.start_us <= event.start_us and event.end_us <= g.end_us for g in grown)
        apart = all(event.end_us <= g.start_us or g.end_us <= event.start_us for g in grown)
        assert inside or apart
    assert len(union_of_chains(spans(*events))) <= len(events)


def matches(*pairs, video=1, held=2):
    return [Match(video, round(at * S), held, round(of * S)) for at, of in pairs]


def times(*seconds):
    return [round(t * S) for t in seconds]


def test_a_whole_copy_has_its_moments_at_the_same_times():
    pairs = matches((10, 10.1), (20, 20), (30, 29.5))
    assert copies(pairs, {2: times(10.1, 20, 29.5)}, {1: times(10, 20, 30)}) == {(1, 2): 0}


def test_one_moment_will_do_where_there_is_but_one():
    assert copies(matches((10, 10)), {2: times(10)}, {1: times(10, 90)}) == {(1, 2): 0}
    assert copies(matches((10, 10)), {2: times(10, 20)}, {1: times(10, 20)}) == {}


def test_a_piece_has_them_shifted():
    pairs = matches((0, 100), (10, 110.2), (20, 120))
    found = copies(pairs, {2: times(80, 100, 110.2, 120)}, {1: times(0, 10, 20)})
    assert list(found) == [(1, 2)]
    assert found[1, 2] == pytest.approx(-100 * S, abs=S)
    assert copies(pairs[:2], {2: times(100, 110.2)}, {1: times(0, 10)}) == {}


def test_frames_of_a_still_scene_are_no_copies():
    pairs = matches((0, 50), (10, 3), (20, 70), (30, 50), (40, 12))
    assert copies(pairs, {2: times(3, 12, 50, 70)}, {1: times(0, 10, 20, 30, 40)}) == {}
    few = matches((0, 100), (10, 110), (20, 120))
    busy = times(0, 5, 10, 15, 20)
    assert copies(few, {2: times(100, 105, 110, 115, 120)}, {1: busy}) == {}  # three of five moments


def test_nothing_matches_nothing():
    assert copies([], {}, {}) == {}
    assert copies(matches((1, 1), video=3, held=3), {3: times(1)}, {3: times(1)}) == {}


def test_stretches_that_are_shifted_begin_at_nought():
    assert shifted(spans((0, 10), (50, 60)), by_us=-5 * S) == spans((0, 5), (45, 55))
    assert shifted(spans((0, 3)), by_us=-5 * S) == []
