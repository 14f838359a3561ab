"""Search over HTTP: the same answers by GET and POST, and errors that point at the fault."""

import pytest

from tests.factories import DetectionFactory, EmbeddingFactory, FrameFactory

URL = "/api/v1/search/"


def _ids(response):
    assert response.status_code == 200, response.data
    return [frame["id"] for frame in response.data["frames"]]


@pytest.fixture
def frames(db):
    return [FrameFactory(tags={"lighting": lighting}) for lighting in ("dark", "bright", "dark", "dark")]


def test_get_and_post_give_the_same(viewer, frames):
    dark = [frame.pk for frame in frames if frame.tags["lighting"] == "dark"]
    by_get = viewer.get(URL, {"query": "lighting:dark"})
    by_post = viewer.post(URL, {"query": "lighting:dark"}, format="json")
    assert _ids(by_get) == _ids(by_post) == dark
    assert by_get.data["count"] == by_post.data["count"] == 3
    assert _ids(viewer.get(URL)) == [frame.pk for frame in frames]
    hit = by_get.data["frames"][0]
    assert (hit["score"], hit["detection"]) == (None, None)
    assert hit["picture"].startswith("http://testserver/api/v1/media/frames/")


def test_pages_follow_each_other(viewer, frames):
    seen, cursor = [], {}
    for _ in range(3):
        page = viewer.get(URL, {"query": "lighting:dark", "limit": 2, **cursor})
        seen += _ids(page)
        if page.data["next_cursor"] is None:
            break
        cursor = {"cursor": page.data["next_cursor"]}
    assert seen == [frames[0].pk, frames[2].pk, frames[3].pk]
    assert viewer.get(URL, {"query": "lighting:bright", **cursor}).status_code == 400
    assert viewer.get(URL, {"cursor": "forged"}).status_code == 400


def test_likeness_gives_scores_and_boxes(viewer, frames):
    boxes = [DetectionFactory(frame=frame) for frame in frames[:3]]
    vectors = ([1, 0, 0, 0], [0, 1, 0, 0], [0.9, 0.1, 0, 0])
    for frame, box, vector in zip(frames, boxes, vectors, strict=False):
        EmbeddingFactory(frame=frame, vector=vector)
        EmbeddingFactory(frame=frame, detection=box, vector=vector)
    alike = viewer.get(URL, {"like": frames[0].pk})
    assert _ids(alike) == [frames[2].pk, frames[1].pk]
    assert alike.data["frames"][0]["score"] == pytest.approx(0.994, abs=0.01)
    by_box = viewer.post(URL, {"like_box": boxes[0].pk, "limit": 1}, format="json")
    assert _ids(by_box) == [frames[2].pk]
    assert by_box.data["frames"][0]["detection"]["id"] == boxes[2].pk
    assert by_box.data["frames"][0]["detections"][0]["box"] == [10.0, 20.0, 60.0, 120.0]


@pytest.mark.parametrize("path", [URL, "/api/v1/frames/"])
def test_a_query_error_points_at_the_column(viewer, path):
    response = viewer.get(path, {"query": "lighting:dark AND people>0"})
    assert response.status_code == 400
    assert (response.data["error"], response.data["column"], response.data["near"]) == ("query", 19, "people>0")
    assert isinstance(response.data["column"], int)
    assert "people:>0" in response.data["message"]


@pytest.mark.parametrize(
    "asked, status",
    [
        ({"like": 999_999}, 404),
        ({"like_box": 999_999}, 404),
        ({"like": 1, "like_box": 1}, 400),
        ({"like": "x"}, 400),
        ({"like": 2**70}, 400),
        ({"limit": 0}, 400),
        ({"limit": 201}, 400),
        ({"limit": "NaN"}, 400),
        ({"query": "x" * 4001}, 400),
        ({"query": "a\0b"}, 400),
        ({"query": "user__password:x"}, 400),
        ({"query": "(" * 500}, 400),
        ({"embedder": "descriptor"}, 400),
        ({"ordering": "id"}, 400),
        ({"text": ""}, 400),
    ],
)
def test_odd_searches_are_refused(viewer, asked, status):
    FrameFactory()
    assert viewer.get(URL, asked).status_code == status
    assert viewer.post(URL, asked, format="json").status_code == status


def test_a_frame_without_vectors_is_a_conflict_that_says_what_to_do(viewer, frames):
    response = viewer.get(URL, {"like": frames[0].pk})
    assert (response.status_code, response.data["code"]) == (409, "no_embedding")


@pytest.mark.parametrize("body", [[], "x", 5])
def test_a_body_that_is_no_object_is_refused(viewer, body):
    assert viewer.post(URL, body, format="json").status_code == 400
