"""Test runs over HTTP: asked for, listed, shown, their reports and scenarios, hold-outs."""

import json
from dataclasses import replace

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curation.models import Job
from evaluation.api.report_answers import POLICY
from evaluation.core.record_json import scenario_to_plain
from evaluation.core.reports import REPORTS
from evaluation.models import ScenarioResult, TestRun
from evaluation.services.reporting import rendered
from evaluation.services.suites import save_suite
from evaluation.services.test_records import record_of
from tests.evaluation.factories import ModelVersionFactory, SuiteVersionFactory, TestRunFactory, stored_run
from tests.evaluation.records import HOSTILE, a_frame, a_ready_run, a_run, a_scenario
from tests.factories import DatasetVersionFactory, FrameFactory, JobFactory

URL = "/api/v1/test-runs/"
ALL = {"name": "all", "metric": "ap50", "at_least": 0.5, "critical": True}


@pytest.fixture
def street(db):
    """A suite of one scenario, a dataset version and two models."""
    suite, _ = save_suite(text=yaml.safe_dump({"suite": "street", "scenarios": [ALL]}))
    ModelVersionFactory(name="old")
    ModelVersionFactory(name="new")
    return suite, DatasetVersionFactory(dataset__name="gate", number=1)


def post(client, body):
    return client.post(URL, body, format="json")


def asked(**changes):
    return {"suite": "street", "model": "new", "dataset": "gate@1", **changes}


def test_a_run_is_asked_for_and_a_worker_is_rung(curator, street, queue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(curator, asked(baseline="old", seed=3, replicates=200, mode="simple"))
    assert answer.status_code == 202, answer.data
    run = TestRun.objects.get()
    job = Job.objects.get()
    assert (job.kind, job.params["run"], queue.job_ids) == ("test", run.pk, [f"job-{job.pk}-0"])
    assert (answer.data["job"]["id"], answer.data["job"]["state"]) == (job.pk, "queued")
    names = ("id", "suite", "model", "baseline", "dataset", "verdict", "readiness", "created_by", "is_final")
    assert [answer.data[name] for name in names] == [
        run.pk, "street@1", "new", "old", "gate@1", None, None, "a-curator", False,
    ]  # fmt: skip
    options = {"seed": 3, "replicates": 200, "mode": "simple", "confidence": 0.95, "by": "a-curator"}
    assert {name: answer.data["options"][name] for name in options} == options
    shown = curator.get(f"{URL}{run.pk}/").data
    assert (shown["verdict"], shown["scenarios"], shown["notes"]) == (None, [], [])
    assert shown["counts"] == {"failed": 0, "inconclusive": 0, "passed": 0}


@pytest.mark.parametrize(
    "changes, status, said",
    [
        ({"suite": "yard"}, 404, "There is no suite 'yard'. There are: street"),
        ({"suite": "street@9"}, 404, "its versions go from 1 to 1"),
        ({"model": "none"}, 404, "none"),
        ({"dataset": "gate@2"}, 404, "There is no gate@2"),
        ({"dataset": ""}, 400, "names no dataset"),
        ({"baseline": "new"}, 400, "cannot be its own baseline"),
        ({"replicates": 1}, 400, "replicates"),
        ({"confidence": "nan"}, 400, "confidence"),
        ({"mode": "luck"}, 400, "mode"),
        ({"finals": True}, 400, "There is no such parameter"),
        ({"model": None}, 400, "model"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(curator, street, changes, status, said):
    answer = post(curator, asked(**changes))
    assert answer.status_code == status
    assert said in str(answer.data)
    assert not TestRun.objects.exists()
    assert not Job.objects.exists()


def test_a_hold_out_is_opened_by_an_admins_final_evaluation_alone(curator, admin, street):
    _, version = street
    not_locked = post(admin, asked(final=True))
    assert (not_locked.status_code, not_locked.data["code"]) == (409, "not_locked")
    version.locked_at = timezone.now()
    version.save()
    refused = post(curator, asked(final=True))
    assert refused.status_code == 403
    assert "Only an admin" in refused.data["detail"]
    locked = post(admin, asked())
    assert (locked.status_code, locked.data["code"]) == (409, "locked")
    assert not TestRun.objects.exists()
    final = post(admin, asked(final=True))
    assert (final.status_code, final.data["is_final"]) == (202, True)


def test_a_viewer_tests_nothing_and_nobody_changes_a_run(viewer, admin, street):
    assert post(viewer, asked()).status_code == 403
    run = TestRunFactory()
    for method in ("put", "patch", "delete", "post"):
        assert getattr(admin, method)(f"{URL}{run.pk}/", {}, format="json").status_code == 405


def test_a_run_is_shown_in_the_shape_of_its_report(viewer):
    run = stored_run(a_run())
    shown = viewer.get(f"{URL}{run.pk}/").data
    told = json.loads(rendered(record_of(run), "json"))
    assert (shown["verdict"], shown["readiness"]) == (told["verdict"], told["readiness"])
    assert shown["counts"] == told["counts"]
    assert shown["notes"] == ["3 frames without a picture were left out."]
    issue = (
        "name", "critical", "metric", "value", "low", "high", "threshold", "images", "instances", "groups", "verdict",
    )  # fmt: skip
    for place, (one, whole) in enumerate(zip(shown["scenarios"], told["scenarios"], strict=True)):
        assert one["position"] == place
        assert {name: one[name] for name in issue} == {name: whole[name] for name in issue}
        assert {"curves", "errors", "frames"}.isdisjoint(one)


def test_a_scenario_is_shown_with_its_errors_curves_and_worst_frames(viewer):
    frame = FrameFactory()
    gone = frame.pk + 1_000
    scenario = a_scenario(frames=(a_frame(frame.pk), a_frame(gone, camera=HOSTILE)))
    run = stored_run(replace(a_ready_run(), scenarios=(scenario,)))
    shown = viewer.get(f"{URL}{run.pk}/scenarios/0/").data
    assert (shown["name"], shown["position"]) == ("Night, every camera", 0)
    assert len(shown["curves"]["precision"]) == 101
    assert shown["curves"]["operating_point"] == {"score": 0.42, "precision": 0.881, "recall": 0.764}
    assert shown["errors"]["kinds"]["missed"] == 58
    assert shown["errors"]["confusion"][0] == [412, 9, 58]
    there, missing = shown["frames"]
    assert there["picture"].startswith("http://testserver/api/v1/media/frames/")
    assert (missing["picture"], missing["thumbnail"], missing["camera"]) == (None, None, HOSTILE)
    assert [box["what"] for box in there["boxes"]] == ["truth", "found", "missed", "false", "ignored"]
    assert there["boxes"][2] == {
        "label": "person", "box": [700.5, 300.0, 760.0, 470.0], "what": "missed", "score": None, "kind": "missed",
    }  # fmt: skip
    assert shown["frames_url"].startswith("http://testserver/dashboard/?q=lighting%3Adark+AND")
    for path in (f"{run.pk}/scenarios/1/", f"{run.pk}/scenarios/{'9' * 20}/", "999/scenarios/0/"):
        assert viewer.get(URL + path).status_code == 404


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_is_a_file_of_its_type_and_the_same_each_time(viewer, kind):
    run = stored_run(a_run(), suite=SuiteVersionFactory(suite__name="street"), model=ModelVersionFactory(name="new"))
    answer = viewer.get(f"{URL}{run.pk}/report/", {"kind": kind}, HTTP_ACCEPT="text/html")
    assert answer.status_code == 200
    assert answer["Content-Type"] == f"{REPORTS[kind].media_type}; charset=utf-8"
    suffix = REPORTS[kind].suffix
    assert answer["Content-Disposition"] == f'attachment; filename="street-new-{run.pk}{suffix}"'
    assert answer["Content-Security-Policy"] == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.content.decode() == rendered(record_of(run), kind, base_url="http://testserver/dashboard")
    assert viewer.get(f"{URL}{run.pk}/report/", {"kind": kind}).content == answer.content


def test_a_report_may_be_looked_at_and_other_kinds_and_open_runs_are_refused(viewer):
    run = stored_run(a_ready_run())
    inline = viewer.get(f"{URL}{run.pk}/report/?inline=true")
    assert inline["Content-Disposition"].startswith("inline; ")
    assert "script-src" not in POLICY
    assert "default-src 'none'" in POLICY
    assert viewer.get(f"{URL}{run.pk}/report/?kind=pdf").status_code == 400
    assert viewer.get(f"{URL}{run.pk}/report/?sort=html").status_code == 400
    assert viewer.get(f"{URL}999/report/").status_code == 404
    open_run = TestRunFactory(job=JobFactory(kind="test"))
    answer = viewer.get(f"{URL}{open_run.pk}/report/")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (409, "not_done")


def test_runs_are_listed_newest_first_and_filtered(viewer):
    failed = stored_run(a_run(), suite=SuiteVersionFactory(suite__name="street", number=1))
    ready = stored_run(a_ready_run(), suite=SuiteVersionFactory(suite__name="street", number=2))
    final = stored_run(a_ready_run(is_final=True), model=ModelVersionFactory(name="new"))
    begun = TestRunFactory(
        version=DatasetVersionFactory(dataset__name="gate", number=3), job=JobFactory(kind="test", state="running")
    )

    def ids(**filters):
        return [row["id"] for row in viewer.get(URL, filters).data["results"]]

    assert ids() == [begun.pk, final.pk, ready.pk, failed.pk]
    assert ids(suite="street") == [ready.pk, failed.pk]
    assert ids(suite="street@2") == [ready.pk]
    assert ids(suite="street@x") == ids(suite="street@" + "9" * 30) == []
    assert ids(model="new") == ids(final=True) == [final.pk]
    assert ids(dataset="gate") == ids(dataset="gate@3") == ids(state="running") == [begun.pk]
    assert ids(dataset="gate@4") == []
    assert ids(verdict="ready") == [final.pk, ready.pk]
    assert viewer.get(URL, {"verdict": "perfect"}).status_code == 400
    assert viewer.get(URL, {"record": "x"}).status_code == 400
    [row] = viewer.get(URL, {"verdict": "failed"}).data["results"]
    assert row["readiness"]["sentence"].startswith("Not ready")
    assert "scenarios" not in row


def test_a_list_and_a_run_take_the_same_queries_however_many_rows_there_are(viewer):
    def queries(path):
        with CaptureQueriesContext(connection) as seen:
            assert viewer.get(path).status_code == 200
        return [query["sql"] for query in seen]

    run = stored_run(a_ready_run(), job=JobFactory(kind="test"))
    listed, shown = queries(URL), queries(f"{URL}{run.pk}/")
    for _ in range(20):
        stored_run(a_ready_run(), job=JobFactory(kind="test"), baseline=ModelVersionFactory())
    ScenarioResult.objects.bulk_create(
        ScenarioResult(
            run=run, position=place, name="x", critical=False, verdict="pass",
            record=scenario_to_plain(a_scenario(frames=tuple(a_frame(n) for n in range(12)))),
        )
        for place in range(1, 200)
    )  # fmt: skip
    assert len(queries(URL)) == len(listed)
    assert len(queries(f"{URL}{run.pk}/")) == len(shown) <= 5
    assert len(viewer.get(f"{URL}{run.pk}/").data["scenarios"]) == 200
    assert not any('"spec"' in sql or "scenarioresult" in sql for sql in queries(URL))
