"""Vectors of boxes in files, and compared about their mean."""

import io

import numpy as np
import pytest

from activelearning.core.box_vectors import BoxVectors, about, decode, mean_of


def some(count=3, dimension=2):
    chance = np.random.default_rng(0)
    return BoxVectors(
        np.arange(10, 10 + count), chance.random((count, 4)) * 100, chance.random((count, dimension)).astype(np.float16)
    )


def test_a_file_gives_back_what_was_written_and_finds_the_same_boxes():
    made = some()
    read = decode(made.encode(), dimension=2)
    assert read.vectors.tolist() == made.vectors.tolist()
    assert read.places_of(made.frame_ids[::-1], made.xyxy[::-1]).tolist() == [2, 1, 0]
    assert read.places_of(made.frame_ids, made.xyxy + 1).tolist() == [-1, -1, -1]
    assert read.places_of(made.frame_ids + 1, made.xyxy).tolist() == [-1, -1, -1]
    assert read.places_of(np.zeros(0, np.int64), np.zeros((0, 4))).tolist() == []


def test_nothing_can_be_added_to_and_written():
    nothing = BoxVectors.none(2)
    assert len(decode(nothing.encode(), dimension=2)) == 0
    assert len(nothing.with_more(some())) == 3
    assert nothing.places_of(*(getattr(some(1), name) for name in ("frame_ids", "xyxy"))).tolist() == [-1]


@pytest.mark.parametrize(
    "content", [b"", b"nothing", some().encode()[:-40], some(dimension=3).encode(), np.zeros(3).tobytes()]
)
def test_what_is_no_such_file_is_refused(content):
    with pytest.raises(ValueError, match="decode"):
        decode(content, dimension=2)


def test_pickled_objects_are_refused():
    file = io.BytesIO()
    np.savez(file, format=1, frame_ids=np.array([{}], object), xyxy=np.zeros((1, 4)), vectors=np.zeros((1, 2)))
    with pytest.raises(ValueError, match="decode"):
        decode(file.getvalue(), dimension=2)


def test_about_the_mean_vectors_have_length_one_and_zeros_stay_zero():
    vectors = np.array([[1, 0], [0, 1], [0, 0], [0.5, 0.5]], np.float16)
    mean = mean_of(vectors)
    assert mean.tolist() == [0.5, 0.5]
    found = about(vectors, mean).astype(float)
    assert found[2].tolist() == [0, 0]
    assert found[3].tolist() == [0, 0]
    assert np.linalg.norm(found[:2], axis=1) == pytest.approx([1, 1], abs=1e-3)
    assert found[0] @ found[1] == pytest.approx(-1, abs=1e-2)


def test_the_mean_of_nothing_is_nothing():
    assert mean_of(np.zeros((0, 2), np.float16)).tolist() == [0, 0]
    assert about(np.zeros((0, 2), np.float16), np.zeros(2, np.float32)).shape == (0, 2)
