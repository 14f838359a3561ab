"""The descriptor: unit vectors that hold a scene together whatever the exposure."""

import cv2
import numpy as np
import pytest

from curation.backends.embed.descriptor import Descriptor
from tests.curation.backends.footage import needs_data, real_frames


def noise(seed, shape=(90, 160, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_empty_input_gives_no_rows():
    assert Descriptor().embed_pictures([]).shape == (0, Descriptor().dimension)


def test_the_dimension_stays_in_what_an_index_holds_well():
    assert 256 <= Descriptor().dimension <= 512


@pytest.mark.parametrize(
    "picture",
    [
        noise(1),
        np.zeros((48, 64, 3), np.uint8),
        np.full((48, 64, 3), 255, np.uint8),
        noise(2, (1, 1, 3)),
        noise(3, (1, 500, 3)),
        noise(4, (333, 2, 3)),
        noise(5, (60, 80, 3))[:, ::-1],
    ],
)
def test_any_picture_gives_a_finite_unit_vector(picture):
    vector = Descriptor().embed_pictures([picture])[0]

    assert vector.shape == (Descriptor().dimension,)
    assert vector.dtype == np.float32
    assert np.isclose(np.linalg.norm(vector), 1.0, atol=1e-4)


def test_a_picture_has_the_same_vector_alone_and_among_others():
    pictures = [noise(1), noise(2), noise(3)]

    together = Descriptor().embed_pictures(pictures)

    assert np.array_equal(together[1], Descriptor().embed_pictures(pictures[1:2])[0])


def test_sensor_noise_in_the_dark_does_not_hide_the_scene():
    rng = np.random.default_rng(0)
    hall = np.zeros((120, 160, 3), np.uint8)
    cv2.rectangle(hall, (20, 20), (70, 110), (22, 22, 22), -1)
    yard = np.zeros((120, 160, 3), np.uint8)
    cv2.circle(yard, (110, 60), 40, (22, 22, 22), -1)

    def noisy(picture):
        return np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)

    a, b, other = Descriptor().embed_pictures([noisy(hall), noisy(hall), noisy(yard)])

    assert a @ b > 0.9
    assert a @ b > a @ other + 0.2


@needs_data
def test_frames_of_a_camera_are_nearer_to_each_other_than_to_other_cameras():
    vectors = {name: Descriptor().embed_pictures(frames) for name, frames in real_frames().items()}
    mean = np.concatenate(list(vectors.values())).mean(axis=0)
    unit = {name: (v - mean) / np.linalg.norm(v - mean, axis=1, keepdims=True) for name, v in vectors.items()}

    for name, own in unit.items():
        others = np.concatenate([v for other, v in unit.items() if other != name])
        assert (own @ own.T).min() > (own @ others.T).max(), name


@needs_data
@pytest.mark.parametrize("gamma, gain", [(1.6, 0.5), (0.6, 1.0), (1.0, 0.35)])
def test_another_exposure_stays_with_its_camera(gamma, gain):
    frames = real_frames()
    vectors = {name: Descriptor().embed_pictures(f) for name, f in frames.items()}

    for name, pictures in frames.items():
        changed = [np.clip(255 * (p / 255.0) ** gamma * gain, 0, 255).astype(np.uint8) for p in pictures]
        likeness = {other: (Descriptor().embed_pictures(changed) @ v.T).max(axis=1) for other, v in vectors.items()}
        for other in set(frames) - {name}:
            assert (likeness[name] > likeness[other]).all(), (name, other)
