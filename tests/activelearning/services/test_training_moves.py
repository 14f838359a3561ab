"""A training that goes on elsewhere is called off there when it is cancelled here, by whichever door."""

import json

import pytest
from django.utils import timezone

from activelearning.services.training_job import train
from activelearning.services.training_moves import cancel_training, resume_training
from activelearning.services.trainings import find_training, request_training
from curation.models import Job
from curation.services import jobs
from curation.services.job_kinds import run_here
from curation.services.jobs import JobError, cancel_job, claim_job
from tests.activelearning.backends.training.test_webhook import farm
from tests.activelearning.lessons import labelled, version_of

__all__ = ["farm"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def training(farm, school, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT_S", 0.0)
    farm.says = [{"state": "running"}]
    options = {"service": "farm", "poll_s": 0.1}
    return request_training(name="far", version=version_of(labelled(8)), trainer="webhook", options=options, here=True)


def told(farm):
    return [json.loads(body) for headers, body in farm.got if headers["Content-Type"] == "application/json"]


def until_sent(training, do):
    """Train here until the service has it, and do something then."""

    def report(progress):
        if progress.doing.startswith("epoch") or (find_training("far").device and not done):
            done.append(do())

    done = []
    run_here(training.job, report=report)


def test_a_worker_that_sees_it_cancelled_calls_it_off(farm, training):
    with pytest.raises(JobError, match="was cancelled"):
        until_sent(training, lambda: cancel_job(job=Job.objects.get(pk=training.job.pk)))
    assert told(farm) == [{"event": "cancelled", "job": "7", "name": "far"}]
    assert find_training("far").error == ""


def test_a_service_that_cannot_be_told_is_named_on_the_training(farm, training):
    def cancel():
        farm.status = 500
        cancel_job(job=Job.objects.get(pk=training.job.pk))

    with pytest.raises(JobError, match="was cancelled"):
        until_sent(training, cancel)
    left = find_training("far")
    assert "but not elsewhere: farm answered 500" in left.error
    assert resume_training(left).error == ""


def test_one_that_no_worker_is_at_is_called_off_by_whoever_cancels_it(
    farm, training, school, django_capture_on_commit_callbacks
):
    folder = school / "data" / training.folder
    folder.mkdir(parents=True)
    (folder / "hook.json").write_text('{"job": "7"}')
    with django_capture_on_commit_callbacks(execute=True):
        cancel_training(training)  # a worker is at it, so it is left to that
    assert told(farm) == []
    resume_training(training)
    assert claim_job(training.job.pk, worker="w1")
    Job.objects.update(lease_until=timezone.now())  # that worker died
    with django_capture_on_commit_callbacks(execute=True):
        cancel_training(training)
    assert len(told(farm)) == 1


def test_a_worker_that_stops_calls_nothing_off(farm, training):
    steps = train(claim_here(training))
    while not find_training("far").device:
        next(steps)
    steps.close()
    assert told(farm) == []


def claim_here(training):
    Job.objects.update(lease_until=None, state="queued")
    return claim_job(training.job.pk, worker="w1")
