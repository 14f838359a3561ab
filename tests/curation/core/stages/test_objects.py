"""Presence: who stands still is still there, and the detector looks no more often than it takes."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core import spans
from curation.core.stages import Objects
from curation.core.stages.contract import EVER
from tests.curation.core.stages.synthetic import S
from tests.curation.core.stages.watched import (
    Truth,
    after_motion,
    after_stage,
    look_over,
    presence,
    spans_of,
    stamped,
    there,
    ticks,
)  # fmt: skip

STAGE = Objects(detector="toy:1")
RATES = [10, 12.5, 25, 30000 / 1001, 30]


def test_somebody_who_walks_through_is_present_as_long_as_he_moves():
    film = stamped(30)
    before = after_motion((10, 15), times=ticks(film))
    assert presence(STAGE, film, Truth(there((10, 15))), before) == [(10, 15)]


@pytest.mark.parametrize("fps", RATES)
def test_somebody_who_stands_still_goes_on_being_present(fps):
    film = stamped(150, fps=fps)
    before = after_motion((10, 14), (100, 104), times=ticks(film))
    (found,) = presence(STAGE, film, Truth(there((10, 104))), before)
    assert found == pytest.approx((10, 104), abs=0.2)


@pytest.mark.parametrize("fps", RATES)
def test_presence_ends_when_somebody_is_gone_not_when_motion_stops(fps):
    film = stamped(110, fps=fps)
    detector = Truth(there((10, 40)))
    ((start_s, end_s),) = presence(STAGE, film, detector, after_motion((10, 14), times=ticks(film)))
    assert start_s == pytest.approx(10, abs=0.2)
    assert 40 <= end_s <= 40 + STAGE.recheck_s + 0.1


def test_who_is_gone_is_not_looked_for_any_more():
    film = stamped(59)
    detector = Truth(there((10, 15)))
    look_over(STAGE, film, detector, after_motion((10, 15), times=ticks(film)))
    after = [t for t in detector.looked_s() if t >= 15]
    assert len(after) <= STAGE.patience


@pytest.mark.parametrize("fps", RATES)
def test_the_detector_looks_no_more_often_than_it_takes(fps):
    film = stamped(300, fps=fps)
    detector = Truth(there((20, 260)))
    look_over(STAGE, film, detector, after_motion((20, 30), (250, 260), times=ticks(film)))
    looks = detector.looked_us
    assert looks == sorted(set(looks))  # never twice at the same picture
    surveys, moving, still = 300 / STAGE.survey_s, 20 * STAGE.fps, 220 / STAGE.recheck_s
    assert len(looks) <= moving + still + STAGE.patience * (surveys + 2)


def test_an_empty_scene_is_looked_at_only_in_surveys():
    film = stamped(300)
    detector = Truth(there())
    assert presence(STAGE, film, detector, after_motion(times=ticks(film))) == []
    assert len(detector.looked_us) <= STAGE.patience * 300 / STAGE.survey_s


def test_a_survey_finds_what_never_moved():
    film = stamped(300)
    (found,) = presence(STAGE, film, Truth(there((0, 300))), after_motion(times=ticks(film)))
    assert found == pytest.approx((0, 300), abs=0.2)
    (found,) = presence(STAGE, film, Truth(there((70, 200))), after_motion(times=ticks(film)))
    assert found == pytest.approx((120, 200), abs=STAGE.recheck_s)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("missed", [(30.0, 31.5), (59.0, 61.0)], ids=["at a recheck", "at a survey"])
def test_one_missed_recheck_does_not_end_presence(fps, missed):
    film = stamped(150, fps=fps)
    detector = Truth(lambda t_s: 0.9 if 10 <= t_s < 104 and not missed[0] <= t_s < missed[1] else 0.0)
    before = after_motion((10, 14), (100, 104), times=ticks(film))
    stage = Objects(detector="toy:1", gap_s=0.2)
    (found,) = presence(stage, film, detector, before)
    assert found == pytest.approx((10, 104), abs=0.2)


@pytest.mark.parametrize("patience, parts", [(2, 2), (3, 1)])
def test_presence_ends_after_as_many_missed_rechecks_as_patience(patience, parts):
    film = stamped(59)
    detector = Truth(lambda t_s: 0.9 if 10 <= t_s < 50 and not 29.9 <= t_s < 33.0 else 0.0)
    before = after_motion((10, 14), (40, 50), times=ticks(film))
    stage = Objects(detector="toy:1", patience=patience)
    assert len(presence(stage, film, detector, before)) == parts


@pytest.mark.parametrize("fps", RATES)
def test_a_flicker_of_one_look_is_smoothed_away(fps):
    film = stamped(40, fps=fps)
    before = after_motion((5, 35), times=ticks(film))
    blink = Truth(lambda t_s: 0.9 if 19.8 <= t_s < 20.3 else 0.0)
    assert presence(STAGE, film, blink, before) == []
    (found,) = presence(STAGE, film, Truth(there((5, 19.8), (20.3, 35))), before)
    assert found == pytest.approx((5, 35), abs=0.2)


def test_a_score_that_wavers_is_held_by_the_lower_level():
    film = stamped(40)
    before = after_motion((5, 35), times=ticks(film))
    assert presence(STAGE, film, Truth(lambda t_s: 0.45), before) == []
    (found,) = presence(STAGE, film, Truth(lambda t_s: 0.8 if 5 <= t_s < 10 else 0.35 if 10 <= t_s < 35 else 0), before)
    assert found == pytest.approx((5, 35), abs=0.2)


def test_two_visits_are_two_stretches():
    film = stamped(59)
    before = after_motion((5, 12), (30, 40), times=ticks(film))
    assert presence(STAGE, film, Truth(there((5, 12), (30, 40))), before) == [(5, 12), (30, 40)]


def test_a_stretch_reaches_to_the_ends_of_its_motion_but_not_far():
    film = stamped(59)
    before = after_motion((10, 30), times=ticks(film))
    assert presence(STAGE, film, Truth(there((10.5, 29.5))), before) == [(10, 30)]
    ((start_s, end_s),) = presence(STAGE, film, Truth(there((15, 25))), before)
    assert 15 - STAGE.reach_s <= start_s <= 15
    assert 25 <= end_s <= 25 + 0.5 + STAGE.reach_s


def test_without_a_motion_stage_the_looks_alone_decide():
    film = stamped(30)
    before = after_motion((0, EVER.end_us / S), times=ticks(film, fps=2))
    assert presence(STAGE, film, Truth(there((10, 15))), before) == [(10, 15)]
    assert presence(STAGE, film, Truth(there((20, 30))), before) == [(20, pytest.approx(30, abs=0.2))]


def test_no_stretch_ends_after_the_video():
    film = stamped(30)
    before = after_motion((25, 29.5), times=ticks(film))
    ((_, end_s),) = presence(STAGE, film, Truth(there((25, 30))), before)
    assert end_s <= 30


SCORES = st.lists(st.sampled_from([0.0, 0.2, 0.35, 0.9]), min_size=13, max_size=13)
MOVING = st.lists(st.tuples(st.integers(0, 110), st.integers(1, 20)), max_size=3)


def some(scores):
    """A score for each ten seconds."""
    return lambda t_s: scores[int(t_s // 10)]


LONG = stamped(130, fps=5)
LONG_TIMES = ticks(LONG)


def same(left, right):
    assert left.pts_us.tolist() == right.pts_us.tolist()
    assert left.scores.tolist() == right.scores.tolist()
    assert left.boxes == right.boxes
    assert left.asked.tolist() == right.asked.tolist()


@settings(deadline=None, max_examples=50)
@given(SCORES, MOVING, st.integers(1, 20), st.randoms())
def test_neither_batches_nor_the_order_of_chunks_change_what_is_seen(scores, moving, batch, chance):
    stretches = spans.union(spans_of(*((start, start + length) for start, length in moving)))
    before = after_motion(*((s.start_us / S, s.end_us / S) for s in stretches), times=LONG_TIMES)
    detector = Truth(some(scores))
    one = look_over(STAGE, LONG, detector, before)
    stage = Objects(detector="toy:1", batch=batch)
    other = look_over(stage, LONG, Truth(some(scores)), before, order=lambda n: chance.sample(list(n), len(n)))
    same(one, other)
    assert len(detector.looked_us) == len(set(detector.looked_us))
    assert (np.diff(one.pts_us) > 0).all()
    settled = STAGE.settle(one, before, end_us=130 * S)
    assert all(0 <= span.start_us < span.end_us <= 130 * S for span in settled)
    assert all(a.end_us < b.start_us for a, b in itertools.pairwise(settled))


def test_batches_are_no_larger_than_asked_for():
    film = stamped(20)
    detector = Truth(there((0, 20)))
    look_over(Objects(detector="toy:1", batch=3), film, detector, after_motion((0, 20), times=ticks(film)))
    assert max(detector.batches) == 3
    assert sum(detector.batches) == len(detector.looked_us) == 40


def test_a_second_stage_sees_only_what_the_first_passed_on():
    film = stamped(120)
    moving = [(10, 14), (100, 104)]
    before = after_motion(*moving, times=ticks(film))
    first = look_over(STAGE, film, Truth(there((10, 50), score=0.35)), before)
    passed = STAGE.pass_on(first, [])
    strong = Truth(there((10, 50)))
    again = after_stage(first, passed, *moving)
    second = look_over(STAGE, film, strong, again)
    assert strong.looked_us == passed.tolist()
    assert second.pts_us.tolist() == first.pts_us.tolist()
    assert second.asked.tolist() == np.isin(first.pts_us, passed).tolist()
    assert second.scores[~second.asked].tolist() == [0.0] * int((~second.asked).sum())
    ((start_s, end_s),) = [(s.start_us / S, s.end_us / S) for s in STAGE.settle(second, again, end_us=120 * S)]
    assert (start_s, end_s) == pytest.approx((10, 50), abs=STAGE.recheck_s)


@pytest.mark.parametrize(
    "classes, score, kept",
    [(["person"], 0.6, 2), (["car"], 0.8, 2), (["car", "person"], 0.8, 2), ([], 0.8, 2), (["dog"], 0.0, 2)],
)
def test_the_classes_decide_the_score_and_boxes_of_all_classes_are_kept(classes, score, kept):
    film = stamped(1)
    stage = Objects(detector="toy:1", classes=classes)
    detector = Truth(lambda t_s: {"person": 0.6, "car": 0.8, "cat": 0.24})
    track = look_over(stage, film, detector, after_motion((0, 1), times=ticks(film)))
    assert track.scores.tolist() == pytest.approx([score, score])
    assert [[box.label for box in boxes] for boxes in track.boxes] == [["car", "person"][:kept]] * 2
