"""Jobs: claimed by one, done in bites, taken up where they stopped, ended once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from curation import tasks
from curation.core.errors import WinnowError
from curation.models import Job
from curation.services import job_kinds, jobs
from curation.services.job_kinds import run_here
from curation.services.jobs import JobError, Lost, Progress, cancel_job, claim_job, due_jobs, resume_job, start_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds(monkeypatch):
    """Register kinds of jobs for one test."""

    def register(**named):
        monkeypatch.setattr(job_kinds, "JOBS", named)

    return register


def count_to(n):
    """A kind that notes each number once it is behind it."""

    def work(job):
        for i in range(job.checkpoint.get("at", 0), n):
            yield Progress(i + 1, n, f"number {i}", checkpoint={"at": i + 1})
        return {"from": job.checkpoint.get("began", 0), "counted": n}

    return work


def fails(error):
    def work(job):
        yield Progress(1, 2, checkpoint={"at": 1})
        raise error

    return work


def test_a_job_is_done_and_leaves_its_result(kinds):
    kinds(count=count_to(3))
    done = run_here(start_job(kind="count", here=True))
    assert (done.state, done.done, done.total, done.result["counted"]) == (Job.State.DONE, 3, 3, 3)
    assert done.finished_at
    assert not due_jobs()


def test_a_job_of_nothing_is_done_too(kinds):
    kinds(count=count_to(0))
    assert run_here(start_job(kind="count", here=True)).result == {"from": 0, "counted": 0}


def test_what_is_done_here_is_not_taken_by_a_worker(kinds):
    kinds(count=count_to(3))
    job = start_job(kind="count", here=True)
    assert claim_job(job.pk, worker="other") is None
    assert not due_jobs()


def test_a_command_line_that_died_leaves_its_job_to_the_workers(kinds):
    job = start_job(kind="count", here=True)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert due_jobs() == [job.pk]
    assert claim_job(job.pk, worker="other").attempt == 2


def test_a_queued_job_is_claimed_once(kinds):
    job = start_job(kind="count")
    assert due_jobs() == [job.pk]
    assert claim_job(job.pk, worker="a").attempt == 1
    assert claim_job(job.pk, worker="b") is None


def test_after_a_bite_the_next_worker_goes_on_from_the_checkpoint(kinds):
    start_job(kind="count")
    (job_id,) = due_jobs()
    first = claim_job(job_id, worker="a")
    assert not jobs.work_on(first, count_to(3), bite_s=0)
    second = claim_job(job_id, worker="b")
    assert second.checkpoint == {"at": 1}
    assert jobs.work_on(second, count_to(3), bite_s=None)
    assert Job.objects.get().result["counted"] == 3


def test_a_bite_ends_only_at_a_checkpoint(kinds):
    def work(job):
        yield Progress(1, 3)
        yield Progress(2, 3, checkpoint={"at": 2})
        yield Progress(3, 3)
        return {}

    job = claim_job(start_job(kind="any").pk, worker="a")
    assert not jobs.work_on(job, work, bite_s=0)
    assert Job.objects.get().done == 2


def test_a_cancelled_job_stops_at_its_next_step_and_goes_on_when_resumed(kinds, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT_S", 0.0)

    def work(job):
        yield Progress(1, 2, checkpoint={"at": 1})
        cancel_job(job=job)
        yield Progress(2, 2, checkpoint={"at": 2})
        raise AssertionError("it must not come here")

    job = claim_job(start_job(kind="any").pk, worker="a")
    with pytest.raises(Lost):
        jobs.work_on(job, work)
    assert Job.objects.get().state == Job.State.CANCELLED
    assert Job.objects.get().checkpoint == {"at": 1}
    assert resume_job(job=job).state == Job.State.QUEUED


def test_an_attempt_that_was_given_up_writes_nothing_more(kinds):
    old = claim_job(start_job(kind="count").pk, worker="a")
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert claim_job(old.pk, worker="b")
    with pytest.raises(Lost):
        jobs.work_on(old, count_to(1))
    assert Job.objects.get().state == Job.State.RUNNING


def test_an_error_for_people_ends_the_job_at_once_and_tells_them(kinds):
    kinds(bad=fails(WinnowError("The folder is empty. Name another.")))
    job = start_job(kind="bad")
    tasks.do_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "The folder is empty. Name another.")
    assert job.finished_at


def test_any_other_error_is_tried_three_times_from_the_checkpoint(kinds, settings):
    settings.WINNOW_RETRY_S = 0
    kinds(bad=fails(OSError("disk")))
    job = start_job(kind="bad")
    for state in (Job.State.QUEUED, Job.State.QUEUED, Job.State.FAILED):
        with pytest.raises(OSError, match="disk"):
            tasks.do_job(job.pk)
        job.refresh_from_db()
        assert job.state == state
    assert job.error == "OSError: disk"
    assert job.checkpoint == {"at": 1}


def test_a_kind_that_is_gone_fails_with_those_that_are_there(kinds, settings):
    settings.WINNOW_JOB_KINDS = {"test": "evaluation.services.testing.test"}
    kinds(count=count_to(1))
    job = start_job(kind="old")
    tasks.do_job(job.pk)
    job.refresh_from_db()
    assert job.error == "There is no kind of job 'old'. There are: count, test."


def test_an_interrupt_says_how_to_go_on(kinds):
    kinds(stop=fails(KeyboardInterrupt()))
    job = start_job(kind="stop", here=True)
    with pytest.raises(KeyboardInterrupt):
        run_here(job)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert f"jobs resume {job.pk}" in job.error


def test_only_what_is_open_is_cancelled_and_only_what_stopped_is_resumed(kinds):
    job = start_job(kind="count")
    with pytest.raises(JobError, match="is queued"):
        resume_job(job=job)
    cancel_job(job=job)
    with pytest.raises(JobError, match="is cancelled"):
        cancel_job(job=job)


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_a_job_bite_by_bite_without_waiting_for_the_reconciler(kinds, queue, monkeypatch):
    from rq import SimpleWorker
    from rq.serializers import JSONSerializer

    from curation.doorbell import ring_job

    kinds(count=count_to(3))
    monkeypatch.setattr(tasks, "work_on", lambda job, kind, **_: jobs.work_on(job, kind, bite_s=0))
    job = start_job(kind="count")
    assert ring_job(job.pk) == 1
    assert ring_job(job.pk) == 0  # it hangs there already
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.result["counted"]) == (Job.State.DONE, 4, 3)


def test_a_job_that_must_wait_leaves_the_worker_free_and_goes_on_from_its_checkpoint(kinds, monkeypatch):
    def work(job):
        if "asked" not in job.checkpoint:
            yield Progress(1, 2, "waiting", checkpoint={"asked": True}, again_in_s=3600)
        yield Progress(2, 2)
        return {}

    kinds(patient=work)
    job = start_job(kind="patient")
    tasks.do_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.doing, due_jobs()) == (Job.State.QUEUED, "waiting", [])
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.do_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.DONE, 2)
    # On a command line it is waited for.
    slept = []
    monkeypatch.setattr(jobs.time, "sleep", slept.append)
    assert run_here(start_job(kind="patient", here=True)).state == Job.State.DONE
    assert slept == [3600]
