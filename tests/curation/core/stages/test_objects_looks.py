"""Looks and what follows from them: odd footage, nothing to look at, and from scores to stretches by hand."""

import numpy as np
import pytest

from curation.core.stages import Objects
from curation.core.stages.contract import EVER
from curation.core.types import Observations, Span
from tests.curation.core.stages.synthetic import NO_TIMES, Film, S, no_detector, work
from tests.curation.core.stages.watched import (
    StampedPicture,
    Truth,
    after_motion,
    after_stage,
    look_over,
    looks,
    spans_of,
    stamped,
    there,
    ticks,
)  # fmt: skip

STAGE = Objects(detector="toy:1")


def test_a_film_slower_than_the_looks_is_looked_at_once_a_picture():
    film = stamped(200, fps=0.3)
    times = np.arange(0, 200 * S, S // 2)
    detector = Truth(there((50, 120)))
    track = look_over(STAGE, film, detector, after_motion((0, EVER.end_us / S), times=times))
    assert track.pts_us.tolist() == sorted(set(track.pts_us.tolist()))
    assert detector.looked_us == [picture.pts_us for picture in film.pictures]


@pytest.mark.parametrize(
    "before",
    [
        after_motion(times=NO_TIMES),
        after_motion((0, 9), times=NO_TIMES),
        after_stage(looks(), NO_TIMES),
    ],
    ids=["no time", "motion but no time", "nothing passed on"],
)
def test_no_weights_are_loaded_when_there_is_nothing_to_look_at(before):
    track = STAGE.look(work(stamped(9), Span(0, 9 * S), before=before, load_detector=no_detector))
    assert (track.pts_us.tolist(), track.scores.tolist(), track.boxes, track.asked.tolist()) == ([], [], [], [])
    assert STAGE.settle(track, before, end_us=9 * S) == []


def test_no_weights_are_loaded_for_what_an_earlier_stage_dropped():
    dropped = np.array([1, 2]) * S
    first = Observations(dropped, np.zeros(2, np.float32), [[], []], np.ones(2, np.bool_))
    before = after_stage(first, NO_TIMES)
    track = STAGE.look(work(stamped(9), Span(0, 9 * S), before=before, load_detector=no_detector))
    assert (track.pts_us.tolist(), track.asked.tolist()) == (dropped.tolist(), [False, False])


def test_pictures_that_do_not_decode_a_second_time_are_passed_over():
    times = ticks(stamped(30))
    torn = Film([StampedPicture(t) for t in times.tolist() if not 15 * S <= t < 20 * S and t < 25 * S])
    detector = Truth(there((10, 30)))
    before = after_motion((10, 14), times=times)
    track = STAGE.look(work(torn, Span(0, 30 * S), before=before, load_detector=lambda _: detector))
    assert set(track.pts_us.tolist()) <= {picture.pts_us for picture in torn.pictures}
    assert track.pts_us[-1] > 20 * S


def test_the_detector_is_loaded_once_a_chunk_by_its_name_and_every_look_is_reported():
    film = stamped(20)
    loaded, reported, detector = [], [], Truth(there((0, 20)))
    track = STAGE.look(
        work(
            film,
            Span(0, 20 * S),
            before=after_motion((2, 5), times=ticks(film)),
            load_detector=lambda name: loaded.append(name) or detector,
            report=reported.append,
        )
    )
    assert loaded == ["toy:1"]
    assert reported == track.pts_us.tolist() == detector.looked_us


def test_what_is_found_or_suspected_is_passed_on():
    track = looks((0, 0.19, True), (1, 0.25, True), (2, 0.9, True), (3, 0.0, True))
    assert STAGE.pass_on(track, []).tolist() == [S, 2 * S]
    assert STAGE.pass_on(looks(), []).tolist() == []


def test_worth_keeping_is_what_the_detector_itself_saw_in_a_stretch():
    track = looks((0, 0.9, True), (1, 0.2, True), (2, 0.9, False), (3, 0.9, True), (9, 0.9, True))
    assert STAGE.keepers(track, spans_of((0, 4))).tolist() == [0, 3 * S]
    assert STAGE.keepers(track, []).tolist() == []
    assert STAGE.keepers(looks(), spans_of((0, 4))).tolist() == []


RAW = Objects(detector="toy:1", window_s=0, shortest_s=0, gap_s=0, reach_s=0)


@pytest.mark.parametrize(
    "rows, found",
    [
        ([], []),
        ([(1, 0.4, True)], []),
        ([(1, 0.5, True)], [(1, 3)]),  # a look lasts for `recheck_s` where none comes after it
        ([(1, 0.5, True), (2, 0.4, True), (3, 0.1, True)], [(1, 3)]),
        ([(1, 0.9, True), (9, 0.9, True)], [(1, 3), (9, 10)]),  # but not beyond the video
        ([(1, 0.9, True), (1.5, 0.1, True), (2, 0.9, True), (2.5, 0.1, True)], [(1, 1.5), (2, 2.5)]),
    ],
)
def test_looks_become_stretches(rows, found):
    before = after_motion((0, 10), times=NO_TIMES)
    assert RAW.settle(looks(*rows), before, end_us=10 * S) == spans_of(*found)


@pytest.mark.parametrize(
    "params, says",
    [
        ({"stop_score": 0.6}, r"stop_score 0\.6 is above score 0\.5"),
        ({"unsure_score": 0.6}, r"unsure_score 0\.6 is above"),
    ],
)
def test_levels_in_the_wrong_order_are_refused(params, says):
    with pytest.raises(ValueError, match=says):
        Objects(detector="toy:1", **params)
