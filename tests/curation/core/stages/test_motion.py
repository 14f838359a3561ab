"""Motion on scenes whose truth is known."""

import cv2
import numpy as np
import pytest

from curation.core.signals import measure
from curation.core.stages import Before, Motion
from curation.core.stages.contract import EVER
from curation.core.types import Signals, Span
from tests.curation.core.stages.synthetic import (
    NO_TIMES,
    ROOM,
    Film,
    GreyPicture,
    S,
    film,
    noisy,
    rain,
    snow,
    switched,
    walk,
    with_square,
    work,
)  # fmt: skip

BEFORE = Before([EVER], NO_TIMES, NO_TIMES, follows_dense=True)


def moving(footage, stage=None):
    """The stretches of motion in seconds."""
    stage = stage or Motion()
    track = stage.look(work(footage))
    end_us = footage.pictures[-1].pts_us + 1
    return [(span.start_us / S, span.end_us / S) for span in stage.settle(track, BEFORE, end_us=end_us)]


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda t_s: ROOM, id="nothing"),
        pytest.param(lambda t_s: np.zeros_like(ROOM), id="black"),
        pytest.param(lambda t_s: noisy(ROOM, t_s, sigma=1), id="little noise"),
        pytest.param(lambda t_s: noisy(ROOM, t_s, sigma=8), id="much noise"),
        pytest.param(lambda t_s: noisy(np.clip(ROOM + 4.0 * t_s, 0, 255), t_s), id="dawn"),
        pytest.param(lambda t_s: noisy(ROOM * (1.5 + 0.5 * np.sin(t_s / 2)), t_s), id="clouds"),
        pytest.param(switched(5.0), id="light on"),
        pytest.param(switched(0.0, 5.0), id="light off"),
        pytest.param(switched(3.0, 6.0), id="light on and off"),
        pytest.param(switched(4.0, 4.5, 5.0, 5.5), id="light flickers"),
        pytest.param(rain, id="rain"),
        pytest.param(snow, id="snow"),
    ],
)
def test_what_is_no_motion_is_none(draw):
    assert moving(film(draw, seconds=10)) == []


# One analysed frame, and as long as the youngest look is old.
SLACK_S = 0.1 + 0.3


@pytest.mark.parametrize("fps", [10, 12.5, 25, 30000 / 1001])
def test_somebody_who_crosses_is_found_from_end_to_end(fps):
    (found,) = moving(film(lambda t_s: walk(t_s, start_s=3, end_s=7), seconds=10, fps=fps))
    assert found == pytest.approx((3, 7), abs=SLACK_S)


def test_somebody_in_front_of_rain_is_found():
    (found,) = moving(film(lambda t_s: with_square(rain(t_s), 40 * t_s - 60), seconds=12))
    assert found == pytest.approx((0.9, 9.5), abs=2 * SLACK_S)


def test_two_who_come_one_soon_after_the_other_are_one_stretch_and_later_are_two():
    def draw(t_s, again_s):
        return walk(t_s, start_s=2, end_s=4) if t_s < 4 else walk(t_s, start_s=again_s, end_s=again_s + 2)

    assert len(moving(film(lambda t_s: draw(t_s, 5), seconds=9))) == 1
    assert len(moving(film(lambda t_s: draw(t_s, 7), seconds=11))) == 2


def test_what_stops_melts_away():
    def draw(t_s):
        return noisy(with_square(ROOM, 40 + 40 * min(t_s, 4)), t_s)

    (found,) = moving(film(draw, seconds=12))
    assert found[1] == pytest.approx(4, abs=SLACK_S)


def test_what_leaves_casts_no_ghost():
    def draw(t_s):
        return noisy(with_square(ROOM, 100 + 120 * max(0, t_s - 6)), t_s)  # out of the picture at 7.8

    (found,) = moving(film(draw, seconds=13))
    assert found == pytest.approx((6, 7.8), abs=SLACK_S)


def test_what_starts_after_the_light_was_switched_is_found():
    def draw(t_s):
        return walk(t_s, start_s=6, end_s=8, background=ROOM if t_s < 4 else ROOM * 3)

    (found,) = moving(film(draw, seconds=10))
    assert found == pytest.approx((6, 8), abs=SLACK_S)


def test_a_change_of_size_in_mid_stream_is_no_motion_and_motion_after_it_is_found():
    def draw(t_s):
        picture = walk(t_s, start_s=6, end_s=9)
        return picture if t_s < 4 else cv2.resize(picture, (160, 90), interpolation=cv2.INTER_AREA)

    (found,) = moving(film(draw, seconds=12))
    assert found == pytest.approx((6, 9), abs=SLACK_S)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_no_frame_and_single_frames_have_no_motion(count):
    footage = Film([GreyPicture(n * 100_000, ROOM) for n in range(count)])
    track = Motion().look(work(footage))
    assert track.score.tolist() == [0.0] * count
    assert {name: values.shape for name, values in track.values.items()} == dict.fromkeys(
        ("score", "brightness", "contrast", "blur"), (count,)
    )
    assert Motion().settle(track, BEFORE, end_us=S) == []


def test_a_rate_above_the_sources_takes_every_frame():
    footage = film(lambda t_s: walk(t_s, start_s=3, end_s=7), seconds=10, fps=8)
    track = Motion(fps=60).look(work(footage))
    assert track.pts_us.tolist() == [picture.pts_us for picture in footage.pictures]
    assert len(moving(footage, Motion(fps=60))) == 1


def test_a_rate_below_the_sources_takes_the_first_frame_of_each_tick():
    footage = film(lambda t_s: ROOM, seconds=1, fps=25)
    times = Motion(fps=10).look(work(footage)).pts_us / S
    assert times.tolist() == [0.0, 0.12, 0.2, 0.32, 0.4, 0.52, 0.6, 0.72, 0.8, 0.92]


@pytest.mark.parametrize("fps", [0.1, 0.25, 1, 4])
def test_somebody_slow_is_found_at_a_low_rate(fps):
    start_s, end_s, speed = 20 / fps, 60 / fps, 2.5 * fps
    footage = film(lambda t_s: walk(t_s, start_s=start_s, end_s=end_s, speed=speed), seconds=80 / fps, fps=2 * fps)
    (found,) = moving(footage, Motion(fps=fps, window_s=0))
    assert found == pytest.approx((start_s, end_s), abs=0.3 + 4 / fps)


def test_signals_are_those_of_the_whole_picture():
    footage = film(lambda t_s: walk(t_s, start_s=0, end_s=9), seconds=1, fps=10)
    reported = []
    track = Motion().look(work(footage, report=reported.append))
    for index, picture in enumerate(footage.pictures):
        seen = measure(picture.grey, is_full_range=True)
        values = [track.values[name][index] for name in ("brightness", "contrast", "blur")]
        assert values == pytest.approx([seen.brightness, seen.contrast, seen.blur])
    assert reported == track.pts_us.tolist()


def track_of(*scores):
    return Signals(np.arange(len(scores)) * S // 10, {"score": np.array(scores, np.float32)})


PLAIN = Motion(window_s=0, shortest_s=0, gap_s=0, nearest_s=0.05)


@pytest.mark.parametrize(
    "scores, found",
    [
        ((), []),
        ((0, 0.1, 0.19), []),
        ((0.2,), [(0, 50_000)]),
        ((0, 1, 0.1, 0.06, 0.05, 0.1), [(100_000, 350_000)]),
        ((1, 0, 1, 0), [(0, 50_000), (200_000, 250_000)]),
        ((0, 0, 1), [(200_000, 250_000)]),
    ],
)
def test_scores_become_stretches_that_end_when_the_youngest_look_still_saw_it(scores, found):
    assert PLAIN.settle(track_of(*scores), BEFORE, end_us=len(scores) * S // 10) == [Span(*pair) for pair in found]


def test_a_flicker_of_one_frame_is_smoothed_away():
    scores = (0, 0, 0, 9, 0, 0, 0)
    assert Motion(shortest_s=0).settle(track_of(*scores), BEFORE, end_us=S) == []


def test_every_analysed_time_is_passed_on_and_those_in_stretches_are_worth_keeping():
    track = track_of(0, 1, 1, 0, 1)
    assert Motion().pass_on(track, []).tolist() == track.pts_us.tolist()
    assert Motion().keepers(track, [Span(100_000, 200_000), Span(350_000, S)]).tolist() == [100_000, 400_000]
    assert Motion().keepers(track, []).tolist() == []
    assert Motion().keepers(track_of(), [EVER]).tolist() == []


def test_a_stop_above_the_start_is_refused():
    with pytest.raises(ValueError, match=r"stop_percent 0\.3 is above start_percent 0\.2"):
        Motion(stop_percent=0.3)
