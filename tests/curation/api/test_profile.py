"""Profiles over HTTP: the same by GET and POST, what they hold, and errors that say what to do."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.services.conditions import save_conditions
from tests.factories import CascadeFactory, DatasetFrameFactory, DatasetVersionFactory, FrameFactory, RunFactory

URL = "/api/v1/profile/"
CONDITIONS = """
name: yard
factors:
  lighting: {values: [dark, dim, bright], expected: {dark: 0.5, bright: 0.5}}
  weather: {values: [dry, rain], from: people}
critical:
- {name: rainy night, when: {lighting: dark, weather: rain}, least_frames: 3}
"""


@pytest.fixture
def frames(db):
    save_conditions(text=CONDITIONS)
    tags = [{"lighting": "dark", "weather": "rain"}, {"lighting": "bright", "weather": "dry"}, {"lighting": "bright"}]
    return [FrameFactory(tags=t) for t in tags]


def test_get_and_post_give_the_same(viewer, frames):
    asked = {"query": "lighting:bright", "pairs": ["lighting,weather", "camera,time"]}
    by_get, by_post = viewer.get(URL, asked), viewer.post(URL, asked, format="json")
    assert by_get.status_code == by_post.status_code == 200, by_get.data
    assert by_get.data == by_post.data
    assert (by_get.data["frames"], by_get.data["conditions"]) == (2, "yard")
    assert [pair["first"] for pair in by_get.data["pairs"]] == ["lighting", "camera"]
    lighting = by_get.data["factors"][0]
    assert [(v["value"], v["frames"], v["expected"]) for v in lighting["values"]] == [
        ("dark", 0, 0.5),
        ("dim", 0, 0.0),
        ("bright", 2, 0.5),
    ]
    gap = by_get.data["gaps"][0]
    assert (gap["kind"], gap["elsewhere"]) == ("critical", 1)
    assert viewer.post("/api/v1/search/", {"query": gap["query"]}, format="json").data["count"] == 1


def test_beside_a_version(viewer, frames):
    version = DatasetVersionFactory(dataset__name="roads", number=2)
    DatasetFrameFactory(version=version, frame=frames[0])
    found = viewer.get(URL, {"against": "roads@2", "by_time": "false"}).data
    assert (found["against"], found["against_frames"], found["time"]) == ("roads@2", 1, None)
    assert found["differences"][0]["text"] == "lighting: bright is 66.7% of these frames and 0.0% of roads@2."


def test_a_query_error_points_at_the_column(viewer, frames):
    response = viewer.get(URL, {"query": "lighting:dark AND people>0"})
    assert response.status_code == 400
    assert (response.data["error"], response.data["column"], response.data["near"]) == ("query", 19, "people>0")


@pytest.mark.parametrize(
    "asked, says",
    [
        ({"pairs": ["lighting,wether"]}, "Valid ones: lighting, weather, camera, time."),
        ({"pairs": ["lighting,lighting"]}, "two different factors"),
        ({"pairs": ["lighting"]}, "Write two factors with a comma between them"),
        ({"pairs": ["a,b,c"]}, "Write two factors"),
        ({"pairs": ["lighting,weather"] * 21}, "no more than 20"),
        ({"pair": "lighting,weather"}, "There is no such parameter. Valid ones: query, against, pairs, by_time."),
        ({"by_time": "perhaps"}, "valid boolean"),
        ({"query": "x" * 4001}, "4000"),
        ({"against": "x" * 101}, "100"),
    ],
)
def test_odd_profiles_are_refused_with_what_would_be_right(viewer, frames, asked, says):
    for response in (viewer.get(URL, asked), viewer.post(URL, asked, format="json")):
        assert response.status_code == 400
        assert says in str(response.data)


def test_a_version_that_is_not_there_is_404_and_says_what_is(viewer, frames):
    DatasetVersionFactory(dataset__name="roads", number=2)
    response = viewer.get(URL, {"against": "roads@7"})
    assert response.status_code == 404
    assert "its versions go from 1 to 2" in response.data["detail"]


@pytest.mark.parametrize("body", [[], "x", 5, {"pairs": "lighting,weather"}, {"pairs": {"a": 1}}])
def test_a_body_of_another_shape_is_refused(viewer, frames, body):
    assert viewer.post(URL, body, format="json").status_code == 400


def test_an_empty_installation_has_a_profile(viewer):
    assert viewer.get(URL).data["frames"] == 0


def test_the_number_of_queries_does_not_grow_with_the_frames(viewer, frames):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert viewer.get(URL, {"pairs": ["lighting,weather"]}).status_code == 200
        return len(queries)

    few = count()
    for _ in range(10):
        FrameFactory(tags={"lighting": "dim"})
    assert count() <= few


def test_the_whole_footage(viewer, db):
    assert viewer.get(f"{URL}footage/").data["motion"] is None
    spec = {"name": "people", "stages": [{"name": "people", "kind": "objects", "classes": ["person"]}]}
    stages = [{"name": "people", "cpu_s": 1.0, "duration_s": 9.0, "class_s": {"person": 6.0}}]
    RunFactory(cascade=CascadeFactory(name="people"), spec=spec, stages=stages)
    found = viewer.get(f"{URL}footage/").data
    assert (found["total_s"], found["done_s"], found["runs_to_count"]) == (60.0, 60.0, 0)
    assert found["people"] == {
        **{"name": "person", "seconds": 6.0, "footage_s": 60.0, "share": 0.1, "videos": 1, "by_the_way": False}
    }
