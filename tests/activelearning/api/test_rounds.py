"""Rounds over HTTP: started, listed, shown, moved on and back, their reports."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activelearning.core.shipped import SHIPPED
from activelearning.models import LabelTask, Round
from curation.models import Job
from evaluation.core.record_json import to_plain
from tests.activelearning.closed_round import a_report
from tests.activelearning.factories import (
    CandidateFactory,
    LabelBatchFactory,
    LabelProjectFactory,
    LabelTaskFactory,
    LoopFactory,
    SeedFactory,
    TrainingFactory,
    a_round,
)
from tests.evaluation.factories import ModelVersionFactory, SuiteVersionFactory, TestRunFactory, stored_run
from tests.evaluation.records import a_run
from tests.factories import DatasetVersionFactory, JobFactory

URL = "/api/v1/rounds/"
OWN = "name: mine\nmine:\n- {kind: similar_boxes, share: 3}\n- entropy\n"


@pytest.fixture
def red(db):
    """A test run that is done, with scenarios that fail and others that are undecided."""
    suite = SuiteVersionFactory(suite__name="street", number=1)
    model = ModelVersionFactory(name="people-v1", detector="fake:weights")
    return stored_run(a_run(), suite=suite, model=model, version=DatasetVersionFactory(dataset__name="street"))


def post(client, path="", body=None):
    return client.post(URL + path, body or {}, format="json")


def asked(run, **changes):
    return {"test_run": run.pk, "budget": 20, **changes}


def test_a_round_is_started_and_a_worker_is_rung(curator, red, queue, django_capture_on_commit_callbacks):
    project = LabelProjectFactory()
    said = {
        "scenarios": ["Far and small"], "strategy": OWN, "seed": 5, "via": "label_studio", "dataset": "street",
        "labelling": {"project": project.pk, "least_score": 0.4, "merge": {"policy": "newest"}},
        "trainer": {"options": {"epochs": 3}}, "raise_shares": {"Far and small": 0.3}, "automatic": True,
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(curator, body=asked(red, **said))
    assert answer.status_code == 202, answer.data
    made, job = Round.objects.get(), Job.objects.get()
    assert (job.kind, job.params, queue.job_ids) == ("round", {"round": made.pk}, [f"job-{job.pk}-0"])
    names = ("id", "suite", "model", "scenarios", "budget", "seed", "strategy", "state", "is_automatic", "created_by")
    assert [answer.data[name] for name in names] == [
        made.pk, "street@1", "people-v1", ["Far and small"], 20, 5, "mine", "seeds", True, "a-curator",
    ]  # fmt: skip
    assert made.labelling == {"project": project.pk, "least_score": 0.4, "merge": {"policy": "newest"}}
    assert made.trainer == {"kind": "ultralytics", "options": {"epochs": 3}}
    assert made.raise_shares == {"Far and small": 0.3}
    shown = curator.get(f"{URL}{made.pk}/").data
    assert shown["strategy_text"] == OWN
    assert [one["kind"] for one in shown["strategy_spec"]["mine"]] == ["similar_boxes", "entropy"]
    assert [(step["state"], step["note"], step["by"]) for step in shown["history"]] == [
        ("seeds", "started", "a-curator")
    ]


def test_the_newest_test_of_a_model_is_found_and_all_that_is_not_green_is_looked_at(curator, red):
    stored_run(a_run(), suite=red.suite, model=red.model, version=red.version)
    newest = stored_run(a_run(), suite=red.suite, model=red.model, version=red.version)
    answer = post(curator, body={"suite": "street", "model": "people-v1", "budget": 5, "strategy": "random"})
    assert answer.status_code == 202, answer.data
    made = Round.objects.get()
    assert (made.test_run, made.strategy_text) == (newest, SHIPPED["random"])
    assert "Far and small" in made.scenarios
    assert "Night, every camera" not in made.scenarios


@pytest.mark.parametrize(
    "changes, status, said",
    [
        ({"test_run": 9999}, 400, "There is no test run"),
        ({"suite": "street"}, 400, "Give either"),
        ({"budget": 0}, 400, "budget"),
        ({"budget": None}, 400, "budget"),
        ({"scenarios": ["snow"]}, 400, "It has: Night, every camera, Far and small"),
        ({"strategy": "luck"}, 400, "There is no strategy 'luck'. Valid ones: "),
        ({"strategy": "mine: [luck]"}, 400, "there is no kind 'luck'. Valid ones: "),
        ({"strategy": "a: &x [*x]"}, 400, "liases"),
        ({"strategy": 7}, 400, "Give YAML"),
        ({"via": "post"}, 400, "via"),
        ({"via": "label_studio"}, 400, "say which `project`"),
        ({"labelling": {"project": 77}}, 400, "There is no Label Studio project 77"),
        ({"labelling": {"merge": {"policy": "luck"}}}, 400, "luck"),
        ({"labelling": {"state": "closed"}}, 400, "There is no such parameter"),
        ({"raise_shares": {"night": 1.5}}, 400, "raise_shares"),
        ({"dataset": "Str eet"}, 400, "dataset"),
        ({"base_version": "street@9"}, 404, "street@9"),
        ({"automatc": True}, 400, "There is no such parameter. Valid ones: "),
    ],
)
def test_what_cannot_be_started_is_refused_and_nothing_is_written(curator, red, changes, status, said):
    answer = post(curator, body=asked(red, **changes))
    assert answer.status_code == status, answer.data
    assert said in str(answer.data)
    assert not Round.objects.exists()
    assert not Job.objects.exists()


def test_a_hold_out_an_open_test_and_a_model_without_weights_start_no_round(curator, red):
    final = stored_run(a_run(is_final=True), suite=red.suite, model=red.model)
    held = post(curator, body=asked(final))
    assert (held.status_code, held.data["code"]) == (409, "held")
    open_run = post(curator, body=asked(TestRunFactory()))
    assert (open_run.status_code, open_run.data["code"]) == (409, "not_done")
    blind = stored_run(a_run(), model=ModelVersionFactory(name="imported", detector=""))
    none = post(curator, body=asked(blind))
    assert (none.status_code, none.data["code"]) == (409, "no_weights")
    assert not Round.objects.exists()


def test_a_round_is_shown_with_what_its_steps_did(viewer, red):
    made = a_round(red, state="training", notes=["Mining: few."], version=red.version, job=JobFactory(kind="round"))
    for kind in ("missed", "missed", "low_confidence"):
        SeedFactory(round=made, scenario="Far and small", kind=kind)
    CandidateFactory(round=made)
    CandidateFactory(round=made, is_dropped=True)
    CandidateFactory(round=made, arm="control")
    batch = LabelBatchFactory(round=made, project=LabelProjectFactory(title="yard"), via="label_studio")
    for state in ("labelled", "sent", "dropped"):
        LabelTaskFactory(batch=batch, state=state)
    made.training = TrainingFactory(
        name="next", version=red.version, job=JobFactory(kind="train", state="running"),
        epochs=[{"epoch": 1, "losses": {"box": 1.5}, "figures": {"map50": 0.4}}],
    )  # fmt: skip
    made.save()
    shown = viewer.get(f"{URL}{made.pk}/").data
    assert shown["seeds"] == [
        {"scenario": "Far and small", "kind": "missed", "count": 2},
        {"scenario": "Far and small", "kind": "low_confidence", "count": 1},
    ]
    assert shown["candidates"] == [
        {"arm": "strategy", "kept": 1, "dropped": 1}, {"arm": "control", "kept": 1, "dropped": 0},
    ]  # fmt: skip
    [told] = shown["batches"]
    names = ("id", "project", "tasks", "labelled", "sent", "waiting", "skipped", "gone")
    assert [told[name] for name in names] == [batch.pk, "yard", 2, 1, 1, 0, 0, 0]
    assert (shown["train"]["state"], shown["train"]["epochs"][0]["losses"]) == ("running", {"box": 1.5})
    assert (shown["dataset_version"], shown["notes"], shown["report"]) == (str(red.version), ["Mining: few."], {})


def test_rounds_are_listed_newest_first_and_filtered(viewer, red):
    loop = LoopFactory(first_run=red)
    first, second = a_round(red), a_round(red, loop=loop, state="closed")
    other = a_round(stored_run(a_run(), model=ModelVersionFactory(name="cars"), suite=SuiteVersionFactory()))

    def ids(**filters):
        return [row["id"] for row in viewer.get(URL, filters).data["results"]]

    assert ids() == [other.pk, second.pk, first.pk]
    assert ids(test_run=red.pk) == ids(suite="street") == ids(suite="street@1") == [second.pk, first.pk]
    assert ids(suite="street@2") == ids(suite="street@x") == []
    assert ids(loop=loop.pk) == ids(state="closed") == [second.pk]
    assert ids(model="cars") == [other.pk]
    assert viewer.get(URL, {"state": "lost"}).status_code == 400
    assert viewer.get(URL, {"report": "x"}).status_code == 400
    page = viewer.get(URL, {"limit": 2}).data
    assert [row["id"] for row in viewer.get(page["next"]).data["results"]] == [first.pk]
    assert "report" not in page["results"][0]


def test_a_list_and_a_round_take_the_same_queries_however_much_there_is(viewer, red):
    def queries(path):
        with CaptureQueriesContext(connection) as seen:
            assert viewer.get(path).status_code == 200
        return [query["sql"] for query in seen]

    made = a_round(red, job=JobFactory(kind="round"))
    LabelBatchFactory(round=made)
    listed, shown = queries(URL), queries(f"{URL}{made.pk}/")
    for _ in range(5):
        LabelTaskFactory(batch=LabelBatchFactory(round=made, project=LabelProjectFactory()))
        CandidateFactory(round=made)
        run = stored_run(a_run(), model=ModelVersionFactory())
        a_round(run, job=JobFactory(kind="round"), version=DatasetVersionFactory(), report={"sentence": "x"})
    assert len(queries(URL)) == len(listed)
    assert len(queries(f"{URL}{made.pk}/")) == len(shown) <= 8
    assert not any('"report"' in sql or '"spec"' in sql or '."record"' in sql for sql in queries(URL))


def test_a_round_goes_on_and_back_and_to_its_end(curator, red, queue, django_capture_on_commit_callbacks):
    made = a_round(red, state="candidates")
    CandidateFactory(round=made)
    path = f"{made.pk}/go-on/"
    unsaid = post(curator, path)
    assert (unsaid.status_code, unsaid.data["code"]) == (400, "via")
    with django_capture_on_commit_callbacks(execute=True):
        gone = post(curator, path, {"via": "files"})
    assert gone.status_code == 202, gone.data
    made.refresh_from_db()
    assert (gone.data["job"]["id"], made.via, queue.job_ids) == (made.job_id, "files", [f"job-{made.job_id}-0"])
    busy = post(curator, path)
    assert (busy.status_code, busy.data["code"]) == (409, "busy")
    Job.objects.update(state="done")
    assert post(curator, f"{made.pk}/rerun/", {"state": "labelling"}).status_code == 400
    early = post(curator, f"{made.pk}/rerun/", {"state": "training"})
    assert (early.status_code, early.data["code"]) == (409, "not_there")
    again = post(curator, f"{made.pk}/rerun/", {"state": "seeds"})
    assert (again.status_code, again.data["state"]) == (202, "seeds")
    ended = post(curator, f"{made.pk}/abandon/", {"note": "wrong suite"})
    assert (ended.status_code, ended.data["state"]) == (200, "abandoned")
    over = post(curator, path)
    assert (over.status_code, over.data["code"]) == (409, "closed")


def test_abandoning_frees_what_was_not_sent(curator, red):
    made = a_round(red, state="labelling")
    batch = LabelBatchFactory(round=made)
    waiting, sent = LabelTaskFactory(batch=batch), LabelTaskFactory(batch=batch, state="sent")
    assert post(curator, f"{made.pk}/abandon/").status_code == 200
    assert LabelTask.objects.get(pk=waiting.pk).state == "dropped"
    assert LabelTask.objects.get(pk=sent.pk).state == "sent"


def test_a_model_that_was_trained_elsewhere_is_attached_by_name(curator, red):
    made = a_round(red, state="training", trainer={"kind": "none"}, version=red.version)
    assert post(curator, f"{made.pk}/attach/", {"model": "nobody"}).status_code == 404
    same = post(curator, f"{made.pk}/attach/", {"model": red.model.name})
    assert (same.status_code, same.data["code"]) == (409, "same_model")
    ModelVersionFactory(name="taught-elsewhere", detector="fake:new")
    answer = post(curator, f"{made.pk}/attach/", {"model": "taught-elsewhere"})
    assert (answer.status_code, answer.data["state"]) == (202, "retest")


@pytest.mark.parametrize(
    "kind, type", [("markdown", "text/markdown"), ("json", "application/json"), ("terminal", "text/plain")]
)
def test_a_closed_rounds_report_is_a_file_and_an_open_ones_is_not_there(viewer, red, kind, type):
    made = a_round(red, state="closed", report=to_plain(a_report()), closed_at=timezone.now())
    answer = viewer.get(f"{URL}{made.pk}/report/", {"kind": kind})
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, type)
    assert f'filename="round-{made.pk}.' in answer["Content-Disposition"]
    assert "rain" in answer.content.decode()
    if kind == "json":
        assert json.loads(answer.content)["spent"]["frames"] == 96
    assert viewer.get(f"{URL}{made.pk}/report/", {"kind": "pdf"}).status_code == 400
    still_open = viewer.get(f"{URL}{a_round(red).pk}/report/")
    assert (still_open.status_code, json.loads(still_open.content)["code"]) == (409, "not_closed")


def test_a_viewer_moves_nothing_and_what_is_not_there_is_said(viewer, curator, red):
    made = a_round(red, state="candidates")
    for verb in ("go-on", "rerun", "attach", "abandon", "drop", "restore", "add"):
        assert post(viewer, f"{made.pk}/{verb}/").status_code == 403, verb
        assert post(curator, f"999999/{verb}/", _enough(verb)).status_code == 404, verb
        assert curator.get(f"{URL}{made.pk}/{verb}/").status_code == 405, verb
    assert post(viewer, body=asked(red)).status_code == 403
    assert viewer.get(f"{URL}999999/").status_code == 404
    for method in ("put", "patch", "delete"):
        assert getattr(curator, method)(f"{URL}{made.pk}/", {}, format="json").status_code == 405


def _enough(verb):
    if verb == "attach":
        return {"model": "people-v1"}
    return {"state": "seeds"} if verb == "rerun" else {"frames": [1]} if verb in ("drop", "restore", "add") else {}
