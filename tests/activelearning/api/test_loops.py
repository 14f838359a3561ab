"""Loops over HTTP: started, listed, shown with their rounds, stopped, resumed."""

import pytest

from activelearning.models import Loop
from curation.models import Job
from evaluation.core.record_json import to_plain
from tests.activelearning.closed_round import a_report
from tests.activelearning.factories import LoopFactory, a_round
from tests.evaluation.factories import ModelVersionFactory, SuiteVersionFactory, TestRunFactory, stored_run
from tests.evaluation.records import a_run
from tests.factories import DatasetVersionFactory, JobFactory

URL = "/api/v1/loops/"


@pytest.fixture
def red(db):
    suite = SuiteVersionFactory(suite__name="street", number=1)
    model = ModelVersionFactory(name="people-v1", detector="fake:weights")
    return stored_run(a_run(), suite=suite, model=model, version=DatasetVersionFactory(dataset__name="street"))


def test_a_loop_is_started_and_a_worker_is_rung(curator, red, queue, django_capture_on_commit_callbacks):
    body = {
        "test_run": red.pk, "budget": 60, "rounds": 2, "via": "files", "strategy": "similar", "patience": 1,
        "trainer": {"kind": "command"}, "raise_shares": {"Far and small": 0.2},
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        answer = curator.post(URL, body, format="json")
    assert answer.status_code == 202, answer.data
    loop, job = Loop.objects.get(), Job.objects.get()
    assert (job.kind, job.params["loop"], queue.job_ids) == ("loop", loop.pk, [f"job-{job.pk}-0"])
    names = ("id", "suite", "model", "first_run", "budget", "most_rounds", "ended", "created_by")
    assert [answer.data[name] for name in names] == [loop.pk, "street@1", "people-v1", red.pk, 60, 2, None, "a-curator"]
    options = answer.data["options"]
    assert (options["via"], options["patience"], options["trainer"]["kind"]) == ("files", 1, "command")
    assert "name: similar" in options["strategy_text"]


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"rounds": 0}, "rounds"),
        ({"budget": 0}, "budget"),
        ({"via": ""}, "via"),
        ({"strategy": "luck"}, "Valid ones"),
        ({"automatic": True}, "There is no such parameter"),
    ],
)
def test_what_cannot_be_started_is_refused_and_nothing_is_written(curator, red, changes, said):
    body = {"test_run": red.pk, "budget": 60, "via": "files", **changes}
    answer = curator.post(URL, body, format="json")
    assert answer.status_code == 400, answer.data
    assert said in str(answer.data)
    assert not Loop.objects.exists()
    assert not Job.objects.exists()


def test_a_loop_that_would_wait_for_ever_for_a_trainer_is_refused(curator, red):
    body = {"test_run": red.pk, "budget": 60, "via": "files", "trainer": {"kind": "none"}}
    answer = curator.post(URL, body, format="json")
    assert (answer.status_code, answer.data["code"]) == (409, "trainer")
    assert not Loop.objects.exists()


def test_a_loop_shows_what_each_round_brought(viewer, red):
    loop = LoopFactory(first_run=red)
    retest = stored_run(a_run(), suite=red.suite, model=ModelVersionFactory(name="people-v2"))
    a_round(red, loop=loop, number=1, state="closed", retest=retest, report=to_plain(a_report()))
    a_round(retest, loop=loop, number=2)
    first, second = viewer.get(f"{URL}{loop.pk}/").data["rounds"]
    assert [first[name] for name in ("number", "state", "verdict", "model", "labels")] == [
        1, "closed", "failed", "people-v2", 96,
    ]  # fmt: skip
    assert first["sentence"].startswith("With 96 labelled frames")
    assert [second[name] for name in ("number", "state", "verdict", "labels", "sentence")] == [
        2,
        "seeds",
        None,
        None,
        "",
    ]


def test_loops_are_listed_newest_first_and_filtered(viewer, red):
    first, second = LoopFactory(first_run=red), LoopFactory(first_run=TestRunFactory(), ended="ready")

    def ids(**filters):
        return [row["id"] for row in viewer.get(URL, filters).data["results"]]

    assert ids() == [second.pk, first.pk]
    assert ids(suite="street") == ids(open=True) == [first.pk]
    assert ids(ended="ready") == ids(open=False) == [second.pk]
    assert viewer.get(URL, {"ended": "x"}).status_code == 400


def test_a_loop_is_stopped_and_resumed(curator, viewer, red):
    loop = LoopFactory(first_run=red, job=JobFactory(kind="loop"))
    assert viewer.post(f"{URL}{loop.pk}/stop/").status_code == 403
    stopped = curator.post(f"{URL}{loop.pk}/stop/")
    assert (stopped.status_code, stopped.data["ended"], stopped.data["job"]["state"]) == (200, "stopped", "cancelled")
    again = curator.post(f"{URL}{loop.pk}/stop/")
    assert (again.status_code, again.data["code"]) == (409, "closed")
    resumed = curator.post(f"{URL}{loop.pk}/resume/")
    assert (resumed.status_code, resumed.data["ended"], resumed.data["job"]["state"]) == (202, None, "queued")
    busy = curator.post(f"{URL}{loop.pk}/resume/")
    assert (busy.status_code, busy.data["code"]) == (409, "busy")
    assert curator.post(f"{URL}999999/stop/").status_code == 404
