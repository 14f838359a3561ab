"""Comparisons, discoveries and trends over HTTP: asked for, done, shown, refused."""

import json

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Job
from curation.services.holdout import lock_version
from curation.services.job_kinds import run_here
from evaluation.core.record_json import to_plain
from evaluation.models import TestRun
from evaluation.services.suites import save_suite
from tests.evaluation.factories import ModelVersionFactory, SuiteVersionFactory, stored_run
from tests.evaluation.records import a_comparison, a_run, a_scenario, some_runs
from tests.evaluation.world import SUITE, by_day, seen, street
from tests.factories import DatasetVersionFactory, JobFactory

pytestmark = pytest.mark.usefixtures("media")
COMPARISONS = "/api/v1/comparisons/"
DISCOVERIES = "/api/v1/discoveries/"
TRENDS = "/api/v1/trends/"


def post(client, url, body):
    return client.post(url, body, format="json")


def done(answer):
    assert answer.status_code == 202, answer.data
    job = Job.objects.get(pk=answer.data["id"])
    assert (answer.data["state"], job.created_by.username) == ("queued", "a-curator")
    return run_here(job)


def queries(client, path):
    with CaptureQueriesContext(connection) as seen_queries:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in seen_queries]


@pytest.fixture
def two_models(db):
    """Models v1, blind at night, and v2 on street@1, and the suite street."""
    version = street()
    seen(version, "v1", finds=by_day)
    seen(version, "v2")
    save_suite(text=SUITE)
    return version


def test_a_test_run_that_was_asked_for_is_done_by_a_worker_and_shown(curator, two_models):
    answer = post(curator, "/api/v1/test-runs/", {"suite": "street", "model": "v1", "seed": 1})
    assert answer.status_code == 202, answer.data
    run_here(Job.objects.get(pk=answer.data["job"]["id"]))
    shown = curator.get(f"/api/v1/test-runs/{answer.data['id']}/").data
    assert (shown["verdict"], shown["counts"]) == ("failed", {"failed": 1, "inconclusive": 0, "passed": 1})
    assert [one["verdict"] for one in shown["scenarios"]] == ["pass", "fail"]
    assert shown["scenarios"][1]["link_query"] == 'dataset:"street@1" AND (lighting:dark)'
    night = curator.get(f"/api/v1/test-runs/{answer.data['id']}/scenarios/1/").data
    assert night["errors"]["kinds"]["missed"] == 36
    assert night["frames"][0]["misses"] == 1
    frames = curator.get("/api/v1/search/", {"query": night["link_query"]}).data["frames"]
    assert len(frames) == 36


def test_two_models_are_compared_and_reported(curator, viewer, two_models):
    asked = {"suite": "street", "before": "v1", "after": "v2", "replicates": 100}
    answer = post(curator, COMPARISONS, asked)
    assert answer.data["asked"]["options"]["replicates"] == 100
    url = f"{COMPARISONS}{answer.data['id']}/"
    assert viewer.get(url).data["record"] is None
    refused = viewer.get(url + "report/")
    assert (refused.status_code, json.loads(refused.content)["code"]) == (409, "not_done")
    done(answer)
    shown = viewer.get(url).data
    day, night = shown["record"]["scenarios"]
    assert (shown["state"], day["verdict"], night["verdict"]) == ("done", "same", "better")
    assert (night["fixed_count"], night["fixed"][0]["label"], night["fixed"][0]["score_a"]) == (36, "person", None)
    told = viewer.get(url + "report/?kind=json")
    assert told["Content-Disposition"] == f'attachment; filename="v1-v2-{answer.data["id"]}.json"'
    assert json.loads(told.content)["scenarios"]
    assert viewer.get(url + "report/")["Content-Type"] == "text/markdown; charset=utf-8"
    assert viewer.get(url + "report/?kind=html").status_code == 400


@pytest.mark.parametrize(
    "changes, status, said",
    [
        ({"after": "v1"}, 400, "cannot be compared with itself"),
        ({"after": "v9"}, 404, "v9"),
        ({"suite": "yard"}, 404, "There is no suite"),
        ({"dataset": "street@7"}, 404, "street@7"),
        ({"margin": -1}, 400, "margin"),
        ({"model": "v1"}, 400, "There is no such parameter"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_refused(curator, two_models, changes, status, said):
    answer = post(curator, COMPARISONS, {"suite": "street", "before": "v1", "after": "v2", **changes})
    assert (answer.status_code, said in str(answer.data)) == (status, True), answer.data
    assert not Job.objects.exists()


def test_hold_outs_and_viewers_are_refused(curator, viewer, two_models):
    compare = {"suite": "street", "before": "v1", "after": "v2"}
    look = {"model": "v1", "dataset": "street@1"}
    assert post(viewer, COMPARISONS, compare).status_code == 403
    assert post(viewer, DISCOVERIES, look).status_code == 403
    lock_version(two_models, user=None)
    for url, body in ((COMPARISONS, compare), (DISCOVERIES, look)):
        answer = post(curator, url, body)
        assert (answer.status_code, answer.data["code"]) == (409, "locked")


def test_slices_are_looked_for_and_become_a_suite(curator, viewer, two_models):
    answer = post(curator, DISCOVERIES, {"model": "v1", "dataset": "street@1", "least_images": 5})
    url = f"{DISCOVERIES}{answer.data['id']}/"
    empty = viewer.get(url).data
    assert (empty["result"], empty["suite"]) == (None, None)
    done(answer)
    shown = viewer.get(url).data
    assert shown["result"]["slices"][0]["rate"] == 0.0
    assert ["lighting", "dark"] in [pair for one in shown["result"]["slices"] for pair in one["conditions"]]
    scenarios = yaml.safe_load(shown["suite"])["scenarios"]
    assert scenarios
    stored = post(curator, "/api/v1/suites/", {"text": shown["suite"]})
    assert (stored.status_code, stored.data["scenario_count"]) == (201, len(scenarios))


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"most_factors": 4}, "most_factors"),
        ({"clusters": 201}, "clusters"),
        ({"labels": "person"}, "labels"),
        ({"limits": 3}, "There is no such parameter"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(curator, two_models, changes, said):
    answer = post(curator, DISCOVERIES, {"model": "v1", "dataset": "street@1", **changes})
    assert answer.status_code == 400
    assert said in str(answer.data)


def test_jobs_are_listed_by_kind_without_their_results(viewer):
    record = to_plain(a_comparison())
    JobFactory(kind="discover")
    JobFactory(kind="compare", state="done", result=record)
    one = queries(viewer, COMPARISONS)
    JobFactory.create_batch(20, kind="compare", result=record)
    many = queries(viewer, COMPARISONS)
    assert len(one) == len(many)
    assert not any('"result"' in sql for sql in many)
    assert len(viewer.get(COMPARISONS).data["results"]) == 21
    assert len(viewer.get(COMPARISONS, {"state": "done"}).data["results"]) == 1
    [row] = viewer.get(DISCOVERIES).data["results"]
    assert viewer.get(f"{COMPARISONS}{row['id']}/").status_code == 404
    assert viewer.get(COMPARISONS, {"kind": "import"}).status_code == 400


def test_a_trend_has_each_scenario_over_the_models(viewer):
    suite = SuiteVersionFactory(suite__name="people", number=3)
    version = DatasetVersionFactory(dataset__name="gate", number=2)
    models = [ModelVersionFactory(name=name) for name in ("v3", "v4", "v5")]
    for record, model in zip(some_runs(), models, strict=True):
        stored_run(record, suite=suite, model=model, version=version)
    stored_run(a_run(is_final=True, scenarios=(a_scenario("final"),)), suite=suite, model=models[0])
    shown = viewer.get(TRENDS, {"suite": "people", "dataset": "gate@2"}).data
    assert [(run["model"], run["suite"], run["dataset"]) for run in shown["runs"]] == [
        (name, "people@3", "gate@2") for name in ("v3", "v4", "v5")
    ]
    night = shown["scenarios"][0]
    assert (night["name"], [point["value"] for point in night["points"]]) == (
        "Night, every camera", [0.81, 0.88, 0.9312],
    )  # fmt: skip
    fog = shown["scenarios"][-1]
    assert (fog["name"], fog["points"][0]["verdict"], fog["points"][1:]) == ("Fog", "pass", [None, None])
    before = len(queries(viewer, TRENDS + "?suite=people"))
    for _ in range(5):
        stored_run(a_run(), suite=suite, model=ModelVersionFactory(), version=version)
    assert len(queries(viewer, TRENDS + "?suite=people")) == before
    assert TestRun.objects.count() == 9


def test_a_trend_of_nothing_is_empty_and_of_no_suite_not_found(viewer):
    SuiteVersionFactory(suite__name="people", number=1)
    assert viewer.get(TRENDS, {"suite": "people"}).data == {"runs": [], "scenarios": []}
    assert viewer.get(TRENDS, {"suite": "yard"}).status_code == 404
    assert viewer.get(TRENDS, {"suite": "people", "dataset": "none@1"}).status_code == 404
    assert viewer.get(TRENDS).status_code == 400
    assert viewer.get(TRENDS, {"suite": "people", "model": "x"}).status_code == 400
