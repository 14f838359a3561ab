"""What follows from the figures of a cascade."""

import pytest

from frontend.records import Funnel, StageSum


def funnel(*stages, decoded=1000, footage_s=100.0):
    return Funnel(
        cascade="people", stages=stages, frames_decoded=decoded, frames_kept=10, footage_s=footage_s, videos=1
    )


MOTION = StageSum("motion", "motion", 1000, 200, 5.0, 40.0)
FAST = StageSum("people_fast", "objects", 100, 50, 4.0, 20.0)
STRONG = StageSum("people", "objects", 20, 18, 8.0, 15.0)
EMBED = StageSum("embed", "embed", 10, 10, 90.0, 0.0)


def test_saving_is_against_the_last_filter_on_every_frame():
    three = funnel(MOTION, FAST, STRONG)
    assert three.last == STRONG
    assert three.cpu_alone_s == pytest.approx(0.4 * 1000)
    assert three.saved_share == pytest.approx(1 - 17 / 400)


def test_an_embedder_is_no_filter():
    assert funnel(MOTION, FAST, EMBED).last == FAST


def test_a_cascade_that_saves_nothing_says_nothing():
    assert funnel(MOTION).saved_share is None
    assert funnel(MOTION, EMBED).saved_share is None
    assert funnel().saved_share is None
    assert funnel(STRONG, FAST).saved_share is None
    assert funnel(StageSum("motion", "motion", 0, 0, 0.0, 0.0)).saved_share is None


def test_share_of_footage_is_that_of_the_first_stage_there_is():
    assert funnel(MOTION, FAST).interval_share("people", "people_fast") == pytest.approx(0.2)
    assert funnel(MOTION).interval_share("people", "people_fast") is None
    assert funnel(MOTION, footage_s=0).interval_share("motion") is None
    assert funnel(MOTION, footage_s=39).interval_share("motion") == 1.0
