"""Smoothing, against slow loops."""

import itertools
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import smoothing
from curation.core.types import Span

SCORES = st.lists(st.integers(0, 8), max_size=24)


def floats(*values):
    return np.array(values, np.float32)


def times(*values):
    return np.array(values, np.int64)


@st.composite
def sampled(draw):
    """Scores at rising times with uneven steps."""
    scores = draw(SCORES)
    steps = draw(st.lists(st.integers(1, 5), min_size=len(scores), max_size=len(scores)))
    return np.cumsum(steps, dtype=np.int64), floats(*scores)


def slow_median(pts_us, scores, *, window_us):
    return [
        statistics.median_low(
            score for t, score in zip(pts_us, scores, strict=True) if abs(t - middle) <= window_us // 2
        )
        for middle in pts_us
    ]


def slow_hysteresis(scores, *, start, stop):
    on, found = False, []
    for score in scores:
        on = score >= start or (on and score >= stop)
        found.append(on)
    return found


@pytest.mark.parametrize(
    "scores, smoothed",
    [
        ((), ()),
        ((7,), (7,)),
        ((0, 9), (0, 9)),
        ((0, 9, 0), (0, 0, 0)),
        ((9, 9, 0), (9, 9, 0)),
        ((9, 0, 9), (0, 9, 0)),
        ((0, 0, 9, 0, 0), (0, 0, 0, 0, 0)),
        ((9, 9, 0, 9, 9), (9, 9, 9, 9, 9)),
        ((0, 0, 5, 5, 5), (0, 0, 5, 5, 5)),
    ],
)
def test_median_takes_away_what_lasts_for_one_sample(scores, smoothed):
    found = smoothing.median(np.arange(len(scores)) * 10, floats(*scores), window_us=20)
    assert found.tolist() == list(smoothed)


def test_median_goes_by_time_not_by_count():
    assert smoothing.median(times(0, 10, 1000), floats(0, 0, 9), window_us=20).tolist() == [0, 0, 9]


def test_a_window_of_nothing_changes_nothing():
    assert smoothing.median(times(0, 1, 2), floats(0, 9, 0), window_us=0).tolist() == [0, 9, 0]


@pytest.mark.parametrize(
    "scores, on",
    [
        ("", ""),
        ("3", "."),
        ("4", "#"),
        ("053313", ".###.."),
        ("2424", ".###"),
        ("3333", "...."),
        ("5151", "#.#."),
        ("0422", ".###"),
    ],
)
def test_hysteresis_is_on_from_start_and_off_below_stop(scores, on):
    found = smoothing.hysteresis(floats(*map(int, scores)), start=4, stop=2)
    assert "".join("#" if one else "." for one in found) == on


def test_hysteresis_with_one_level_is_a_threshold():
    assert smoothing.hysteresis(floats(1, 2, 3), start=2, stop=2).tolist() == [False, True, True]


def test_hysteresis_refuses_a_stop_above_its_start():
    with pytest.raises(ValueError, match="stop 3 is above start 2"):
        smoothing.hysteresis(floats(1), start=2, stop=3)


@pytest.mark.parametrize(
    "on, end_us, found",
    [
        ("", 90, []),
        (".", 90, []),
        ("#", 90, [(0, 90)]),
        ("#", 0, [(0, 1)]),
        ("..#", 25, [(20, 25)]),
        ("..#", 20, [(20, 21)]),
        ("##.", 90, [(0, 20)]),
        (".#.#", 90, [(10, 20), (30, 90)]),
    ],
)
def test_a_sample_lasts_until_the_next_one(on, end_us, found):
    mask = np.array([one == "#" for one in on], np.bool_)
    assert smoothing.stretches(np.arange(len(on)) * 10, mask, end_us=end_us) == [Span(*pair) for pair in found]


@given(sampled(), st.integers(1, 12))
def test_median_is_that_of_a_slow_loop(track, window_us):
    pts_us, scores = track
    smoothed = smoothing.median(pts_us, scores, window_us=window_us)
    if len(scores) < 3:
        assert smoothed.tolist() == scores.tolist()
    else:
        assert smoothed.tolist() == slow_median(pts_us, scores, window_us=window_us)


@given(SCORES, st.integers(0, 8), st.integers(0, 8))
def test_hysteresis_is_that_of_a_slow_loop(scores, one, other):
    start, stop = max(one, other), min(one, other)
    assert smoothing.hysteresis(floats(*scores), start=start, stop=stop).tolist() == slow_hysteresis(
        scores, start=start, stop=stop
    )


@given(sampled(), st.integers(0, 200))
def test_stretches_hold_just_the_samples_that_are_on(track, end_us):
    pts_us, scores = track
    on = scores > 4
    found = smoothing.stretches(pts_us, on, end_us=end_us)
    assert [any(span.holds(t) for span in found) for t in pts_us.tolist()] == on.tolist()
    assert all(a.end_us < b.start_us for a, b in itertools.pairwise(found))
