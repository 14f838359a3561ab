"""Plans over HTTP: a viewer may ask what a plan would give, and learns what is wrong with it."""

import pytest

from curation.core.sampling import SAMPLERS
from curation.models import Dataset, Frame
from tests.factories import FrameFactory, VideoFactory

URL = "/api/v1/samples/preview/"


@pytest.fixture
def frames(db):
    video = VideoFactory(camera__name="gate")
    return [
        FrameFactory(video=video, pts_us=i * 1_000_000, tags={"lighting": "dark" if i < 4 else "bright"})
        for i in range(20)
    ]


def preview(client, plan, **more):
    return client.post(URL, {"plan": plan, **more}, format="json")


def test_a_viewer_sees_what_a_plan_would_give(viewer, frames):
    response = preview(viewer, {"size": 10, "quotas": ["80% lighting:dark"]})

    assert response.status_code == 200, response.data
    assert response.data["strata"][0] == {
        **{"name": "80% lighting:dark", "wanted": 8, "given": 4, "available": 4, "missing": 4},
        "reason": "There are only 4 such frames.",
    }
    assert (response.data["given"], response.data["is_short"], response.data["candidates"]) == (10, True, 20)
    assert response.data["notes"] == ["All quotas can be met up to a size of 5."]
    assert response.data["frames"] is None
    assert response.data["plan"]["sampler"]["when_short"] == "fill"
    assert not Dataset.objects.exists()


def test_json_text_and_yaml_say_the_same(viewer, frames):
    text = "size: 6\nseed: 2\nuniform: [lighting]\n"
    by_json = preview(viewer, {"size": 6, "seed": 2, "uniform": ["lighting"]}, ids=True)
    by_text = viewer.post(URL, {"text": text, "ids": True}, format="json")
    by_yaml = viewer.post(URL, text, content_type="application/yaml")

    assert by_json.data == by_text.data
    assert len(by_json.data["frames"]) == 6
    assert by_yaml.data == {**by_json.data, "frames": None}


def test_held_frames_do_not_come_and_asking_for_them_is_refused(viewer, frames):
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)

    answer = preview(viewer, {"size": 50}, ids=True).data
    assert frames[0].pk not in answer["frames"]
    assert answer["left_out"] == {"held out": 1}
    for plan in ({"query": "held_out:true"}, {"frames": [frames[0].pk]}, {"query": f"id:{frames[0].pk}"}):
        response = preview(viewer, {"size": 5, **plan})
        assert (response.status_code, response.data["code"]) == (409, "held")


@pytest.mark.parametrize(
    "plan, says",
    [
        ({}, "`size` is missing"),
        ({"size": 5, "quotas": ["40 lighting:dark"]}, "write it as"),
        ({"size": 5, "sampler": {"kind": "cubic"}}, "Valid ones: quota"),
        ({"size": 5, "uniform": ["lihgting"]}, "Valid ones: weather"),
        ({"size": 5, "diversity": True}, "No frame has a vector"),
        ({"size": 5, "quotas": ["40% lighting>dark"]}, "cannot be understood"),
    ],
)
def test_a_plan_that_is_wrong_says_what_would_be_right(viewer, frames, plan, says):
    response = preview(viewer, plan)
    assert response.status_code == 400
    assert says in response.data["detail"]


def test_a_wrong_query_points_at_the_column(viewer, frames):
    response = preview(viewer, {"size": 5, "query": "lighting:dark AND people>0"})
    assert response.status_code == 400
    assert (response.data["error"], response.data["column"], response.data["near"]) == ("query", 19, "people>0")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"plan": {"size": 5}, "text": "size: 5"},
        {"plan": []},
        {"plan": {"size": 5}, "idz": True},
        {"text": "a: &a [x]\nb: *a\n"},
        {"text": "size: .nan"},
        {"text": "[" * 50},
        {"text": "x" * 70_000},
        {"plan": {"size": 5, "name": "x" * 81}},
        [],
    ],
)
def test_odd_bodies_are_refused(viewer, frames, body):
    assert viewer.post(URL, body, format="json").status_code == 400


def test_the_kinds_of_plans_are_listed_with_their_parameters(viewer):
    listed = viewer.get("/api/v1/samplers/").data

    assert [one["kind"] for one in listed["samplers"]] == list(SAMPLERS)
    assert listed["samplers"][0]["parameters"]["properties"]["when_short"]["enum"] == ["fill", "shrink"]
    assert listed["samplers"][0]["help"].endswith("comes as it is.")
    assert listed["constraints"]["properties"]["max_per_video"]["minimum"] == 1
    assert listed["diversity"]["properties"]["candidates"]["default"] == 100_000
    assert "by" in listed["splits"]["properties"]
