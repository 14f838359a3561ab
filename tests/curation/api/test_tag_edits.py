"""Tag edits over HTTP: one frame, several, a query, undone; the trail."""

import uuid

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Frame, Job, TagEdit
from curation.services import tag_edit_jobs
from curation.services.conditions import save_conditions
from curation.services.job_kinds import run_here
from tests.factories import FrameFactory, TagEditFactory, VideoFactory

URL = "/api/v1/tag-edits/"
FACTORS = {"weather": {"from": "people", "values": ["rain", "dry"]}, "wet": {"kind": "boolean", "from": "people"}}


@pytest.fixture
def frames(db):
    save_conditions(text=yaml.safe_dump({"name": "mine", "factors": FACTORS}))
    video = VideoFactory()
    return [FrameFactory(video=video) for _ in range(3)]


def post(client, url=URL, **body):
    return client.post(url, body, format="json")


def weather():
    return [frame.tags.get("weather") for frame in Frame.objects.order_by("pk")]


def test_one_frame_is_edited_in_its_own_place(curator, frames):
    url = f"/api/v1/frames/{frames[0].pk}/tags/"
    answer = curator.patch(url, {"changes": {"weather": "rain", "wet": True}, "note": "seen"}, format="json")
    assert (answer.status_code, answer.data["tags"]) == (200, {"weather": "rain", "wet": True})
    assert answer.data["evidence"]["weather"]["by"] == "a-curator"
    answer = curator.patch(url, {"changes": {"wet": None}}, format="json")
    assert answer.data["tags"] == {"weather": "rain"}
    assert TagEdit.objects.count() == 3


def test_frames_are_edited_by_number_and_by_query_and_a_batch_is_undone(curator, frames):
    some = post(curator, frames=[f.pk for f in frames[:2]], changes={"weather": "rain"}, note="by eye")
    assert some.status_code == 201
    assert {k: v for k, v in some.data.items() if k != "batch"} == {"frames": 2, "edits": 2, "changed": 2, "job": None}
    rest = post(curator, query="NOT weather:rain", changes={"weather": "dry"})
    assert (rest.status_code, rest.data["frames"], weather()) == (201, 1, ["rain", "rain", "dry"])
    undone = post(curator, URL + "undo/", batch=some.data["batch"])
    assert (undone.status_code, undone.data["changed"], weather()) == (201, 2, [None, None, "dry"])
    assert undone.data["batch"] != some.data["batch"]


def test_the_trail_is_listed_newest_first_and_filtered(curator, viewer, frames):
    first = post(curator, frames=[frames[0].pk], changes={"weather": "rain"}, note="by eye").data["batch"]
    post(curator, frames=[frames[0].pk], changes={"weather": "dry", "wet": False})
    page = viewer.get(URL, {"frame": frames[0].pk, "factor": "weather"}).data["results"]
    assert [(row["before"], row["value"]) for row in page] == [("rain", "dry"), (None, "rain")]
    assert page[1] | {"id": 0, "created_at": 0} == {
        "id": 0, "frame": frames[0].pk, "factor": "weather", "value": "rain", "before": None, "batch": first,
        "note": "by eye", "by": "a-curator", "created_at": 0,
    }  # fmt: skip
    assert len(viewer.get(URL, {"batch": first}).data["results"]) == 1
    assert len(viewer.get(URL, {"by": "a-curator"}).data["results"]) == 3
    assert viewer.get(URL, {"by": "nobody"}).data["results"] == []
    assert viewer.get(URL, {"batch": "x"}).status_code == 400
    assert viewer.get(URL, {"user": "x"}).status_code == 400


def test_a_page_costs_the_same_however_long(viewer, frames):
    counts = []
    for number in (1, 30):
        for _ in range(number):
            TagEditFactory(frame=frames[0])
        with CaptureQueriesContext(connection) as queries:
            viewer.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "body, status, said",
    [
        ({"changes": {"weather": "rain"}}, 400, "Give either `frames` (ids) or `query`"),
        ({"frames": [1], "query": "", "changes": {"weather": "rain"}}, 400, "Give either"),
        ({"frames": [], "changes": {"weather": "rain"}}, 400, "may not be empty"),
        ({"frames": ["x"], "changes": {"weather": "rain"}}, 400, "A valid integer"),
        ({"frames": [2**63], "changes": {"weather": "rain"}}, 400, "more than 63 bits"),
        ({"query": "", "changes": {}}, 400, "may not be empty"),
        ({"query": "", "changes": {"wether": "rain"}}, 400, "There is no factor 'wether'. There are: blur"),
        ({"query": "", "changes": {"weather": "hail"}}, 400, "it is one of rain, dry"),
        ({"query": "", "changes": {"wet": {"a": 1}}}, 400, "it is true or false"),
        ({"query": "people>0", "changes": {"wet": True}}, 400, "Write people:>0"),
        ({"query": "", "changes": {"wet": True}, "note": "x" * 201}, 400, "no more than 200"),
        ({"frames": [999_999], "changes": {"wet": True}}, 404, "There is no frame 999999"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(curator, frames, body, status, said):
    answer = post(curator, **body)
    assert answer.status_code == status
    assert said in str(answer.data)
    assert not TagEdit.objects.exists()


def test_what_cannot_be_undone(curator, frames):
    assert post(curator, URL + "undo/", batch=str(uuid.uuid4())).status_code == 404
    assert post(curator, URL + "undo/", batch="x").status_code == 400
    assert curator.patch("/api/v1/frames/999999/tags/", {"changes": {"wet": True}}, format="json").status_code == 404


def test_many_frames_are_a_job(curator, frames, queue, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(tag_edit_jobs, "AT_ONCE", 2)
    with django_capture_on_commit_callbacks(execute=True):
        asked = post(curator, query="", changes={"weather": "rain"})
    assert asked.status_code == 202
    assert (asked.data["frames"], asked.data["edits"], weather()) == (3, None, [None] * 3)
    assert queue.job_ids == [f"job-{asked.data['job']}-0"]
    done = run_here(Job.objects.get(pk=asked.data["job"]))
    assert (done.result["batch"], weather()) == (asked.data["batch"], ["rain"] * 3)
    undo = post(curator, URL + "undo/", batch=asked.data["batch"])
    assert undo.status_code == 202
    run_here(Job.objects.get(pk=undo.data["job"]))
    assert weather() == [None] * 3


def test_a_viewer_says_nothing(viewer, frames):
    assert post(viewer, frames=[frames[0].pk], changes={"wet": True}).status_code == 403
    assert post(viewer, URL + "undo/", batch=str(uuid.uuid4())).status_code == 403
    url = f"/api/v1/frames/{frames[0].pk}/tags/"
    assert viewer.patch(url, {"changes": {"wet": True}}, format="json").status_code == 403
