"""The perceptual hash: what it does not see, and what it does."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from curation.core.phash import FLAT, phash

PICTURES = 60


def scene(seed, *, height_px=240, width_px=320):
    """Draw a picture of large and small patches before a slope of light."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:height_px, 0:width_px].astype(np.float32)
    canvas = 60 + 60 * down / height_px * rng.random() + 60 * across / width_px * rng.random()
    for _ in range(25):
        x, y = rng.integers(0, width_px), rng.integers(0, height_px)
        w, h = rng.integers(10, 120, 2)
        cv2.rectangle(canvas, (int(x), int(y)), (int(x + w), int(y + h)), float(rng.integers(0, 255)), -1)
    return np.clip(cv2.GaussianBlur(canvas, (0, 0), 1.5), 0, 230).astype(np.uint8)


def bits(one, other):
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def jpeg(luma, quality):
    coded = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)


CHANGES = {
    "JPEG of quality 90": (lambda luma: jpeg(luma, 90), 2),
    "JPEG of quality 30": (lambda luma: jpeg(luma, 30), 4),
    "half the size": (lambda luma: cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 4),
    "a tenth smaller": (lambda luma: cv2.resize(luma, None, fx=0.9, fy=0.9), 4),
    "twice the size": (lambda luma: cv2.resize(luma, None, fx=2, fy=2), 4),
    "brighter": (lambda luma: cv2.add(luma, np.full_like(luma, 20)), 2),
    "darker by a third": (lambda luma: (luma * 0.66).astype(np.uint8), 4),
    "blurred": (lambda luma: cv2.GaussianBlur(luma, (0, 0), 2), 4),
    "noise": (lambda luma: np.clip(luma + np.random.default_rng(0).normal(0, 8, luma.shape), 0, 255).astype("u1"), 6),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_does_not_change_the_look_changes_few_bits(change):
    changed, most = CHANGES[change]

    apart = [bits(phash(scene(seed)), phash(changed(scene(seed)))) for seed in range(PICTURES)]

    assert max(apart) <= most
    assert np.mean(apart) <= 1.0


def test_different_pictures_differ_in_many_bits():
    hashes = [phash(scene(seed)) for seed in range(PICTURES)]

    apart = [bits(one, other) for i, one in enumerate(hashes) for other in hashes[:i]]

    assert min(apart) >= 10
    assert 26 <= np.median(apart) <= 36


def test_a_picture_and_its_mirror_image_differ():
    assert bits(phash(scene(1)), phash(np.ascontiguousarray(scene(1)[:, ::-1]))) > 10


def test_a_slope_of_light_by_hand():
    # The waves across a picture that gets brighter to the right: the odd ones fall below nothing, the rest is nothing.
    luma = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1))

    hash_of, mirrored = phash(luma), phash(np.ascontiguousarray(luma[:, ::-1]))

    assert hash_of >= 0, "the first wave, across, is negative"
    assert mirrored < 0, "and positive the other way round"


@pytest.mark.parametrize("level", [0, 16, 128, 255])
def test_a_picture_with_nothing_in_it_has_no_look(level):
    luma = np.full((90, 160), level, np.uint8)
    noise = np.random.default_rng(0).normal(0, 2, (720, 1280))

    assert phash(luma) == FLAT
    assert phash(np.clip(noise + level, 0, 255).astype(np.uint8)) == FLAT


def test_what_stands_before_black_has_a_look():
    night = np.zeros((360, 640), np.uint8)
    night[200:260, 300:330] = 60

    assert phash(night) != FLAT


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))))
def test_any_picture_has_a_hash_that_fits_a_bigint_column(luma):
    hash_of = phash(luma)

    assert -(2**63) <= hash_of < 2**63
    assert hash_of == phash(luma.copy())


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (4, 4, 3), (4,)])
def test_what_is_no_luma_picture_is_refused(shape):
    with pytest.raises(ValueError, match="luma is"):
        phash(np.zeros(shape, np.uint8))
