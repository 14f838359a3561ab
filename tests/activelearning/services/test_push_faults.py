"""A push through a network and workers that fail: on the server there is always exactly one task a frame."""

import os
import signal
import subprocess
import sys
import time

import pytest

from activelearning.backends.labelstudio import LabelStudioError
from activelearning.models import LabelTask
from activelearning.services.pushing import push, request_push
from curation.models import Job
from curation.services.jobs import claim_job, work_on
from tests.activelearning.studio import batch_for, connected, frames_of, keys_here, keys_there, project_at, pushed
from tests.config.machine import ROOT, wait_for
from tests.faulty_proxy import proxy_before

WORKER = "import django; django.setup(); from curation.tasks import do_job; do_job({job})"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.WINNOW_RETRY_S = 0.05


@pytest.fixture
def proxy(label_studio):
    with proxy_before(label_studio.url) as found:
        yield found


@pytest.fixture
def project(label_studio, proxy, db):
    return project_at(connected(proxy.url, label_studio.token))


def taken_up(job):
    """Claim a job as a worker does, even where another one still has it."""
    Job.objects.filter(pk=job.pk).update(state="queued", lease_until=None)
    return claim_job(job.pk, worker="test")


def assert_one_each(label_studio, project, batch):
    assert keys_there(label_studio, project) == keys_here(batch)
    numbers = {task["data"]["winnow"]: task["id"] for task in label_studio.tasks(project.number)}
    rows = batch.tasks.exclude(state="dropped")
    assert {str(task.key): task.number for task in rows} == numbers
    assert {task.state for task in rows} == {"sent"}
    assert {task["data"]["frame_id"] for task in label_studio.tasks(project.number)} == {task.frame_id for task in rows}


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 504}, {"status": 502}, {"down": True}, {"status": 429}])
def test_an_import_whose_answer_is_lost(label_studio, proxy, project, fault):
    hit = proxy.once("POST", "/import", **fault)
    batch = pushed(batch_for(project, frames_of(5)))
    assert hit
    assert_one_each(label_studio, project, batch)
    assert batch.job.result["twins_deleted"] == 0
    assert proxy.times("POST", "/import") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/tasks", "/api/projects/", "/api/webhooks"])
def test_a_look_that_fails(label_studio, proxy, project, path):
    hit = proxy.once("GET", path, status=504)
    batch = batch_for(project, frames_of(3))
    pushed(batch)
    assert hit
    assert_one_each(label_studio, project, batch)


@pytest.mark.django_db
def test_a_server_that_is_down_for_a_while(label_studio, proxy, project):
    down = []

    def fault(asked):
        asked.down = len(down) < 6
        down.append(asked.path)

    batch = batch_for(project, frames_of(3))
    proxy.faults.append(fault)
    pushed(batch)
    assert len(down) > 6
    assert_one_each(label_studio, project, batch)


@pytest.mark.django_db
def test_a_worker_that_waits_for_the_server_is_free_meanwhile(label_studio, proxy, project, settings):
    settings.WINNOW_RETRY_S = 30
    batch = batch_for(project, frames_of(3))
    job = request_push(batch=batch)
    proxy.once("POST", "/import", down=True)
    assert work_on(claim_job(job.pk, worker="test"), push) is False
    job.refresh_from_db()
    assert job.state == "queued"
    assert "trying again in 30 s" in job.doing
    assert job.checkpoint["failures"] == 1
    settings.WINNOW_RETRY_S = 0
    while not work_on(taken_up(job), push):
        pass
    assert_one_each(label_studio, project, batch)


@pytest.mark.django_db
def test_an_import_that_is_done_after_we_gave_it_up_leaves_no_twin(label_studio, proxy, project):
    batch = batch_for(project, frames_of(5))
    tasks = [{"data": {"image": "x", "winnow": str(task.key), "frame_id": task.frame_id}} for task in batch.tasks.all()]
    late = []

    def fault(asked):
        # The server comes to the end of the import that we gave up, just after we looked what is there.
        if proxy.times("POST", "/import") and asked.method == "GET" and not late:
            late.append(asked)
            asked.after = lambda: label_studio.ask("POST", f"/api/projects/{project.number}/import", json=tasks)

    proxy.once("POST", "/import", down=True)
    proxy.faults.append(fault)
    pushed(batch)
    assert late
    assert_one_each(label_studio, project, batch)
    assert batch.job.result["twins_deleted"] == 5


@pytest.mark.django_db
def test_of_twins_the_one_that_was_answered_stays(label_studio, project):
    batch = pushed(batch_for(project, frames_of(2)))
    first, second = batch.tasks.order_by("id")
    for task in (first, second):
        copy = {"data": {"image": "x", "winnow": str(task.key), "frame_id": task.frame_id}}
        label_studio.ask("POST", f"/api/projects/{project.number}/import", json=[copy])
    twin = max(one["id"] for one in label_studio.tasks(project.number))
    label_studio.ask("POST", f"/api/tasks/{twin}/annotations/", json={"result": []})
    batch.tasks.update(state="waiting", number=None)
    pushed(batch)
    assert_one_each(label_studio, project, batch)
    assert batch.tasks.get(pk=second.pk).number == twin
    assert batch.tasks.get(pk=first.pk).number == first.number


@pytest.mark.django_db
def test_two_answered_twins_are_both_kept_and_named(label_studio, project):
    batch = pushed(batch_for(project, frames_of(1)))
    task = batch.tasks.get()
    copy = {"data": {"image": "x", "winnow": str(task.key)}}
    label_studio.ask("POST", f"/api/projects/{project.number}/import", json=[copy])
    for one in label_studio.tasks(project.number):
        label_studio.ask("POST", f"/api/tasks/{one['id']}/annotations/", json={"result": []})
    batch.tasks.update(state="waiting", number=None)
    pushed(batch)
    assert len(label_studio.tasks(project.number)) == 2
    assert batch.job.result["answered_twice"] == [task.pk]
    assert "Two tasks of this frame" in batch.tasks.get().note


@pytest.mark.django_db
@pytest.mark.parametrize(
    "place",
    [
        "push_sending._written_down", "push_sending._begin", "push_sending.reconcile", "push_sending.import_tasks",
        "pushing.keep_webhook", "pushing._finish",
    ],
)  # fmt: skip
def test_work_that_breaks_off_anywhere_goes_on(label_studio, project, monkeypatch, place):
    batch = batch_for(project, frames_of(4))
    job = request_push(batch=batch)

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"activelearning.services.{place}", killed)
        with pytest.raises(KeyboardInterrupt):
            work_on(taken_up(job), push)
    while not work_on(taken_up(job), push):
        pass
    assert_one_each(label_studio, project, batch)
    batch.refresh_from_db()
    assert batch.state == "sent"


@pytest.mark.django_db
def test_a_worker_that_lost_its_job_writes_nothing_and_sends_nothing(label_studio, proxy, project):
    batch = batch_for(project, frames_of(3))
    job = request_push(batch=batch)
    old = claim_job(job.pk, worker="slow")
    work = push(old)
    next(work)  # asking
    new = taken_up(job)
    with pytest.raises(Exception, match="attempt 1"):
        list(work)
    assert proxy.times("POST", "/import") == 0
    while not work_on(new, push):
        new = taken_up(job)
    assert_one_each(label_studio, project, batch)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_while_the_server_imports(label_studio, proxy, project, servers):
    batch = batch_for(project, frames_of(40))
    job = request_push(batch=batch)
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(job=job.pk)], cwd=ROOT, env=os.environ)
    hit = proxy.once("POST", "/import", after=lambda: os.kill(worker.pid, signal.SIGKILL))
    try:
        wait_for(lambda: hit, timeout_s=120)
        worker.wait(30)
    finally:
        worker.kill()
    assert worker.returncode == -signal.SIGKILL
    assert not LabelTask.objects.exclude(number=None).exists()
    wait_for(lambda: keys_there(label_studio, project) == keys_here(batch), timeout_s=30)
    while not work_on(taken_up(job), push):
        time.sleep(0.1)
    assert_one_each(label_studio, project, batch)


@pytest.mark.django_db
def test_what_will_not_pass_by_itself_ends_the_push_at_once(label_studio, proxy, project):
    label_studio.sdk().projects.delete(project.number)
    with pytest.raises(LabelStudioError) as error:
        pushed(batch_for(project, frames_of(1)))
    assert error.value.code == "not_found"
