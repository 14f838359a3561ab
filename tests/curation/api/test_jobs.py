"""Jobs over HTTP: listed, shown, cancelled, resumed."""

import pytest

from curation.models import Job
from curation.services.jobs import start_job
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db


def test_a_job_is_listed_with_how_far_it_is(viewer):
    JobFactory(kind="export", state=Job.State.RUNNING, done=3, total=10, doing="picture 3")
    (shown,) = viewer.get("/api/v1/jobs/").data["results"]
    assert (shown["kind"], shown["done"], shown["total"], shown["doing"]) == ("export", 3, 10, "picture 3")


def test_jobs_are_filtered_by_kind_and_state(viewer):
    JobFactory(kind="export")
    JobFactory(kind="import", state=Job.State.DONE)
    assert [j["kind"] for j in viewer.get("/api/v1/jobs/?kind=import").data["results"]] == ["import"]
    assert [j["kind"] for j in viewer.get("/api/v1/jobs/?state=queued").data["results"]] == ["export"]
    assert viewer.get("/api/v1/jobs/?sort=1").status_code == 400


def test_a_curator_cancels_and_resumes_and_a_viewer_does_not(
    viewer, curator, queue, django_capture_on_commit_callbacks
):
    job = start_job(kind="retag", user=None)
    assert viewer.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 403
    assert curator.post(f"/api/v1/jobs/{job.pk}/cancel/").data["state"] == "cancelled"
    again = curator.post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert again.status_code == 409
    assert "is cancelled" in again.data["detail"]
    with django_capture_on_commit_callbacks(execute=True):
        assert curator.post(f"/api/v1/jobs/{job.pk}/resume/").data["state"] == "queued"
    assert queue.job_ids == [f"job-{job.pk}-0"]


def test_a_job_that_is_not_there_is_not_found(curator):
    assert curator.post("/api/v1/jobs/999/cancel/").status_code == 404
