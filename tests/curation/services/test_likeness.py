"""The two ways to the nearest vectors: by comparing with each, and by the index. Real plans of a real Postgres."""

from functools import cache

import numpy as np
import pytest
from django.db import connection, transaction

from curation.core.query import Everything
from curation.models import Embedder, Embedding, Frame
from curation.services import likeness as ways
from curation.services.embedding import refresh_mean, store_frame_vectors
from curation.services.filtering import frames_matching, parse_query
from curation.services.likeness import Likeness, nearest
from curation.services.search_cursor import Place
from curation.services.vector_index import ensure_index, index_name
from tests.factories import EmbedderFactory, VideoFactory

pytestmark = pytest.mark.django_db
COUNT, DIMENSION = 4000, 32


@cache
def cloud():
    """Return unit vectors in 40 clusters away from the origin, as real embeddings lie."""
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(40, DIMENSION)) + 1.0
    points = centres[np.arange(COUNT) % 40] + 0.5 * rng.normal(size=(COUNT, DIMENSION))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def indexed(django_db_setup, django_db_blocker):
    """An embedder of 4,000 frames with an index: made once, since building it takes seconds."""
    with django_db_blocker.unblock():
        row, video = EmbedderFactory(dimension=DIMENSION), VideoFactory()
        same = {"video": video, "camera": video.camera, "image": "x", "width_px": 1, "height_px": 1}
        frames = Frame.objects.bulk_create(
            Frame(**same, pts_us=i, tags={"people": i % 10, "lighting": "dark" if i % 2 else "bright"})
            for i in range(COUNT)
        )
        store_frame_vectors(row, [f.pk for f in frames], cloud())
        ensure_index(row, min_rows=1)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE curation_embedding, curation_frame")
        yield row.pk
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {index_name(row, 'frames')}")
        for made in (row, video, video.camera):
            made.delete()


@pytest.fixture
def embedder(indexed, monkeypatch):
    """That embedder, and a router that thinks 500 frames many."""
    monkeypatch.setattr(ways, "EXACT_ROWS", 500)
    return Embedder.objects.get(pk=indexed)


def sought(embedder, query="", number=0):
    parsed = parse_query(query) if query else Everything()
    return Likeness(embedder, "frames", cloud()[number], parsed)


def by_numpy(embedder, number, keep=lambda i: True):
    """Return the ids of all embeddings that are kept, nearest first."""
    mean = np.zeros(DIMENSION) if embedder.mean is None else np.asarray(embedder.mean)
    centred = cloud() - mean
    similarity = centred @ centred[number] / np.linalg.norm(centred, axis=1)
    ids = list(Embedding.objects.order_by("frame_id").values_list("id", flat=True))
    return [ids[i] for i in np.argsort(-similarity) if keep(i)]


def near(likeness, *, limit, after):
    matching = frames_matching(likeness.query).count()
    return nearest(likeness, matching=matching, limit=limit, after=after)


def recall(found, truth):
    return len({one.id for one in found} & set(truth[: len(found)])) / len(found)


@pytest.fixture
def way_taken(monkeypatch):
    """Write down which way each search took."""
    taken = []
    for name in ("_exactly", "_by_index"):
        real = getattr(ways, name)
        monkeypatch.setattr(ways, name, lambda *a, real=real, name=name, **k: (taken.append(name), real(*a, **k))[1])
    return taken


@pytest.mark.parametrize("query", ["", "lighting:dark", "people:>2"])
def test_the_index_answers_where_many_frames_match(embedder, query):
    with ways.asking_the_index(100):
        plan = ways.by_index_order(sought(embedder, query))[:10].explain()

    assert index_name(embedder, "frames") in plan


def test_an_exact_search_never_asks_the_index(embedder):
    plan = ways.exact_order(sought(embedder))[:10].explain()

    assert index_name(embedder, "frames") not in plan


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize(
    "query, keep, way",
    [
        ("", lambda i: True, "_by_index"),
        ("lighting:dark", lambda i: i % 2 == 1, "_by_index"),
        ("people:0", lambda i: i % 10 == 0, "_exactly"),
    ],
)
def test_both_ways_find_the_nearest(embedder, way_taken, query, keep, way, centred):
    if centred:
        refresh_mean(embedder)
    recalls = [
        recall(near(sought(embedder, query, n), limit=10, after=None), by_numpy(embedder, n, keep))
        for n in range(0, 1000, 100)
    ]

    assert set(way_taken) == {way}
    assert np.mean(recalls) >= 0.95


def test_hits_by_the_index_come_in_order(embedder):
    distances = [one.distance for one in near(sought(embedder), limit=50, after=None)]

    assert distances == sorted(distances)


def test_pages_by_the_index_repeat_nothing(embedder, way_taken):
    found, after = [], None
    for _ in range(5):
        page = near(sought(embedder), limit=20, after=after)
        found += page
        after = Place(page[-1].id, page[-1].distance, len(found))

    assert set(way_taken) == {"_by_index"}
    assert len({one.id for one in found}) == 100
    assert recall(found, by_numpy(embedder, 0)) >= 0.95


def test_deep_pages_are_exact(embedder, way_taken, monkeypatch):
    monkeypatch.setattr(ways, "DEEPEST", 30)
    first = near(sought(embedder), limit=30, after=None)
    second = near(sought(embedder), limit=30, after=Place(first[-1].id, first[-1].distance, 30))

    assert way_taken == ["_by_index", "_exactly"]
    assert not {one.id for one in first} & {one.id for one in second}


def test_an_index_that_gives_up_early_is_not_believed(embedder, way_taken, monkeypatch):
    monkeypatch.setattr(ways, "_by_index", lambda likeness, deep: [])

    assert len(near(sought(embedder), limit=10, after=None)) == 10


def test_settings_for_the_index_do_not_outlive_the_search(embedder):
    with transaction.atomic(), connection.cursor() as cursor:
        near(sought(embedder), limit=10, after=None)
        cursor.execute("SHOW hnsw.iterative_scan")
        assert cursor.fetchone() == ("off",)
