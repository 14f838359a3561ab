"""Numbers and times as people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from frontend import human


@pytest.mark.parametrize(
    "share, words",
    [(0, "0%"), (0.0004, "<0.1%"), (0.083, "8.3%"), (0.0996, "10%"), (0.5, "50%"), (0.998, ">99%"), (1, "100%")],
)
def test_percent_never_says_nothing_or_all_of_something(share, words):
    assert human.percent(share) == words


def test_percent_of_the_unknown_is_unknown():
    assert human.percent(None) is None


@pytest.mark.parametrize(
    "seconds, words",
    [
        (0, "0 s"),
        (0.84, "0.8 s"),
        (12.3, "12 s"),
        (59.6, "1 min"),
        (75, "1 min 15 s"),
        (3599.7, "1 h"),
        (4512, "1 h 15 min"),
        (360_000, "100 h"),
    ],
)
def test_duration(seconds, words):
    assert human.duration(seconds) == words


@pytest.mark.parametrize(
    "seconds, words", [(0, "0:00.0"), (8.05, "0:08.0"), (72.46, "1:12.4"), (59.99, "0:59.9"), (3661.5, "1:01:01.5")]
)
def test_clock_is_cut_and_not_rounded(seconds, words):
    assert human.clock(seconds) == words


@pytest.mark.parametrize(
    "size_bytes, words",
    [(0, "0 bytes"), (999, "999 bytes"), (1_536_000, "1.5 MB"), (12_345_678, "12 MB"), (3 * 10**12, "3.0 TB")],
)
def test_size(size_bytes, words):
    assert human.size(size_bytes) == words


def test_speed_is_finer_where_it_is_low():
    assert [human.speed(x) for x in (0.31, 3.21, 9.96, 1234)] == ["0.3×", "3.2×", "10×", "1,234×"]


def test_moment_is_told_in_utc():
    when = datetime(2026, 1, 3, 15, 5, 7, tzinfo=timezone(timedelta(hours=1)))
    assert human.moment(when) == "3 Jan 2026, 14:05:07 UTC" == human.moment(when.astimezone(UTC))


def test_one_of_something_is_singular():
    assert [human.some(n, "frame") for n in (0, 1, 1200)] == ["0 frames", "1 frame", "1,200 frames"]
