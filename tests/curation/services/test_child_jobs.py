"""Jobs that a job needs: done in between, waited for where somebody has them, and never taken for the caller's own."""

import pytest

from curation.core.errors import WinnowError
from curation.models import Job
from curation.services import child_jobs, job_kinds, jobs
from curation.services.child_jobs import seen_through
from curation.services.jobs import Progress, cancel_job, claim_job, start_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(monkeypatch):
    """Start a job of a kind that is there for one test."""

    def start(work):
        monkeypatch.setattr(job_kinds, "JOBS", {"child": work})
        return start_job(kind="child")

    return start


def two_steps(job):
    yield Progress(1, 2, "one", checkpoint={"at": 1})
    yield Progress(2, 2, "two", checkpoint={"at": 2})
    return {"counted": 2}


def ended(steps):
    """Return what a generator yields, and what it returns."""
    told = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as end:
            return told, end.value


def test_it_is_done_step_by_step_and_keeps_its_checkpoints_to_itself(child):
    told, job = ended(seen_through(child(two_steps)))
    assert told == [Progress(1, 2, "one"), Progress(2, 2, "two")]
    assert (job.state, job.result) == (Job.State.DONE, {"counted": 2})


def test_of_one_that_is_done_nothing_is_done(child):
    job = child(two_steps)
    Job.objects.update(state=Job.State.DONE)
    job.refresh_from_db()
    assert ended(seen_through(job)) == ([], job)


@pytest.mark.parametrize(
    "error,said", [(WinnowError("Name a folder."), "Name a folder."), (OSError("disk"), "OSError: disk")]
)
def test_what_ends_it_is_recorded_and_raised(child, error, said):
    def fails(job):
        yield Progress(1, 2)
        raise error

    job = child(fails)
    with pytest.raises(type(error)):
        ended(seen_through(job))
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, said)


def test_one_that_a_worker_has_is_waited_for(child, monkeypatch):
    job = child(two_steps)
    other = claim_job(job.pk, worker="other")
    monkeypatch.setattr(child_jobs.time, "sleep", lambda _: jobs.work_on(other, two_steps))
    told, job = ended(seen_through(job))
    assert told == [Progress(2, 2, f"waiting for job {job.pk}")]
    assert (job.state, job.worker) == (Job.State.DONE, "other")


def test_one_that_is_cancelled_meanwhile_does_not_stop_the_caller(child, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT_S", 0.0)

    def work(job):
        yield Progress(1, 2, checkpoint={})
        cancel_job(job=job)
        yield Progress(2, 2, checkpoint={})
        raise AssertionError("it must not come here")

    _, job = ended(seen_through(child(work)))
    assert job.state == Job.State.CANCELLED


def test_a_caller_that_is_stopped_leaves_it_to_the_workers_at_once(child):
    job = child(two_steps)
    steps = seen_through(job)
    next(steps)
    next(steps)
    steps.close()
    assert claim_job(job.pk, worker="other").checkpoint == {"at": 1}
