"""Motion sees the same wherever a video is cut."""

import cv2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.stages import Motion
from curation.core.stages.contract import EVER
from curation.core.types import Span
from tests.curation.core.stages.synthetic import S, film, rain, switched, walk, with_square, work


def small(picture):
    return cv2.resize(picture, (160, 90), interpolation=cv2.INTER_AREA)


def busy(t_s):
    """Somebody walks, stops and leaves, it rains, the light is switched: all that a scene's memory can hang on."""
    picture = cv2.convertScaleAbs(rain(t_s), alpha=2 if 4 <= t_s < 7 else 1)
    return small(with_square(picture, 40 * min(t_s, 5) if t_s < 8 else 200 + 60 * (t_s - 8), level=90))


BUSY_S = 16
BUSY = film(busy, seconds=BUSY_S, fps=12.5)


@pytest.fixture(scope="module")
def in_one_piece():
    track = Motion().look(work(BUSY))
    assert (track.score > 0).any()
    return track


def check_after(part, whole, cut_us):
    after = whole.pts_us >= cut_us
    assert part.pts_us.tolist() == whole.pts_us[after].tolist()
    assert {n: v.tolist() for n, v in part.values.items()} == {n: v[after].tolist() for n, v in whole.values.items()}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, BUSY_S * S))
def test_a_piece_that_starts_anywhere_sees_what_one_piece_sees(in_one_piece, cut_us):
    check_after(Motion().look(work(BUSY, Span(cut_us, EVER.end_us))), in_one_piece, cut_us)


FAST = film(lambda t_s: small(walk(t_s, start_s=2, end_s=5)), seconds=7, fps=25)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 7 * S))
def test_a_piece_that_starts_between_two_measurements_sees_what_one_piece_sees(cut_us):
    stage = Motion(fps=25, looks=2)
    whole = stage.look(work(FAST))
    check_after(stage.look(work(FAST, Span(cut_us, EVER.end_us))), whole, cut_us)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 120), max_size=8), st.integers(60, 120))
def test_a_piece_that_starts_while_the_light_flickers_sees_what_one_piece_sees(moments, cut):
    light = switched(*(moment / 10 for moment in moments))
    footage = film(lambda t_s: small(light(t_s)), seconds=14)
    whole = Motion().look(work(footage))
    check_after(Motion().look(work(footage, Span(cut * S // 10, EVER.end_us))), whole, cut * S // 10)
