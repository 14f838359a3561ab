"""A part of many frames that covers cameras and time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.even_draw import even_draw

S = 1_000_000


def drawn(camera, pts_s, *, most, seed=0, video=None, pictures=False):
    camera = np.asarray(camera, np.int64)
    video = camera if video is None else np.asarray(video, np.int64)
    is_picture = np.full(len(camera), pictures)
    pts_us = (np.asarray(pts_s, float) * S).astype(np.int64)
    return even_draw(camera, video, pts_us, is_picture, most=most, seed=seed)


def test_few_frames_all_come():
    assert drawn([1, 2], [0, 0], most=2).tolist() == [True, True]
    assert drawn([], [], most=2).tolist() == []


def test_each_camera_gives_as_many_and_what_one_lacks_the_others_give():
    camera = [1] * 10 + [2] * 500 + [3] * 500
    taken = drawn(camera, [*range(10), *range(500), *range(500)], most=210)
    counts = [int(taken[np.asarray(camera) == name].sum()) for name in (1, 2, 3)]
    assert counts[0] == 10
    assert counts[1] == counts[2] == 100


def test_stretches_are_whole_and_lie_evenly_over_time():
    pts_s = np.arange(0, 3600, 1.0)
    taken = drawn([1] * 3600, pts_s, most=360)
    assert taken.sum() == 360
    by_stretch = taken.reshape(-1, 10).sum(axis=1)
    assert set(by_stretch.tolist()) == {0, 10}
    assert np.diff(np.flatnonzero(by_stretch)).max() <= 12
    by_quarter = taken.reshape(4, -1).sum(axis=1)
    assert by_quarter.min() >= 80


def test_the_seed_decides():
    pts_s = np.arange(0, 3600, 1.0)
    one, again, other = (drawn([1] * 3600, pts_s, most=100, seed=seed) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()


def test_single_pictures_are_drawn_one_by_one():
    taken = drawn([1] * 100, np.arange(100) / S, most=10, pictures=True)
    assert taken.sum() == 10
    assert np.diff(np.flatnonzero(taken)).min() > 1


@pytest.mark.parametrize("most", [1, 3, 7])
def test_one_long_stretch_is_cut(most):
    assert drawn([1] * 50, np.arange(50) / 10, most=most).sum() == most


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 200)), min_size=1, max_size=80, unique=True),
    st.integers(0, 60),
    st.integers(0, 5),
)
def test_never_more_than_asked_for(frames, most, seed):
    taken = drawn([camera for camera, _ in frames], [second for _, second in frames], most=most, seed=seed)
    assert taken.sum() <= max(0, most)
    if most and most < len(frames):
        assert taken.sum() >= 1
