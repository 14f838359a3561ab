"""Label reviews over HTTP: listed, opened, decided, and by whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Annotation
from curation.services.datasets import create_version
from evaluation.models import LabelReview
from tests.evaluation.factories import LabelReviewFactory, ScenarioResultFactory, TestRunFactory
from tests.evaluation.world import seen, visits
from tests.factories import FrameFactory

URL = "/api/v1/label-reviews/"
pytestmark = pytest.mark.django_db


def ids(answer):
    return [row["id"] for row in answer.data["results"]]


def test_the_most_suspect_come_first_and_pages_follow(viewer):
    rows = [LabelReviewFactory(suspicion=value) for value in (0.5, 0.9, 0.9, 0.7)]
    order = [rows[2].pk, rows[1].pk, rows[3].pk, rows[0].pk]
    assert ids(viewer.get(URL)) == order
    first = viewer.get(URL, {"limit": 2})
    assert ids(first) + ids(viewer.get(first.data["next"])) == order
    assert viewer.get(URL, {"cursor": "cD1hYmM="}).status_code == 404


def test_filters(viewer):
    run, frame = TestRunFactory(), FrameFactory()
    one = LabelReviewFactory(frame=frame, kind="missing", label="car", suspicion=0.6, test_run=run, state="wrong")
    LabelReviewFactory()
    for asked in (
        {"state": "wrong"}, {"kind": "missing"}, {"label": "car"}, {"frame": frame.pk}, {"video": frame.video_id},
        {"test_run": run.pk},
    ):  # fmt: skip
        assert ids(viewer.get(URL, asked)) == [one.pk], asked
    assert len(ids(viewer.get(URL, {"min_suspicion": 0.7}))) == 1
    for wrong in ({"state": "maybe"}, {"kind": "x"}, {"user": 1}, {"min_suspicion": "x"}):
        assert viewer.get(URL, wrong).status_code == 400


def test_a_review_is_shown_whole(viewer):
    review = LabelReviewFactory()
    answer = viewer.get(f"{URL}{review.pk}/").data
    assert answer | {"opened_at": 0} == {
        "id": review.pk, "frame": review.frame_id, "kind": "spurious", "label": "person",
        "box": [10.0, 20.0, 60.0, 120.0], "suspicion": 0.9, "reasons": ["two models see nothing here"], "state": "open",
        "note": "", "test_run": None, "opened_by": None, "opened_at": 0, "decided_by": None, "decided_at": None,
    }  # fmt: skip
    assert viewer.get(f"{URL}999999/").status_code == 404


def test_a_page_costs_the_same_however_long(viewer):
    counts = []
    for number in (1, 20):
        LabelReviewFactory.create_batch(number)
        with CaptureQueriesContext(connection) as queries:
            viewer.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_curator_decides(curator):
    review = LabelReviewFactory()
    answer = curator.post(f"{URL}{review.pk}/decide/", {"state": "wrong", "note": "a mannequin"}, format="json")
    assert (answer.status_code, answer.data["state"], answer.data["decided_by"]) == (200, "wrong", "a-curator")
    assert LabelReview.objects.get().note == "a mannequin"
    assert curator.post(f"{URL}{review.pk}/decide/", {"state": "maybe"}, format="json").status_code == 400
    assert curator.post(f"{URL}999999/decide/", {"state": "right"}, format="json").status_code == 404


def test_suspect_labels_are_looked_for_and_sent(curator):
    frames = visits(8)
    Annotation.objects.filter(frame=frames[4]).update(label="car")
    version = create_version(dataset="street", frame_ids=[frame.pk for frame in frames])
    seen(version, "v1")
    asked = {"dataset": "street@1", "models": ["v1"]}
    answer = curator.post(URL, asked, format="json")
    assert (answer.status_code, answer.data) == (201, {"opened": 1, "known": 0})
    review = LabelReview.objects.get()
    assert (review.kind, review.frame_id, review.opened_by.username) == ("wrong_label", frames[4].pk, "a-curator")
    assert curator.post(URL, asked, format="json").data == {"opened": 0, "known": 1}


def test_where_a_test_run_was_is_looked_at(curator):
    frames = visits(8)
    Annotation.objects.filter(frame=frames[4]).update(label="car")
    version = create_version(dataset="street", frame_ids=[frame.pk for frame in frames])
    run = TestRunFactory(model=seen(version, "v1"), version=version)
    ScenarioResultFactory(run=run, name="night", record={"query": "lighting:dark"})
    of_night = curator.post(URL, {"test_run": run.pk, "scenario": "night"}, format="json")
    assert (of_night.status_code, of_night.data) == (201, {"opened": 0, "known": 0})
    assert curator.post(URL, {"test_run": run.pk}, format="json").data == {"opened": 1, "known": 0}
    assert LabelReview.objects.get().test_run == run
    wrong = curator.post(URL, {"test_run": run.pk, "scenario": "x"}, format="json")
    assert (wrong.status_code, "It has: night" in str(wrong.data)) == (400, True)


@pytest.mark.parametrize(
    "body, status, said",
    [
        ({}, 400, "Give either"),
        ({"dataset": "street@1"}, 400, "Give either"),
        ({"dataset": "street@1", "models": ["v1"], "scenario": "night"}, 400, "goes with `test_run`"),
        ({"test_run": 999_999}, 400, "There is no test run"),
        ({"test_run": 1, "query": "x"}, 400, "goes with `dataset`"),
        ({"dataset": "street@1", "models": []}, 400, "may not be empty"),
        ({"dataset": "nowhere@1", "models": ["v1"]}, 404, "There is no dataset"),
        ({"dataset": "street@1", "models": ["v9"]}, 404, "There is no model"),
        ({"dataset": "street@1", "models": ["v1"], "query": "people>0"}, 400, "Write people:>0"),
        ({"dataset": "street@1", "models": ["v1"], "min_suspicion": 2}, 400, "less than or equal to 1"),
    ],
)
def test_what_cannot_be_asked_for(curator, body, status, said):
    version = create_version(dataset="street", frame_ids=[frame.pk for frame in visits(2)])
    seen(version, "v1")
    answer = curator.post(URL, body, format="json")
    assert answer.status_code == status
    assert said in str(answer.data)


def test_a_viewer_only_looks(viewer, client):
    review = LabelReviewFactory()
    assert viewer.post(URL, {"dataset": "a@1", "models": ["b"]}, format="json").status_code == 403
    assert viewer.post(f"{URL}{review.pk}/decide/", {"state": "right"}, format="json").status_code == 403
    assert client.get(URL).status_code == 401
