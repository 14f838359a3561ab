"""The algebra of stretches, against sets of microseconds."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import spans
from curation.core.types import Span

LENGTH = 40
WHOLE = Span(0, LENGTH)


def make(*pairs):
    return [Span(*pair) for pair in pairs]


def moments(stretches):
    """The microseconds that stretches hold: slow and obvious."""
    return {t for span in stretches for t in range(span.start_us, span.end_us)}


def steady(held):
    """The shortest list of stretches that holds exactly these microseconds."""
    found = []
    for t in sorted(held):
        if found and found[-1].end_us == t:
            found[-1] = Span(found[-1].start_us, t + 1)
        else:
            found.append(Span(t, t + 1))
    return found


@st.composite
def a_span(draw):
    start = draw(st.integers(0, LENGTH))
    return Span(start, draw(st.integers(start, LENGTH)))


STRETCHES = st.lists(a_span(), max_size=8)


def test_a_stretch_does_not_end_before_it_starts():
    with pytest.raises(ValueError, match="end_us 4 is before start_us 5"):
        Span(5, 4)


def test_a_stretch_holds_its_start_and_not_its_end():
    assert [t for t in range(5) if Span(1, 3).holds(t)] == [1, 2]


@pytest.mark.parametrize(
    "given_, joined",
    [
        ([], []),
        (make((3, 3)), []),
        (make((1, 2)), make((1, 2))),
        (make((5, 9), (1, 2)), make((1, 2), (5, 9))),
        (make((1, 5), (5, 9)), make((1, 9))),
        (make((1, 9), (2, 3)), make((1, 9))),
        (make((1, 4), (1, 4)), make((1, 4))),
        (make((0, 1), (3, 3), (6, 7)), make((0, 1), (6, 7))),
    ],
)
def test_union_joins_what_overlaps_or_touches(given_, joined):
    assert spans.union(given_) == joined


@pytest.mark.parametrize(
    "gap_us, merged",
    [(0, make((0, 2), (4, 6), (9, 10))), (2, make((0, 6), (9, 10))), (3, make((0, 10)))],
)
def test_merge_keeps_separated_stretches_apart_and_joins_at_just_the_gap(gap_us, merged):
    assert spans.merge(make((9, 10), (0, 2), (4, 6)), gap_us=gap_us) == merged


@pytest.mark.parametrize("shortest_us, left", [(0, 3), (2, 3), (3, 2), (4, 1), (5, 0)])
def test_drop_short_keeps_what_is_just_long_enough(shortest_us, left):
    assert len(spans.drop_short(make((0, 2), (4, 7), (9, 13)), shortest_us=shortest_us)) == left


def test_drop_short_measures_what_touches_as_one():
    assert spans.drop_short(make((0, 2), (2, 4)), shortest_us=3) == make((0, 4))


@pytest.mark.parametrize(
    "left, right, both",
    [
        ([], make((0, 9)), []),
        (make((0, 3)), make((3, 6)), []),
        (make((0, 5)), make((3, 8)), make((3, 5))),
        (make((0, 9)), make((1, 2), (4, 5)), make((1, 2), (4, 5))),
        (make((0, 4), (6, 9)), make((2, 7)), make((2, 4), (6, 7))),
    ],
)
def test_intersect_is_what_both_hold(left, right, both):
    assert spans.intersect(left, right) == both
    assert spans.intersect(right, left) == both


@pytest.mark.parametrize(
    "given_, rest",
    [
        ([], make((0, 40))),
        (make((0, 40)), []),
        (make((0, 90)), []),
        (make((5, 7)), make((0, 5), (7, 40))),
        (make((0, 7), (30, 40)), make((7, 30))),
    ],
)
def test_complement_is_the_rest(given_, rest):
    assert spans.complement(given_, within=WHOLE) == rest


def test_the_complement_within_nothing_is_nothing():
    assert spans.complement(make((0, 9)), within=Span(4, 4)) == []


def test_time_under_two_stretches_counts_once():
    assert spans.total_us([]) == 0
    assert spans.total_us(make((0, 4), (2, 6), (9, 10))) == 7


def test_at_finds_the_stretch_that_holds_a_moment():
    both = make((1, 3), (3, 5))
    assert [spans.at(both, t) for t in (0, 1, 3, 5)] == [None, both[0], both[1], None]
    assert spans.at([], 1) is None


@given(STRETCHES, STRETCHES)
def test_union_and_intersection_are_those_of_sets(left, right):
    assert spans.union([*left, *right]) == steady(moments(left) | moments(right))
    assert spans.intersect(left, right) == steady(moments(left) & moments(right))


@given(STRETCHES, a_span())
def test_complement_is_that_of_sets(stretches, within):
    assert spans.complement(stretches, within=within) == steady(moments([within]) - moments(stretches))


@given(STRETCHES)
def test_total_is_the_number_of_moments(stretches):
    assert spans.total_us(stretches) == len(moments(stretches))


@given(STRETCHES, st.randoms())
def test_union_does_not_mind_order_or_repetition(stretches, chance):
    shuffled = [*stretches, *stretches]
    chance.shuffle(shuffled)
    joined = spans.union(stretches)
    assert spans.union(shuffled) == joined
    assert spans.union(joined) == joined


@given(STRETCHES)
def test_the_complement_of_the_complement_is_the_union(stretches):
    assert spans.complement(spans.complement(stretches, within=WHOLE), within=WHOLE) == spans.union(stretches)


@given(STRETCHES, STRETCHES)
def test_both_is_all_but_what_one_of_them_lacks(left, right):
    lacking = [*spans.complement(left, within=WHOLE), *spans.complement(right, within=WHOLE)]
    assert spans.intersect(left, right) == spans.complement(lacking, within=WHOLE)


@given(STRETCHES, st.integers(0, 6))
def test_merge_fills_just_the_gaps_that_are_short(stretches, gap_us):
    joined = spans.union(stretches)
    gaps = [Span(a.end_us, b.start_us) for a, b in itertools.pairwise(joined)]
    short = [gap for gap in gaps if gap.end_us - gap.start_us <= gap_us]
    assert moments(spans.merge(stretches, gap_us=gap_us)) == moments(joined) | moments(short)


@given(STRETCHES, st.integers(0, 8))
def test_drop_short_keeps_whole_stretches_or_nothing_of_them(stretches, shortest_us):
    kept = spans.drop_short(stretches, shortest_us=shortest_us)
    assert kept == [s for s in steady(moments(stretches)) if s.end_us - s.start_us >= shortest_us]


@given(STRETCHES, st.sets(st.integers(0, LENGTH)))
def test_times_inside_are_those_that_some_stretch_holds(stretches, times):
    rising = np.array(sorted(times), np.int64)
    held = moments(stretches)
    assert spans.inside(stretches, rising).tolist() == [t in held for t in rising.tolist()]
