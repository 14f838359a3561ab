"""Which frames are kept: at a rate, and at the peak."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.keep import Keep, choose, with_peaks
from curation.core.types import Interval, Observations, Signals, Span

S = 1_000_000


def seconds(*values):
    return np.array([round(value * S) for value in values], np.int64)


def stretch(start_s, end_s, peak_s=-1.0):
    return Interval(start_s=start_s, end_s=end_s, peak_s=peak_s, peak_score=1.0)


def chosen(keepers_us, *intervals, fps=1.0, peak=True):
    return {pts / S: reason for pts, reason in choose(keepers_us, intervals, Keep(fps=fps, peak=peak)).items()}


HALVES = seconds(*np.arange(0, 10, 0.5))


def test_the_first_frame_and_one_each_period_are_kept():
    assert chosen(HALVES, stretch(1.0, 4.0)) == {1.0: "rate", 2.0: "rate", 3.0: "rate"}


def test_the_end_of_a_stretch_is_not_in_it():
    assert chosen(HALVES, stretch(1.0, 1.5), fps=10) == {1.0: "rate"}


def test_the_peak_is_kept_between_the_others():
    assert chosen(HALVES, stretch(1.0, 3.0, 1.5)) == {1.0: "rate", 1.5: "peak", 2.0: "rate"}
    assert chosen(HALVES, stretch(1.0, 3.0, 1.5), peak=False) == {1.0: "rate", 2.0: "rate"}


def test_a_frame_that_is_due_and_the_peak_is_kept_as_the_peak():
    assert chosen(HALVES, stretch(1.0, 2.0, 1.0)) == {1.0: "peak"}


def test_a_peak_that_is_no_keeper_is_not_kept():
    assert chosen(seconds(1, 2), stretch(1.0, 3.0, 1.5)) == {1.0: "rate", 2.0: "rate"}


def test_each_stretch_begins_its_own_count():
    assert chosen(HALVES, stretch(0.0, 1.0), stretch(1.5, 2.5)) == {0.0: "rate", 1.5: "rate"}


@pytest.mark.parametrize("keepers_us, intervals", [(HALVES, []), (seconds(), [stretch(0, 9)]), (seconds(), [])])
def test_nothing_is_kept_of_nothing(keepers_us, intervals):
    assert choose(keepers_us, intervals, Keep()) == {}


TIMES = st.sets(st.integers(0, 20 * S), max_size=40).map(lambda found: np.array(sorted(found), np.int64))


@given(TIMES, st.integers(0, 20 * S), st.integers(0, 20 * S), st.sampled_from([0.5, 1.0, 7.0]), st.data())
def test_frames_of_a_stretch_are_a_period_apart_and_its_peak_is_kept(keepers_us, one, other, fps, data):
    span = Span(min(one, other), max(one, other))
    inside = [int(t) for t in keepers_us if span.holds(int(t))]
    peak_us = data.draw(st.sampled_from(inside)) if inside else span.start_us
    interval = stretch(span.start_us / S, span.end_us / S, peak_us / S)
    kept = choose(keepers_us, [interval], Keep(fps=fps))
    by_rate = sorted(choose(keepers_us, [interval], Keep(fps=fps, peak=False)))
    assert set(kept) <= set(inside)
    assert all(b - a >= round(S / fps) for a, b in itertools.pairwise(by_rate))
    assert all(any(0 <= t - k < round(S / fps) for k in by_rate) for t in inside)
    assert {t for t, reason in kept.items() if reason == "peak"} == ({peak_us} if inside else set())


def signals(*scores):
    return Signals(np.arange(len(scores)) * S, {"score": np.array(scores, np.float32)})


def test_the_peak_is_the_first_of_the_highest():
    found = with_peaks([Span(0, 2 * S), Span(2 * S, 5 * S)], signals(1, 3, 9, 9, 2))
    assert found == [Interval(0.0, 2.0, 1.0, 3.0), Interval(2.0, 5.0, 2.0, 9.0)]


def test_a_stretch_without_a_look_peaks_with_nothing_at_its_start():
    assert with_peaks([Span(7 * S, 8 * S)], signals(1, 3)) == [Interval(7.0, 8.0, 7.0, 0.0)]
    assert with_peaks([Span(0, S)], signals()) == [Interval(0.0, 1.0, 0.0, 0.0)]
    assert with_peaks([], signals(1)) == []


def test_looks_have_peaks_too():
    looks = Observations(seconds(0, 1), np.array([0.25, 0.75], np.float32), [[], []], np.array([True, True]))
    assert with_peaks([Span(0, 2 * S)], looks) == [Interval(0.0, 2.0, 1.0, 0.75)]


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 40))
def test_ends_are_exact_to_the_microsecond(one, other):
    span = Span(min(one, other), max(one, other))
    (found,) = with_peaks([span], signals())
    assert Span(round(found.start_s * S), round(found.end_s * S)) == span
