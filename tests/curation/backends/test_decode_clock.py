"""Times only grow, whatever the time stamps do."""

from hypothesis import given
from hypothesis import strategies as st

from curation.backends.decode.clock import FrameClock


def stamped(*coded):
    clock = FrameClock(frame_us=100)
    return [clock.stamp(time) for time in coded]


def test_good_times_are_kept():
    assert stamped(0, 100, 250, 900_000) == [0, 100, 250, 900_000]


def test_a_frame_without_a_time_comes_one_frame_later():
    assert stamped(None, None, 250, None) == [0, 100, 250, 350]


def test_a_stutter_comes_a_microsecond_later_and_moves_nothing_else():
    assert stamped(0, 100, 100, 50, 300) == [0, 100, 101, 102, 300]


def test_a_clock_that_began_anew_goes_on():
    assert stamped(0, 1_000_000, 0, 100, 1_000_000, 0) == [0, 1_000_000, 1_000_100, 1_000_200, 2_000_100, 2_000_200]


def test_a_time_before_the_start_is_the_start():
    assert stamped(-300, -200, 100) == [0, 1, 100]


@given(st.lists(st.none() | st.integers(-(10**7), 10**7)))
def test_times_only_grow(coded):
    times = stamped(*coded)
    assert times == sorted(set(times))
    assert all(time >= 0 for time in times)
