"""Brightness, contrast and blur, on pictures whose answer is known."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.signals import blur, halve, measure, shrink


def flat(level, shape=(90, 160)):
    return np.full(shape, level, np.uint8)


def texture(seed=0, shape=(360, 640)):
    """Edges of every direction, as a picture in focus has."""
    picture = np.full(shape, 120, np.uint8)
    chance = np.random.default_rng(seed)
    for _ in range(300):
        x, y = int(chance.integers(shape[1])), int(chance.integers(shape[0]))
        w, h = (int(side) for side in chance.integers(5, 60, 2))
        cv2.rectangle(picture, (x, y), (x + w, y + h), int(chance.integers(20, 235)), -1)
    return picture


@pytest.mark.parametrize(
    "level, is_full_range, brightness",
    [
        (0, True, 0),
        (100, True, 100),
        (255, True, 255),
        (16, False, 0),
        (235, False, 255),
        (0, False, 0),
        (255, False, 255),
    ],
)
def test_brightness_is_that_of_the_full_range(level, is_full_range, brightness):
    seen = measure(flat(level), is_full_range=is_full_range)
    assert (seen.brightness, seen.contrast) == (pytest.approx(brightness), 0)


def test_contrast_is_the_standard_deviation():
    halves = np.concatenate([flat(50), flat(150)])
    assert measure(halves, is_full_range=True).contrast == pytest.approx(50)
    assert measure(halves, is_full_range=False).contrast == pytest.approx(50 * 255 / 219)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 2), (5, 1281), (2160, 3840)])
def test_a_picture_of_any_shape_is_measured(shape):
    seen = measure(flat(80, shape), is_full_range=True)
    assert (seen.brightness, seen.blur) == (pytest.approx(80), 1.0)


def test_an_empty_picture_is_refused():
    with pytest.raises(ValueError, match=r"the picture is empty, shape \(0, 5\)"):
        measure(flat(0, (0, 5)), is_full_range=True)


def test_no_edge_counts_as_all_blurred():
    assert blur(flat(77)) == 1.0


def test_more_blur_is_a_higher_number():
    sharp = texture()
    rates = [blur(sharp), *(blur(cv2.GaussianBlur(sharp, (0, 0), sigma)) for sigma in (1, 2, 4))]
    assert rates == sorted(rates)
    assert rates[0] < 0.3
    assert rates[-1] > 0.6


@pytest.mark.parametrize("sigma_xy", [(4, 0.01), (0.01, 4)])
def test_blur_in_one_direction_is_blur(sigma_xy):
    sharp = texture()
    smeared = cv2.GaussianBlur(sharp, (0, 0), sigmaX=sigma_xy[0], sigmaY=sigma_xy[1])
    assert blur(smeared) > blur(sharp) + 0.15


def test_blur_depends_little_on_what_there_is_to_see():
    rates = [blur(cv2.GaussianBlur(texture(seed), (0, 0), 2)) for seed in range(5)]
    assert max(rates) - min(rates) < 0.05


def test_a_picture_of_twice_the_size_measures_the_same():
    twice = np.repeat(np.repeat(texture(), 2, axis=0), 2, axis=1)
    assert measure(twice, is_full_range=True) == measure(texture(), is_full_range=True)


@pytest.mark.parametrize(
    "shape, small", [((480, 640), (240, 320)), ((9, 320), (9, 320)), ((9, 100), (9, 100)), ((720, 1280), (180, 320))]
)
def test_shrink_keeps_the_shape_and_leaves_small_pictures(shape, small):
    assert shrink(flat(9, shape), width_px=320).shape == small


def test_shrink_takes_means():
    stripes = np.tile(np.array([0, 200], np.uint8), (4, 320))
    assert (shrink(stripes, width_px=320) == 100).all()


@pytest.mark.parametrize("width", [640, 1280, 1920, 2500])
def test_what_was_halved_for_a_larger_width_shrinks_to_the_same(width):
    picture = np.random.default_rng(3).integers(0, 256, (90, width), np.uint8)
    assert np.array_equal(shrink(halve(picture, width_px=640), width_px=320), shrink(picture, width_px=320))


def plain_blur(lines):
    """Crete's measure along rows, word for word."""
    if lines.shape[1] < 2:
        return 1.0
    grey = lines.astype(np.float64)
    sharp = np.abs(np.diff(grey))
    soft = np.abs(np.diff(cv2.blur(grey, (9, 1))))
    return 1 - np.maximum(sharp - soft, 0).sum() / sharp.sum() if sharp.any() else 1.0


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 256), st.integers(0, 2**32 - 1))
def test_blur_is_the_plain_measure_of_every_fourth_line(height, width, levels, seed):
    noise = np.random.default_rng(seed).integers(0, levels, (height, width), np.uint8)
    assert blur(noise) == pytest.approx(max(plain_blur(noise[::4]), plain_blur(noise[:, ::4].T.copy())), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1), st.booleans())
def test_measures_stay_in_their_ranges(height, width, seed, is_full_range):
    noise = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    seen = measure(noise, is_full_range=is_full_range)
    assert 0 <= seen.brightness <= 255
    assert 0 <= seen.contrast <= 128 * 255 / 219
    assert 0 <= seen.blur <= 1
