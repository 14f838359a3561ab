"""The season, where the camera hangs."""

from datetime import UTC, datetime

import pytest

from curation.core.taggers.season import SEASONS, Season
from curation.core.types import Tag
from tests.curation.core.taggers.views import view


def at(month, day=15, hour=12):
    return datetime(2026, month, day, hour, tzinfo=UTC)


def season(when, tagger=None, **tags):
    found = (tagger or Season()).tag(view(recorded_at=when, tags=tags))
    return found[0].value if found else None


@pytest.mark.parametrize(
    "month, north, south",
    [
        (1, "winter", "summer"), (2, "winter", "summer"), (3, "spring", "autumn"), (5, "spring", "autumn"),
        (6, "summer", "winter"), (8, "summer", "winter"), (9, "autumn", "spring"), (11, "autumn", "spring"),
        (12, "winter", "summer"),
    ],
)  # fmt: skip
def test_the_month_and_the_hemisphere_tell_the_season(month, north, south):
    assert season(at(month)) == season(at(month), latitude=48.2) == north
    assert season(at(month), Season(hemisphere="southern")) == season(at(month), latitude=-33.9) == south


def test_the_evidence_says_which_hemisphere_it_went_by():
    (tag,) = Season().tag(view(recorded_at=at(7), tags={"hemisphere": "southern"}))
    assert tag == Tag("season", "winter", "tagger", "season", 1.0, {"hemisphere": "southern"})


@pytest.mark.parametrize("said", ["southern", "South", " S "])
def test_the_cameras_hemisphere_beats_its_latitude_and_the_runs(said):
    assert season(at(7), hemisphere=said, latitude=50) == "winter"


@pytest.mark.parametrize("said", ["eastern", "", True, 5])
def test_nothing_is_said_where_the_cameras_hemisphere_cannot_be_read(said):
    assert season(at(7), hemisphere=said) is None


@pytest.mark.parametrize("latitude", ["48° N", True, None])
def test_a_latitude_that_is_no_number_says_nothing(latitude):
    assert season(at(7), latitude=latitude) == "summer"


def test_nothing_is_said_where_the_time_is_not_known():
    assert season(None) is None


def test_a_month_begins_where_the_camera_hangs():
    last_hour = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert season(last_hour) == season(last_hour, timezone="Mars/Olympus") == "winter"
    assert season(last_hour, timezone="Europe/Vienna") == "spring"


def test_a_year_has_all_seasons():
    assert {season(at(month)) for month in range(1, 13)} == set(SEASONS)
