"""The part of the day, where the camera hangs."""

from datetime import UTC, datetime

import pytest

from curation.core.taggers.time_of_day import TimeOfDay
from curation.core.types import Tag
from tests.curation.core.taggers.views import view


def at(hour, minute=0):
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    "hour, minute, part",
    [
        (0, 0, "night"), (5, 59, "night"), (6, 0, "morning"), (11, 59, "morning"), (12, 0, "afternoon"),
        (17, 59, "afternoon"), (18, 0, "evening"), (21, 59, "evening"), (22, 0, "night"), (23, 59, "night"),
    ],
)  # fmt: skip
def test_the_hour_tells_the_part_of_the_day(hour, minute, part):
    (tag,) = TimeOfDay().tag(view(recorded_at=at(hour, minute)))
    assert tag == Tag("time_of_day", part, "tagger", "time_of_day", 1.0, {"timezone": "UTC"})


def test_nothing_is_said_where_the_time_is_not_known():
    assert TimeOfDay().tag(view(recorded_at=None)) == []


def test_the_cameras_zone_beats_the_runs():
    tagger = TimeOfDay(timezone="Asia/Tokyo")
    assert tagger.tag(view(recorded_at=at(2)))[0].value == "morning"
    (tag,) = tagger.tag(view(recorded_at=at(2), tags={"timezone": "America/New_York"}))
    assert (tag.value, tag.detail) == ("evening", {"timezone": "America/New_York"})


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc", 5, True])
def test_nothing_is_said_where_the_cameras_zone_is_not_known(zone):
    assert TimeOfDay().tag(view(recorded_at=at(12), tags={"timezone": zone})) == []


def test_summer_time_counts():
    summer = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
    assert TimeOfDay(timezone="Europe/Vienna").tag(view(recorded_at=summer))[0].value == "morning"
    assert TimeOfDay(timezone="Europe/Vienna").tag(view(recorded_at=at(4, 30)))[0].value == "night"


def test_a_night_from_24_begins_at_midnight():
    assert TimeOfDay(night_from=24).tag(view(recorded_at=at(23)))[0].value == "evening"


@pytest.mark.parametrize(
    "params, says",
    [
        ({"afternoon_from": 5}, "must rise"),
        ({"timezone": "Mars/Olympus"}, "'Mars/Olympus' is not known; use a name such as Europe/Vienna"),
        ({"timezone": "Europe"}, "'Europe' is not known"),
        ({"timezone": ""}, "'' is not known"),
    ],
)
def test_wrong_parameters_say_what_is_right(params, says):
    with pytest.raises(ValueError, match=says):
        TimeOfDay(**params)
