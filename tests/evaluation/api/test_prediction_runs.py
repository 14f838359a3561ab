"""Prediction runs over HTTP: asked for, watched, imported from uploads; what is held out stays so."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Frame, Job
from curation.services.job_kinds import run_here
from evaluation.models import Prediction, PredictionRun
from tests.curation.api.test_data_imports import upload
from tests.evaluation.factories import ModelVersionFactory, PredictionFactory, PredictionRunFactory
from tests.evaluation.pictures import drawn_frames, toy_model, version_of
from tests.factories import FrameFactory

URL = "/api/v1/prediction-runs/"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"
    settings.WINNOW_UPLOAD_SPARE_BYTES = 0


@pytest.fixture
def frames():
    return drawn_frames(3)


@pytest.fixture
def version(frames):
    return version_of(frames)


def test_it_is_asked_for_watched_and_there_the_second_time(
    curator, viewer, tmp_path, version, django_capture_on_commit_callbacks
):
    toy_model(tmp_path)
    body = {"model": "toy", "dataset": "roads@1", "max_boxes": 2}
    assert viewer.post(URL, body, format="json").status_code == 403
    with django_capture_on_commit_callbacks() as rung:
        asked = curator.post(URL, body, format="json")
    assert asked.status_code == 202, asked.data
    assert len(rung) == 1
    assert (asked.data["is_done"], asked.data["job"]["state"], asked.data["frame_count"]) == (False, "queued", 3)
    job = Job.objects.get(pk=asked.data["job"]["id"])
    assert curator.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 200
    assert curator.post(f"/api/v1/jobs/{job.pk}/resume/").status_code == 200
    run_here(Job.objects.get(pk=job.pk))
    shown = viewer.get(f"{URL}{asked.data['id']}/").data
    assert (shown["is_done"], shown["box_count"], shown["job"]["done"], shown["job"]["total"]) == (True, 6, 3, 3)
    assert (shown["model"], shown["dataset"], shown["params"]) == (
        "toy", "roads@1", {"min_score": 0.01, "max_boxes": 2}
    )  # fmt: skip
    with django_capture_on_commit_callbacks() as rung:
        again = curator.post(URL, {**body, "dataset": "roads"}, format="json")
    assert (again.status_code, again.data["id"], rung) == (200, shown["id"], [])
    assert [one["id"] for one in viewer.get(f"{URL}?model=toy&done=true").data["results"]] == [shown["id"]]
    assert viewer.get(f"{URL}?version={version.pk}&origin=import").data["results"] == []
    boxes = viewer.get(f"/api/v1/predictions/?run={shown['id']}").data["results"]
    assert len(boxes) == 6
    assert boxes[0]["label"] in ("person", "jacket")


def test_what_was_found_elsewhere_is_uploaded(curator, client_of, frames, version):
    ModelVersionFactory(name="theirs")
    truth = json.dumps({
        "images": [{"id": n, "file_name": frame.image, "width": 64, "height": 48} for n, frame in enumerate(frames)],
        "categories": [{"id": 1, "name": "person"}],
    })  # fmt: skip
    row = {"category_id": 1, "bbox": [1, 1, 9, 9], "score": 0.5}
    results = json.dumps([{**row, "image_id": 0}, {**row, "image_id": 2}, {**row, "image_id": 7}])
    body = {
        "model": "theirs", "dataset": "roads@1", "format": "coco",
        "upload": upload(curator, results.encode(), name="results.json"),
        "truth_upload": upload(curator, truth.encode(), name="truth.json"),
    }  # fmt: skip
    assert client_of("curator", "other").post(f"{URL}import/", body, format="json").status_code == 404
    asked = curator.post(f"{URL}import/", body, format="json")
    assert asked.status_code == 202, asked.data
    run_here(Job.objects.get(pk=asked.data["job"]["id"]))
    shown = curator.get(f"{URL}{asked.data['id']}/").data
    assert (shown["origin"], shown["source"], shown["box_count"]) == ("import", "results.json", 2)
    assert shown["report"]["skipped"] == [
        {"why": "image that the truth does not list", "count": 1, "examples": ["row 3: image_id 7"]}
    ]
    assert curator.post(f"{URL}import/", body, format="json").status_code == 200


def test_mistakes_are_told(curator, tmp_path, frames, version):
    toy_model(tmp_path)
    ModelVersionFactory(name="theirs")
    upload_id = upload(curator, b"{}", name="a.json")
    for body, status in (
        ({}, 400),
        ({"model": "toy"}, 400),
        ({"model": "toy", "dataset": "roads@1", "query": ""}, 400),
        ({"model": "none", "dataset": "roads@1"}, 404),
        ({"model": "toy", "dataset": "none@1"}, 404),
        ({"model": "toy", "query": "nothing:1"}, 400),
        ({"model": "toy", "query": "camera:none"}, 400),
        ({"model": "toy", "query": "", "min_score": "nan"}, 400),
        ({"model": "toy", "query": "", "max_boxes": 0}, 400),
        ({"model": "toy", "query": "", "max_boxs": 1}, 400),
        ({"model": "theirs", "dataset": "roads@1"}, 409),
    ):
        assert curator.post(URL, body, format="json").status_code == status, body
    body = {"model": "theirs", "dataset": "roads@1", "upload": upload_id, "format": "coco"}
    for more, status in (
        ({"format": "voc"}, 400),
        ({"truth_upload": upload_id}, 400),
        ({"upload": "8a7f1c52-0b8e-4f55-9a53-6f0f3d1f6b0e"}, 404),
        ({"is_final": True}, 409),
    ):
        assert curator.post(f"{URL}import/", {**body, **more}, format="json").status_code == status, more
    Frame.objects.update(held_out=True)
    refused = curator.post(URL, {"model": "toy", "dataset": "roads@1"}, format="json")
    assert (refused.status_code, refused.data["code"]) == (409, "held")
    assert not PredictionRun.objects.exists()


def test_boxes_are_filtered_and_those_of_a_hold_out_are_not_shown(viewer):
    run, frame, held = PredictionRunFactory(), FrameFactory(), FrameFactory(held_out=True)
    kept = PredictionFactory(run=run, frame=frame, label="person", score=0.5)
    PredictionFactory(run=run, frame=held)
    PredictionFactory(run=run, frame=frame, label="car", score=0.2)
    url = f"/api/v1/predictions/?run={run.pk}"
    assert len(viewer.get(url).data["results"]) == 2
    for more in ("&label=person", "&min_score=0.4", f"&frame={frame.pk}&label=person"):
        (shown,) = viewer.get(url + more).data["results"]
        assert (shown["id"], shown["box"]) == (kept.pk, [10.0, 20.0, 60.0, 120.0])
    assert viewer.get(f"{url}&frame={held.pk}").data["results"] == []
    assert Prediction.objects.count() == 3


def test_a_list_runs_a_fixed_number_of_queries(viewer):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            viewer.get(URL)
        return len(seen)

    PredictionRunFactory()
    before = queries()
    PredictionRunFactory.create_batch(3)
    assert queries() == before


def test_who_has_no_role_sees_nothing(client_of, client):
    for path in (URL, "/api/v1/predictions/", "/api/v1/models/"):
        assert client_of("", f"none-{len(path)}").get(path).status_code == 403
        assert client.get(path).status_code == 401
