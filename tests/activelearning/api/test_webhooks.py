"""What Label Studio calls: forged, doubled, dropped, reordered. Whatever comes, what is there is what counts."""

import json
import threading
import time

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from activelearning.api.webhooks import MOST_BYTES
from activelearning.models import LabelProject, LabelTask
from activelearning.services.polling import poll
from curation.models import Annotation, Job
from curation.services.job_kinds import run_here
from tests.activelearning.factories import LabelProjectFactory, LabelTaskFactory
from tests.activelearning.services.labelled_there import There, region

pytestmark = pytest.mark.django_db
SECRET = "s" * 40


@pytest.fixture(autouse=True)
def no_queue(queue):
    return queue


def call(connection, payload=None, *, secret=SECRET, **more):
    body = more.pop("body", None) or json.dumps(payload or {})
    headers = {} if secret is None else {"X-Winnow-Secret": secret}
    client = Client(enforce_csrf_checks=True)
    return client.post(url_of(connection), body, content_type="application/json", headers=headers, **more)


def url_of(connection):
    return reverse("label-webhook", kwargs={"connection": connection})


def test_a_hint_asks_for_a_pull_of_its_project_and_is_answered_at_once():
    project = LabelProjectFactory(number=7)
    answer = call(project.connection.name, {"action": "ANNOTATION_CREATED", "project": {"id": 7}})
    assert (answer.status_code, answer.content) == (204, b"")
    job = Job.objects.get()
    assert (job.kind, job.params["project"], job.state) == ("pull", project.pk, "queued")


def test_doubled_hints_ask_once():
    project = LabelProjectFactory(number=7)
    for _ in range(5):
        assert call(project.connection.name, {"project": {"id": 7}}).status_code == 204
    assert Job.objects.count() == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", "s" * 39, "s" * 41, "ſ" * 40])
def test_who_does_not_know_the_secret_learns_nothing_and_does_nothing(secret):
    project = LabelProjectFactory()
    forged = call(project.connection.name, secret=secret)
    nowhere = call("no-such-connection", secret=secret)
    assert forged.status_code == nowhere.status_code == 403
    assert forged.json() == nowhere.json()
    assert Job.objects.count() == 0


def test_a_connection_without_a_secret_takes_no_hints():
    project = LabelProjectFactory(connection__webhook_secret="")
    assert call(project.connection.name, secret="").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        "no json", "[]", '{"project": "7"}', '{"project": {"id": -1}}', '{"project": {"id": 1e400}}',
        '{"project": true}',
        "[" * 100_000, "\0", '{"project": {"id": 99}}', "x" * (MOST_BYTES + 1),
    ],
)  # fmt: skip
def test_whatever_it_says_projects_with_tasks_out_are_asked(body):
    out = LabelTaskFactory(state="sent", project=LabelProjectFactory(number=7)).project
    LabelProjectFactory(connection=out.connection)
    LabelTaskFactory(state="sent", project=LabelProjectFactory())
    assert call(out.connection.name, body=body).status_code == 204
    assert [job.params["project"] for job in Job.objects.all()] == [out.pk]


def test_only_post():
    project = LabelProjectFactory()
    assert Client().get(url_of(project.connection.name)).status_code == 405


def test_the_poll_asks_for_what_is_due_and_not_twice():
    out = LabelTaskFactory(state="sent", project=LabelProjectFactory()).project
    LabelTaskFactory(state="labelled", project=LabelProjectFactory())
    assert [Job.objects.get(pk=pk).params["project"] for pk in poll()] == [out.pk]
    assert poll() == []
    Job.objects.update(state="failed", finished_at="2026-01-01T00:00Z")
    assert len(poll()) == 1


@pytest.mark.slow
def test_every_webhook_dropped_doubled_or_reordered_comes_to_the_same(label_studio):
    there = There(label_studio)
    one, two, _ = there.tasks
    first = there.answer(one, region())
    there.change(first, region(50))
    second = there.answer(two, region())
    there.delete("annotations", second)
    # All were dropped: the poll finds what is true.
    for pk in poll():
        run_here(Job.objects.get(pk=pk))
    assert [task.state for task in there.tasks] == ["labelled", "sent", "sent"]
    assert Annotation.objects.get().x1 == 320
    # Now they come late, twice, and in the wrong order; an old payload brings nothing old back.
    said = [
        {"action": "ANNOTATIONS_DELETED", "annotations": [{"id": second}], "project": {"id": there.project.number}},
        {
            "action": "ANNOTATION_CREATED",
            "annotation": {"id": second, "result": [region()]},
            "task": {"id": two.number},
        },
        {
            "action": "ANNOTATION_UPDATED",
            "annotation": {"id": first, "result": []},
            "project": {"id": there.project.number},
        },
    ]
    secret = there.connection.webhook_secret
    for payload in (*said[::-1], *said):
        assert call(there.connection.name, payload, secret=secret).status_code == 204
        for job in Job.objects.filter(state="queued"):
            run_here(job)
    assert [task.state for task in there.tasks] == ["labelled", "sent", "sent"]
    assert Annotation.objects.get().x1 == 320
    assert LabelTask.objects.get(pk=two.pk).answers.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_pull_that_holds_the_project_keeps_no_annotator_waiting():
    project = LabelProjectFactory(number=7)
    held, free = threading.Event(), threading.Event()

    def pulling():
        with transaction.atomic():
            LabelProject.objects.select_for_update().get(pk=project.pk)
            held.set()
            free.wait(30)
        connection.close()

    worker = threading.Thread(target=pulling)
    worker.start()
    assert held.wait(30)
    began_s = time.monotonic()
    assert call(project.connection.name, {"project": {"id": 7}}).status_code == 204
    took_s = time.monotonic() - began_s
    free.set()
    worker.join()
    assert took_s < 20
    assert Job.objects.count() == 1
