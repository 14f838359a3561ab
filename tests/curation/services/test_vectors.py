"""Vectors of many frames at once: the same as search compares them, one row a frame that was asked for."""

import numpy as np
import pytest

from curation.services import vectors as reading
from curation.services.embedding import store_frame_vectors
from curation.services.filtering import parse_query
from curation.services.likeness import Likeness, exact_order
from curation.services.vectors import default_embedder, frame_vectors
from tests.factories import DetectionFactory, EmbedderFactory, EmbeddingFactory, FrameFactory, VideoFactory, unit_vector

pytestmark = pytest.mark.django_db


def embedded(embedder, count, *, seed=0):
    """Return the ids of new frames, and their vectors as they are stored."""
    video = VideoFactory()
    ids = [FrameFactory(video=video).pk for _ in range(count)]
    vectors = np.stack([unit_vector(embedder.dimension, seed=seed + i) for i in range(count)]).reshape(count, -1)
    store_frame_vectors(embedder, ids, vectors)
    return np.array(ids), vectors.astype(np.float16).astype(np.float32)


def test_frame_vectors_come_as_unit_rows_in_the_order_asked_for():
    embedder = EmbedderFactory(dimension=7)
    ids, stored = embedded(embedder, 3)

    vectors, has = frame_vectors(ids[[2, 0, 0]], embedder=embedder)

    unit = stored / np.linalg.norm(stored, axis=1, keepdims=True)
    assert vectors == pytest.approx(unit[[2, 0, 0]])
    assert vectors.dtype == np.float32
    assert has.tolist() == [True, True, True]


def test_frames_without_a_vector_are_rows_of_zeros():
    embedder = EmbedderFactory()
    ids, _ = embedded(embedder, 1)
    bare, unknown = FrameFactory().pk, 10**12
    EmbeddingFactory(embedder=embedder, frame_id=bare, detection=DetectionFactory(frame_id=bare))
    EmbeddingFactory(embedder=EmbedderFactory(name="clip:x"), frame_id=bare)

    vectors, has = frame_vectors(np.array([bare, ids[0], unknown]), embedder=embedder)

    assert has.tolist() == [False, True, False]
    assert not vectors[[0, 2]].any()


def test_nothing_asked_for_is_an_empty_table():
    vectors, has = frame_vectors(np.array([], np.int64), embedder=EmbedderFactory(dimension=5))

    assert vectors.shape == (0, 5)
    assert has.shape == (0,)


def test_vectors_are_about_the_embedders_mean():
    embedder = EmbedderFactory(mean=[0.5, 0.0, 0.0, 0.0])
    frames = [FrameFactory().pk, FrameFactory().pk]
    store_frame_vectors(embedder, frames, np.array([[0.5, 0.25, 0, 0], [0.5, 0, 0, 0]], np.float32))

    vectors, has = frame_vectors(np.array(frames), embedder=embedder)

    assert vectors.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]], "a frame at the mean has no direction"
    assert has.tolist() == [True, False]


@pytest.mark.parametrize("mean", [None, [0.3, 0.1, -0.2, 0.1, 0.0, 0.2]])
def test_similarity_is_what_search_says(mean):
    embedder = EmbedderFactory(dimension=6, mean=mean)
    ids, stored = embedded(embedder, 20)

    vectors, _ = frame_vectors(ids, embedder=embedder)

    likeness = Likeness(embedder, "frames", stored[3], parse_query(""))
    found = {row.frame_id: row.distance for row in exact_order(likeness)}
    assert 1 - vectors @ vectors[3] == pytest.approx([found[pk] for pk in ids], abs=2e-3), "halves are not exact"


@pytest.mark.parametrize("apart", [1, 10])
def test_many_are_read_in_parts_by_range_or_one_by_one(monkeypatch, apart):
    monkeypatch.setattr(reading, "TOGETHER", 4)
    embedder = EmbedderFactory()
    ids, stored = embedded(embedder, 43)
    wanted = np.arange(0, 43, apart)

    vectors, has = frame_vectors(ids[wanted], embedder=embedder)

    unit = stored / np.linalg.norm(stored, axis=1, keepdims=True)
    assert vectors == pytest.approx(unit[wanted])
    assert has.all()


def test_default_embedder_is_the_one_that_embedded_most_frames_of_equals_the_newest():
    few, many, as_many = (EmbedderFactory(name=name) for name in ("a", "b", "c"))
    assert default_embedder() is None
    frames = FrameFactory.create_batch(2)
    EmbeddingFactory(embedder=few, frame=frames[0])
    for _ in range(3):
        EmbeddingFactory(embedder=few, frame=frames[0], detection=DetectionFactory(frame=frames[0]))
    for embedder in (many, as_many):
        for frame in frames:
            EmbeddingFactory(embedder=embedder, frame=frame)

    assert default_embedder() == as_many
