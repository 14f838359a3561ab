"""Trainings over HTTP: asked for, listed, shown, cancelled, resumed; by whom."""

import django_rq
import pytest

from activelearning.models import Training
from curation.models import Job
from tests.activelearning.factories import TrainingFactory
from tests.activelearning.lessons import labelled, version_of
from tests.evaluation.factories import ModelVersionFactory
from tests.factories import JobFactory

URL = "/api/v1/trainings/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def version(school):
    return version_of(labelled(4))


def test_a_training_is_asked_for_and_a_training_worker_is_rung(
    curator, version, queue, django_capture_on_commit_callbacks
):
    body = {"name": "people-v4", "dataset": "squares", "options": {"epochs": 3}, "shares": {"lighting:dark": None}}
    with django_capture_on_commit_callbacks(execute=True):
        answer = curator.post(URL, body, format="json")
    assert answer.status_code == 202, answer.data
    training, job = Training.objects.get(), Job.objects.get()
    assert (training.version, training.options["epochs"], training.created_by.username) == (version, 3, "a-curator")
    assert django_rq.get_queue("training").job_ids == [f"job-{job.pk}-0"]
    assert queue.job_ids == []
    shown = curator.get(f"{URL}{answer.data['id']}/").data
    assert (shown["name"], shown["dataset"], shown["job"]["state"]) == ("people-v4", "squares@1", "queued")
    assert shown["options"]["flip"] == 0.5


@pytest.mark.parametrize(
    "changes, status, says",
    [
        ({"options": {"epochs": 0}}, 400, "epochs is 0"),
        ({"options": {"architecture": "/etc/passwd"}}, 400, "bare name"),
        ({"trainer": "command", "options": {"program": "sh"}}, 400, "WINNOW_TRAINERS"),
        ({"trainer": "none"}, 400, "not a valid choice"),
        ({"dataset": "nothing"}, 404, "no dataset"),
        ({"base": "nothing"}, 404, "no model"),
        ({"base": "elsewhere"}, 409, "no weights here"),
        ({"name": "elsewhere"}, 409, "already"),
        ({"weights": "x.pt"}, 400, "no such parameter"),
        ({"shares": {"lighting:dark": 2}}, 400, "less than 1"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_nothing_is_written(curator, version, changes, status, says):
    ModelVersionFactory(name="elsewhere")
    answer = curator.post(URL, {"name": "m", "dataset": "squares@1", **changes}, format="json")
    assert answer.status_code == status, answer.data
    assert says in str(answer.data)
    assert not Training.objects.exists()
    assert not Job.objects.exists()


def test_trainings_are_listed_by_state_and_dataset(viewer):
    done = TrainingFactory(
        job=JobFactory(kind="train", state="done"), epochs=[{"epoch": 1}], version__dataset__name="a"
    )
    TrainingFactory(job=JobFactory(kind="train", state="failed"), error="No memory.")
    (found,) = viewer.get(URL, {"state": "done"}).data["results"]
    assert (found["name"], found["epoch_count"]) == (done.name, 1)
    assert [one["name"] for one in viewer.get(URL, {"dataset": "a"}).data["results"]] == [done.name]
    assert viewer.get(URL, {"state": "failed"}).data["results"][0]["error"] == "No memory."


def test_a_page_of_trainings_takes_few_queries(viewer, django_assert_max_num_queries):
    for _ in range(10):
        TrainingFactory(job=JobFactory(kind="train"))
    with django_assert_max_num_queries(6):
        assert len(viewer.get(URL).data["results"]) == 10


def test_one_is_cancelled_and_resumed(curator):
    training = TrainingFactory(job=JobFactory(kind="train"))
    assert curator.post(f"{URL}{training.pk}/cancel/").data["job"]["state"] == "cancelled"
    assert curator.post(f"{URL}{training.pk}/cancel/").status_code == 409
    assert curator.post(f"{URL}{training.pk}/resume/").data["job"]["state"] == "queued"


def test_viewers_look_only(viewer, client):
    training = TrainingFactory(job=JobFactory(kind="train"))
    assert viewer.get(f"{URL}{training.pk}/").status_code == 200
    assert viewer.post(URL, {}).status_code == 403
    assert viewer.post(f"{URL}{training.pk}/cancel/").status_code == 403
    assert client.get(URL).status_code in (401, 403)
