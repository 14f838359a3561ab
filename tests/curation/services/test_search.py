"""Searching: pages that neither lose nor repeat a frame, and likeness that is what numpy says it is."""

from dataclasses import dataclass

import numpy as np
import pytest

from curation.core.query import QueryError
from curation.services.embedding import refresh_mean, store_box_vectors, store_frame_vectors
from curation.services.search import SearchError, search
from tests.factories import (
    DetectionFactory,
    EmbedderFactory,
    EmbeddingFactory,
    FrameFactory,
    VideoFactory,
    unit_vector,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def frames():
    """12 frames, the even ones dark, each with a vector of 8 numbers."""
    embedder, video = EmbedderFactory(dimension=8), VideoFactory()
    made = [FrameFactory(video=video, tags={"lighting": ["dark", "bright"][i % 2], "people": i}) for i in range(12)]
    store_frame_vectors(embedder, [f.pk for f in made], vectors(12))
    return made


@pytest.fixture
def boxes(frames):
    """Two boxes in each of the first four frames."""
    made = [DetectionFactory(frame=frames[i // 2], run__video=frames[0].video) for i in range(8)]
    store_box_vectors(EmbedderFactory(dimension=8), [b.pk for b in made], vectors(8) @ np.eye(8)[::-1])
    return made


def vectors(count):
    return np.stack([unit_vector(8, seed=i) + 1.0 for i in range(count)]).astype(np.float32)


def pages(limit, **asked):
    """Return the pages of a search, read to the end."""
    found, cursor = [], None
    while True:
        page = search(limit=limit, cursor=cursor, **asked)
        found.append(page)
        cursor = page.next_cursor
        if cursor is None:
            return found


def ids(page):
    return [hit.frame.pk for hit in page.hits]


def cosine_to(seed, others):
    return others @ seed / np.linalg.norm(others, axis=1) / np.linalg.norm(seed)


def test_an_empty_query_finds_everything_in_order(frames):
    page = search()

    assert ids(page) == [f.pk for f in frames]
    assert (page.count, page.next_cursor) == (12, None)
    assert all(hit.score is None and hit.detection is None for hit in page.hits)


def test_a_query_filters_and_counts(frames):
    page = search("lighting:dark people:>3", limit=2)

    assert page.count == 4
    assert ids(page) == [frames[4].pk, frames[6].pk]


@pytest.mark.parametrize("limit", [1, 5, 6, 11, 12, 13])
@pytest.mark.parametrize("like", [False, True])
def test_pages_together_are_the_whole(frames, limit, like):
    asked = {"like_frame_id": frames[3].pk} if like else {}
    whole = search(limit=100, **asked)

    found = pages(limit, **asked)

    assert [pk for page in found for pk in ids(page)] == ids(whole)
    assert {page.count for page in found} == {12}
    assert all(len(page.hits) == limit for page in found[:-1])


def test_frames_at_the_same_distance_are_paged_without_loss(frames):
    same = np.repeat(vectors(1), 12, axis=0)
    store_frame_vectors(EmbedderFactory(dimension=8), [f.pk for f in frames], same)

    found = [pk for page in pages(4, like_frame_id=frames[0].pk) for pk in ids(page)]

    assert sorted(found) == [f.pk for f in frames[1:]]


def test_no_frames_are_an_empty_page():
    page = search("lighting:dark")

    assert (page.count, page.hits, page.next_cursor) == (0, [], None)


def test_likeness_is_cosine_similarity_nearest_first(frames):
    page = search(like_frame_id=frames[0].pk)

    similarity = cosine_to(vectors(12)[0], vectors(12))
    order = np.argsort(-similarity)[1:]
    assert ids(page) == [frames[i].pk for i in order]
    assert [hit.score for hit in page.hits] == pytest.approx(similarity[order], abs=2e-3)


def test_likeness_about_the_mean_where_there_is_one(frames):
    embedder = EmbedderFactory(dimension=8)
    refresh_mean(embedder)

    page = search(like_frame_id=frames[0].pk)

    centred = vectors(12) - vectors(12).mean(axis=0)
    similarity = cosine_to(centred[0], centred)
    order = np.argsort(-similarity)[1:]
    assert ids(page) == [frames[i].pk for i in order]
    assert [hit.score for hit in page.hits] == pytest.approx(np.clip(similarity[order], 0, 1), abs=5e-3)


def test_a_vector_at_the_mean_itself_is_not_lost(frames):
    embedder = EmbedderFactory(dimension=8)
    embedder.mean = list(vectors(12)[5])
    embedder.save()

    assert len(search(like_frame_id=frames[0].pk).hits) == 11
    assert len(search(like_frame_id=frames[5].pk).hits) == 11


def test_likeness_within_a_query(frames):
    page = search("lighting:bright", like_frame_id=frames[0].pk)

    assert page.count == 6
    assert sorted(ids(page)) == [f.pk for f in frames[1::2]]


def test_like_a_box_finds_boxes_one_hit_each(frames, boxes):
    page = search("people:<3", like_detection_id=boxes[0].pk)

    assert sorted(hit.detection.pk for hit in page.hits) == [b.pk for b in boxes[1:6]]
    assert all(hit.frame.pk == hit.detection.frame_id for hit in page.hits)
    assert page.count == 3


def test_the_embedder_that_came_last_is_taken_unless_one_is_named(frames):
    other = EmbedderFactory(name="onnx:other", dimension=3)
    EmbeddingFactory(embedder=other, frame=frames[0], vector=[1, 0, 0])
    EmbeddingFactory(embedder=other, frame=frames[7], vector=[1, 0, 0])

    assert ids(search(like_frame_id=frames[0].pk)) == [frames[7].pk]
    assert len(search(like_frame_id=frames[0].pk, embedder="descriptor").hits) == 11
    with pytest.raises(SearchError, match=r"no embedding by onnx:other\. It has one by descriptor"):
        search(like_frame_id=frames[1].pk, embedder="onnx:other")


@dataclass(frozen=True)
class Reader:
    """A text embedder whose texts are the names of axes."""

    name: str = "clip:test"
    version: str = "1"
    dimension: int = 3
    centred: bool = False

    def embed_texts(self, texts):
        return np.eye(3, dtype=np.float32)[[["red", "green", "blue"].index(text) for text in texts]]


def test_text_finds_frames_of_an_embedder_that_reads_text(frames, monkeypatch):
    row = EmbedderFactory(name="clip:test", dimension=3)
    store_frame_vectors(row, [f.pk for f in frames[:3]], np.eye(3, dtype=np.float32))
    monkeypatch.setattr("curation.services.seeds.load_embedder", lambda name: Reader(name))

    page = search(text="green")

    assert ids(page)[0] == frames[1].pk
    assert [hit.score for hit in page.hits] == pytest.approx([1, 0, 0], abs=1e-3)


def test_text_after_the_weights_changed_is_refused(frames, monkeypatch):
    store_frame_vectors(EmbedderFactory(name="clip:test", dimension=3), [frames[0].pk], np.ones((1, 3), np.float32))
    monkeypatch.setattr("curation.services.seeds.load_embedder", lambda name: Reader(name, version="2"))

    with pytest.raises(SearchError, match="weights of clip:test changed"):
        search(text="green")


@pytest.mark.parametrize(
    "asked, code",
    [
        ({"like_frame_id": 10**9}, "not_found"),
        ({"like_detection_id": 10**9}, "not_found"),
        ({"like_frame_id": 10**30}, "not_found"),
        ({"text": "a person"}, "no_text"),
        ({"text": " "}, "bad_request"),
        ({"text": "a person", "embedder": "descriptor"}, "no_text"),
        ({"text": "a person", "embedder": "clip:none"}, "no_embedding"),
        ({"text": "a person", "like_frame_id": 1}, "bad_request"),
        ({"embedder": "descriptor"}, "bad_request"),
        ({"limit": 0}, "bad_request"),
        ({"limit": 501}, "bad_request"),
        ({"cursor": "made up"}, "bad_request"),
    ],
)
def test_what_cannot_be_done_is_a_search_error(frames, asked, code):
    with pytest.raises(SearchError) as caught:
        search(**asked)

    assert caught.value.code == code
    assert str(caught.value)


def test_a_frame_without_embedding_says_what_to_do(frames):
    with pytest.raises(SearchError, match="embed stage") as caught:
        search(like_frame_id=FrameFactory().pk)

    assert caught.value.code == "no_embedding"


def test_a_cursor_is_good_for_its_own_search_only(frames):
    cursor = search(limit=3).next_cursor

    for asked in ({"query": "lighting:dark"}, {"like_frame_id": frames[0].pk}):
        with pytest.raises(SearchError, match="another search"):
            search(cursor=cursor, **asked)
    with pytest.raises(SearchError, match="not one that a search gave"):
        search(cursor=cursor[:-2] + "xx")


def test_a_bad_query_is_a_query_error():
    with pytest.raises(QueryError):
        search("people>0")


def test_a_page_takes_a_fixed_number_of_queries(frames, boxes, django_assert_max_num_queries):
    for asked in ({}, {"like_frame_id": frames[0].pk}, {"like_detection_id": boxes[0].pk}):
        with django_assert_max_num_queries(9):
            for hit in search(**asked).hits:
                assert hit.frame.video.name
                assert hit.frame.camera.name
