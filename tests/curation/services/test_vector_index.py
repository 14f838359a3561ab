"""The partial HNSW indexes: made once, whole, and only where they are worth it."""

from threading import Barrier, Thread

import numpy as np
import pytest
from django.db import connection, transaction

from curation.services.embedding import store_box_vectors, store_frame_vectors
from curation.services.vector_index import ensure_index, has_index, index_name
from tests.factories import DetectionFactory, EmbedderFactory, FrameFactory, VideoFactory, unit_vector

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def embedder():
    """An embedder with 30 frames and 2 boxes, whose indexes do not outlive the test."""
    row = EmbedderFactory(dimension=8)
    frames = FrameFactory.create_batch(30, video=VideoFactory())
    boxes = DetectionFactory.create_batch(2, frame=frames[0])
    store_frame_vectors(row, [f.pk for f in frames], np.stack([unit_vector(8, seed=i) for i in range(30)]))
    store_box_vectors(row, [b.pk for b in boxes], np.stack([unit_vector(8, seed=i) for i in range(2)]))
    yield row
    with connection.cursor() as cursor:
        for kind in ("frames", "boxes"):
            cursor.execute(f"DROP INDEX IF EXISTS {index_name(row, kind)}")


def test_an_index_is_made_once_the_embedder_has_grown(embedder):
    assert ensure_index(embedder, min_rows=31) == []
    assert ensure_index(embedder, min_rows=30) == [index_name(embedder, "frames")]
    assert ensure_index(embedder, min_rows=30) == []
    assert has_index(embedder, "frames")
    assert not has_index(embedder, "boxes")


def test_boxes_have_an_index_of_their_own(embedder):
    ensure_index(embedder, min_rows=2)

    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index_name(embedder, "boxes")])
        definition = cursor.fetchone()[0]
    assert "hnsw (((vector)::halfvec(8)) halfvec_cosine_ops)" in definition
    assert f"WHERE ((embedder_id = {embedder.pk}) AND (detection_id IS NOT NULL))" in definition


def test_what_an_interrupted_build_left_is_made_anew(embedder):
    ensure_index(embedder, min_rows=30)
    with connection.cursor() as cursor:
        name = index_name(embedder, "frames")
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(%s)", [name])
    assert not has_index(embedder, "frames")

    assert ensure_index(embedder, min_rows=30) == [name]

    assert has_index(embedder, "frames")


def test_two_workers_at_once_make_one_index(embedder):
    start, made = Barrier(2), []

    def work():
        try:
            start.wait()
            made.extend(ensure_index(embedder, min_rows=30))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert made == [index_name(embedder, "frames")]
    assert has_index(embedder, "frames")


def test_the_lock_is_free_afterwards(embedder):
    ensure_index(embedder, min_rows=30)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database "
            "WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)


def test_inside_a_transaction_it_is_refused(embedder):
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside a transaction"):
        ensure_index(embedder)
