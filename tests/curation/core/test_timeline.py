"""The calendar: which width a range gets, where frames fall, and the queries that show them."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.query import Field, Fields, parse
from curation.core.timeline import timeline, width_for

DAY = timedelta(days=1)
START = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday
HOUR = "[2026-01-05T08:00 TO 2026-01-05T09:00}"
FIELDS = Fields((Field("recorded_at", "time"),))


def series(*times):
    return pl.Series("recorded_at", times, dtype=pl.Datetime("us", "UTC"))


@pytest.mark.parametrize(
    "days, width",
    [(0, "hour"), (3, "hour"), (4, "day"), (92, "day"), (93, "week"), (732, "week"), (733, "month"), (9000, "year")],
)
def test_the_width_follows_the_range(days, width):
    assert width_for(START, START + days * DAY) == width


@pytest.mark.parametrize(
    "width, names, first",
    [
        (
            "hour",
            ("2026-01-05 08:00", "2026-01-05 09:00", "2026-02-01 08:00"),
            "[2026-01-05T08:00 TO 2026-01-05T09:00}",
        ),
        ("day", ("2026-01-05", "2026-02-01"), "2026-01-05"),
        ("week", ("2026-01-05", "2026-01-26"), "[2026-01-05 TO 2026-01-12}"),
        ("month", ("2026-01", "2026-02"), "2026-01"),
        ("year", ("2026",), "[2026-01 TO 2027-01}"),
    ],
)
def test_stretches_that_have_frames_in_order_of_time(width, names, first):
    line = timeline(series(START + timedelta(days=27), None, START, START + timedelta(hours=1)), width=width)
    assert line.codes.names == names
    assert line.queries[0] == f"recorded_at:{first}"
    assert line.codes.codes[1] == -1
    assert line.codes.codes[0] == len(names) - 1
    assert line.codes.codes[2] == 0


@pytest.mark.parametrize("times", [(), (None,), (None, None)])
def test_no_time_is_no_stretch(times):
    line = timeline(series(*times))
    assert (line.codes.names, line.queries, line.codes.codes.tolist()) == ((), (), [-1] * len(times))


def test_days_are_those_of_the_zone():
    late = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    assert timeline(series(late), width="day", zone="Europe/Prague").codes.names == ("2026-01-06",)


def test_clocks_that_are_far_off_still_have_a_place():
    line = timeline(series(datetime(1970, 1, 1, tzinfo=UTC), START, datetime(9999, 12, 31, tzinfo=UTC)))
    assert (line.width, line.codes.names) == ("year", ("1970", "2026", "9999"))
    assert parse(line.queries[2], FIELDS, zone=UTC).low == datetime(9999, 1, 1, tzinfo=UTC)


@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)), min_size=1, max_size=30))
def test_each_frame_is_found_by_its_stretchs_query_and_by_no_other(times):
    times = [time.replace(tzinfo=UTC) for time in times]
    line = timeline(series(*times))
    ranges = [parse(query, FIELDS, zone=UTC) for query in line.queries]
    for time, code in zip(times, line.codes.codes, strict=True):
        assert [i for i, span in enumerate(ranges) if span.low <= time < span.high] == [code]
