"""Storing vectors: what is stored is what comes back, and storing twice is storing once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from curation.models import Embedder, Embedding
from curation.services.embedding import embedder_row, refresh_mean, store_box_vectors, store_frame_vectors
from tests.factories import DetectionFactory, EmbedderFactory, FrameFactory, unit_vector

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Fixed:
    name: str = "descriptor"
    version: str = "1"
    dimension: int = 4
    centred: bool = False


def vectors(count, dimension=4):
    return np.stack([unit_vector(dimension, seed=i) for i in range(count)])


def stored(embedder):
    rows = Embedding.objects.filter(embedder=embedder).order_by("frame_id", "detection_id")
    return [(row.frame_id, row.detection_id, np.asarray(row.vector, np.float32)) for row in rows]


def test_an_embedder_has_one_row_for_name_and_version():
    first = embedder_row(Fixed())

    assert embedder_row(Fixed()) == first
    assert embedder_row(Fixed(version="2")) != first


def test_an_embedder_that_changed_its_dimension_must_change_its_version():
    embedder_row(Fixed())

    with pytest.raises(ValueError, match="needs another version"):
        embedder_row(Fixed(dimension=5))


def test_stored_frame_vectors_come_back_as_half_precision():
    embedder, frames = EmbedderFactory(dimension=7), FrameFactory.create_batch(3)

    store_frame_vectors(embedder, [f.pk for f in frames], vectors(3, 7))

    rows = stored(embedder)
    assert [(frame, box) for frame, box, _ in rows] == [(f.pk, None) for f in frames]
    assert np.array_equal([v for _, _, v in rows], vectors(3, 7).astype(np.float16).astype(np.float32))


def test_storing_again_replaces():
    embedder, frame = EmbedderFactory(), FrameFactory()

    for seed in (1, 2):
        store_frame_vectors(embedder, [frame.pk], unit_vector(4, seed=seed)[None])

    [(_, _, vector)] = stored(embedder)
    assert vector == pytest.approx(unit_vector(4, seed=2), abs=1e-3)


def test_of_a_repeated_id_the_last_vector_counts():
    embedder, frame = EmbedderFactory(), FrameFactory()

    store_frame_vectors(embedder, [frame.pk, frame.pk], vectors(2))

    [(_, _, vector)] = stored(embedder)
    assert vector == pytest.approx(vectors(2)[1], abs=1e-3)


def test_a_frame_and_its_boxes_have_vectors_of_their_own():
    embedder, box = EmbedderFactory(), DetectionFactory()
    other = DetectionFactory(frame=box.frame, run=box.run)

    for _ in range(2):
        store_frame_vectors(embedder, [box.frame_id], vectors(1))
        store_box_vectors(embedder, [other.pk, box.pk], vectors(2))

    assert {(f, d) for f, d, _ in stored(embedder)} == {(box.frame_id, d) for d in (None, box.pk, other.pk)}


def test_a_box_that_is_gone_is_left_out():
    embedder, box = EmbedderFactory(), DetectionFactory()

    store_box_vectors(embedder, [box.pk, box.pk + 1000], vectors(2))

    assert [d for _, d, _ in stored(embedder)] == [box.pk]


def test_two_embedders_keep_their_vectors_apart():
    frame = FrameFactory()
    small, large = EmbedderFactory(), EmbedderFactory(name="onnx:x", dimension=9)

    store_frame_vectors(small, [frame.pk], vectors(1))
    store_frame_vectors(large, [frame.pk], vectors(1, 9))

    assert [len(v) for _, _, v in stored(small)] == [4]
    assert [len(v) for _, _, v in stored(large)] == [9]


def test_no_vectors_are_no_work(django_assert_num_queries):
    embedder = EmbedderFactory()

    with django_assert_num_queries(0):
        store_frame_vectors(embedder, [], np.zeros((0, 4), np.float32))


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 4), np.float32), np.zeros((1, 5), np.float32), np.full((1, 4), np.nan, np.float32)]
)
def test_vectors_of_another_shape_or_with_nan_are_refused(wrong):
    with pytest.raises(ValueError, match="vectors"):
        store_frame_vectors(EmbedderFactory(), [FrameFactory().pk], wrong)


def test_a_frame_that_is_gone_is_an_error_and_stores_nothing():
    embedder, frame = EmbedderFactory(), FrameFactory()

    def store():
        with transaction.atomic():
            store_frame_vectors(embedder, [frame.pk, frame.pk + 1000], vectors(2))
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        store()

    assert stored(embedder) == []


@pytest.mark.django_db(transaction=True)
def test_workers_that_store_the_same_rows_at_once_do_not_deadlock():
    embedder, frames = EmbedderFactory(), FrameFactory.create_batch(50)
    ids = [f.pk for f in frames]

    def work(order):
        try:
            for _ in range(10):
                store_frame_vectors(embedder, ids[::order], vectors(50)[::order])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, (1, -1)))

    assert Embedding.objects.count() == 50


def test_the_mean_is_that_of_all_vectors():
    embedder, box = EmbedderFactory(), DetectionFactory()
    store_frame_vectors(embedder, [box.frame_id], np.array([[1, 0, 0, 0]], np.float32))
    store_box_vectors(embedder, [box.pk], np.array([[0, 1, 0, 0]], np.float32))

    refresh_mean(embedder)

    assert Embedder.objects.get(pk=embedder.pk).mean == pytest.approx([0.5, 0.5, 0, 0])


def test_the_mean_of_nothing_is_none():
    embedder = EmbedderFactory()

    refresh_mean(embedder)

    assert Embedder.objects.get(pk=embedder.pk).mean is None


def test_the_mean_stays_once_there_are_many_vectors(monkeypatch):
    monkeypatch.setattr("curation.services.embedding.MEAN_ROWS", 2)
    embedder, frames = EmbedderFactory(), FrameFactory.create_batch(4)
    store_frame_vectors(embedder, [f.pk for f in frames[:2]], vectors(2))
    refresh_mean(embedder)
    before = list(embedder.mean)

    store_frame_vectors(embedder, [f.pk for f in frames[2:]], vectors(4)[2:])
    refresh_mean(embedder)

    assert list(embedder.mean) == before
