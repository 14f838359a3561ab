"""Suites over HTTP: stored in versions, listed, shown, refused; and the metrics that they can have."""

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.core.metrics import METRICS
from evaluation.models import Suite, SuiteVersion
from evaluation.services.suites import save_suite
from tests.evaluation.factories import SuiteVersionFactory

URL = "/api/v1/suites/"
VERSIONS = "/api/v1/suite-versions/"
NIGHT = {"name": "night", "metric": "event_recall", "events": "visits", "at_least": 0.8, "critical": True}
STREET = {"suite": "street", "description": "What the street needs.", "scenarios": [NIGHT]}


def post(client, body):
    return client.post(URL, body, format="json")


def queries(client, path):
    with CaptureQueriesContext(connection) as seen:
        found = client.get(path)
    assert found.status_code == 200, found.data
    return len(seen), found.data["results"]


@pytest.mark.parametrize("form", ["spec", "text", "yaml"])
def test_a_suite_comes_as_json_or_yaml_and_the_same_again_is_the_same_version(curator, viewer, form):
    text = yaml.safe_dump(STREET, sort_keys=False)
    match form:
        case "yaml":
            made = curator.post(URL, text, content_type="application/yaml")
        case "text":
            made = post(curator, {"text": text})
        case _:
            made = post(curator, {"spec": STREET})
    assert made.status_code == 201, made.data
    assert (made.data["reference"], made.data["scenario_count"], made.data["created_by"]) == (
        "street@1",
        1,
        "a-curator",
    )
    assert yaml.safe_load(made.data["text"]) == STREET
    assert made.data["spec"]["scenarios"][0]["least_groups"] == 5
    again = post(curator, {"text": "# as it was\n" + text})
    assert (again.status_code, again.data["id"]) == (200, made.data["id"])
    changed = post(curator, {"spec": STREET | {"scenarios": [NIGHT | {"at_least": 0.9}]}})
    assert (changed.status_code, changed.data["reference"]) == (201, "street@2")
    [suite] = viewer.get(URL).data["results"]
    assert (suite["name"], suite["newest"], suite["newest_id"]) == ("street", 2, changed.data["id"])
    assert viewer.get(f"{URL}{suite['id']}/").data == suite
    assert viewer.get(f"{VERSIONS}{made.data['id']}/").data == made.data


@pytest.mark.parametrize(
    "body, said",
    [
        ({}, "Give either"),
        ({"text": "a: 1", "spec": STREET}, "Give either"),
        ({"text": "suite: [x"}, "not valid YAML"),
        ({"text": "a: &x 1\nb: *x"}, "Aliases"),
        ({"text": "- 1\n"}, "A suite is a YAML mapping"),
        ({"spec": STREET, "retag": True}, "There is no such parameter"),
        ({"spec": {"suite": "Street!", "scenarios": [NIGHT]}}, "lower-case letters"),
        ({"spec": STREET | {"scenarios": []}}, "at least one scenario"),
        ({"spec": STREET | {"scenarios": [NIGHT | {"metric": "luck"}]}}, "there is no metric 'luck'. Valid ones: "),
        ({"spec": STREET | {"scenarios": [NIGHT | {"least": 1}]}}, "there is no 'least'"),
        ({"spec": STREET | {"scenarios": [NIGHT, NIGHT]}}, "two scenarios are named 'night'"),
        ({"spec": STREET | {"confidence": 2}}, "confidence"),
    ],
)
def test_what_is_not_valid_is_refused_with_what_would_be(curator, body, said):
    answer = post(curator, body)
    assert answer.status_code == 400
    assert said in str(answer.data)
    assert not SuiteVersion.objects.exists()


def test_a_wrong_query_is_refused_with_its_place(curator):
    wrong = {"name": "all", "metric": "ap50", "at_least": 0.5, "query": "lihgting:dark"}
    answer = post(curator, {"spec": STREET | {"scenarios": [NIGHT, wrong]}})
    assert answer.status_code == 400
    assert "lihgting" in answer.data["detail"]
    assert not Suite.objects.exists()


def test_versions_are_listed_newest_first_with_few_queries_and_without_their_text(viewer):
    save_suite(text=yaml.safe_dump(STREET))
    one, _ = queries(viewer, VERSIONS)
    for number in range(2, 12):
        SuiteVersionFactory(suite__name="street", number=number)
    SuiteVersionFactory(suite__name="yard")
    with CaptureQueriesContext(connection) as seen:
        many, rows = queries(viewer, VERSIONS)
    assert [row["suite"] for row in rows][:2] == ["yard", "street"]
    assert len(rows) == 12
    assert many == one
    assert "text" not in rows[0]
    assert not any('"text"' in query["sql"] for query in seen)
    assert queries(viewer, VERSIONS + "?suite=yard")[1][0]["scenario_count"] == 1
    assert len(queries(viewer, VERSIONS + "?suite=street&number=3")[1]) == 1
    assert queries(viewer, URL)[0] == queries(viewer, URL + "?name=yard")[0]
    assert viewer.get(VERSIONS + "?text=x").status_code == 400
    assert viewer.get(VERSIONS + "999/").status_code == 404


def test_a_viewer_stores_nothing_and_nobody_changes_a_version(viewer, admin):
    assert post(viewer, {"spec": STREET}).status_code == 403
    version = SuiteVersionFactory()
    for method in ("put", "patch", "delete", "post"):
        assert getattr(admin, method)(f"{VERSIONS}{version.pk}/", {}, format="json").status_code == 405


def test_metrics_are_described_with_their_parameters(viewer):
    found = viewer.get("/api/v1/metrics/").data
    assert [one["kind"] for one in found["metrics"]] == list(METRICS)
    recall = next(one for one in found["metrics"] if one["kind"] == "event_recall")
    assert (recall["measured_on"], recall["unit"], recall["is_higher_better"]) == ("events", "", True)
    assert recall["parameters"]["properties"]["gap_s"]["unit"] == "s"
    assert all(one["help"] for one in found["metrics"])
    assert found["areas"]["small"] == [0.0, 1024.0]
    assert found["options"]["properties"]["replicates"]["default"] == 1000
    assert "visit" in found["group_by"]["properties"]["kind"]["description"]
