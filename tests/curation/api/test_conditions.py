"""Operating conditions over HTTP: versions, what is refused, retagging, calibration."""

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Frame, Job, OperatingConditions
from curation.services.conditions import save_conditions
from curation.services.in_force import template_text
from curation.services.job_kinds import run_here
from tests.curation.services.test_prompts import WET, at, conditions, embedded, give_vectors
from tests.factories import CameraFactory, EmbedderFactory, KeepFactory, TagEditFactory

URL = "/api/v1/conditions/"
MINE = {"name": "mine", "factors": {"weather": {"from": "people", "values": ["dry", "rain"]}}}
SEEN = {"brightness": 50.0, "contrast": 20.0, "blur": 0.3}


def post(client, body, url=URL):
    return client.post(url, body, format="json")


def test_the_conditions_in_force_say_how_things_stand_with_each_factor(viewer):
    CameraFactory(attributes={"location": "gate"})
    CameraFactory()
    found = viewer.get(URL + "current/")
    assert found.status_code == 200
    assert (found.data["reference"], found.data["text"]) == ("usual@1", template_text())
    states = {factor["name"]: factor["state"] for factor in found.data["factors"]}
    assert states == {
        "weather": "no embedder that reads text has embedded frames",
        "lighting": "ready",
        "camera_angle": "no camera has the attribute camera_angle",
        "reflective_surfaces": "no embedder that reads text has embedded frames",
        "motion": "ready",
        "people": "ready",
        "blurriness": "ready",
        "resolution": "ready",
        "location": "1 of 2 cameras have the attribute location",
        "time_of_day": "ready",
        "season": "ready",
        "indoor": "ready",
    }
    assert viewer.get(f"{URL}{found.data['id']}/").data["spec"]["factors"]["people"]["names"][0] == "nobody"


@pytest.mark.parametrize("form", ["spec", "text", "yaml"])
def test_other_conditions_come_as_json_or_yaml_and_tag_frames_anew(
    curator, queue, django_capture_on_commit_callbacks, form
):
    KeepFactory(tags=SEEN)
    text = yaml.safe_dump(MINE | {"tags": {"exposure": {"dim_from": 60}}})
    with django_capture_on_commit_callbacks(execute=True):
        match form:
            case "yaml":
                answer = curator.post(URL, text, content_type="application/yaml")
            case "text":
                answer = post(curator, {"text": text})
            case _:
                answer = post(curator, {"spec": yaml.safe_load(text)})
    assert (answer.status_code, answer.data["reference"], answer.data["created_by"]) == (201, "mine@2", "a-curator")
    job = Job.objects.get(pk=answer.data["job"])
    assert (job.kind, job.created_by.username, queue.job_ids) == ("retag", "a-curator", [f"job-{job.pk}-0"])
    run_here(job)
    assert Frame.objects.get().tags["lighting"] == "dark"
    again = post(curator, {"text": text})
    assert (again.status_code, again.data["id"], again.data["job"]) == (200, answer.data["id"], None)


def test_a_retag_can_be_left_out_and_asked_for_later(curator, queue):
    answer = post(curator, {"spec": MINE, "retag": False})
    assert (answer.status_code, answer.data["job"]) == (201, None)
    assert not Job.objects.exists()
    later = post(curator, None, URL + "retag/")
    assert (later.status_code, later.data["kind"], later.data["state"]) == (202, "retag", "queued")


@pytest.mark.parametrize(
    "body, said",
    [
        ({}, "Give either"),
        ({"text": "a: 1", "spec": MINE}, "Give either"),
        ({"text": "name: [x"}, "not valid YAML"),
        ({"text": "a: &x 1\nb: *x"}, "Aliases"),
        ({"spec": {"name": "x", "factors": {"rain": {"kind": "colour"}}}}, "must be one of categorical, boolean"),
        ({"spec": {"name": "x", "factors": {"fog": {}}}}, "no tagger gives 'fog'"),
        ({"spec": MINE, "retag": "perhaps"}, "Must be a valid boolean"),
    ],
)
def test_what_is_not_valid_is_refused_with_what_would_be(curator, body, said):
    answer = post(curator, body)
    assert answer.status_code == 400
    assert said in str(answer.data)
    assert OperatingConditions.objects.count() == 0


def test_a_wrong_rule_is_refused_with_its_column(curator):
    rules = [{"value": True, "when": "weather:rain AND lihgting:dark"}]
    factors = {**MINE["factors"], "grim": {"kind": "boolean", "from": "rules", "rules": rules}}
    answer = post(curator, {"spec": {"name": "x", "factors": factors}})
    assert (answer.status_code, answer.data["code"]) == (400, "rule")
    assert answer.data["detail"].startswith(
        "factors.grim.rules[0], column 18: There is no field 'lihgting'. Near: lighting"
    )


def test_versions_are_listed_newest_first_with_few_queries(viewer):
    for number in range(5):
        save_conditions(text=yaml.safe_dump(MINE | {"name": f"n{number}"}))
    with CaptureQueriesContext(connection) as few:
        page = viewer.get(URL, {"limit": 2})
    assert [row["reference"] for row in page.data["results"]] == ["n4@6", "n3@5"]
    with CaptureQueriesContext(connection) as many:
        assert len(viewer.get(URL).data["results"]) == 6
    assert len(few) == len(many)
    assert viewer.get(URL + "999/").status_code == 404


def test_a_viewer_brings_nothing_into_force(viewer):
    for path in (URL, URL + "retag/", URL + "1/calibrate/"):
        assert post(viewer, {"spec": MINE}, path).status_code == 403


def test_a_prompted_factor_is_calibrated_on_peoples_labels(curator, queue):
    row = conditions(wet=WET)
    toy = EmbedderFactory(name="clip:toy", dimension=4)
    give_vectors(row, "wet", toy, true=at(0), false=at(24))
    url = f"{URL}{row.pk}/calibrate/"
    refused = post(curator, {"factor": "wet"}, url)
    assert (refused.status_code, refused.data["code"]) == (409, "calibration")
    assert "wet has 0 labels by people (none); it takes 8" in refused.data["detail"]
    for degrees in range(0, 40, 2):
        TagEditFactory(frame=embedded(toy, degrees), factor="wet", value=degrees < 20)
    answer = post(curator, {"factor": "wet"}, url)
    assert answer.status_code == 200
    assert answer.data["calibration"]["labels"] == 20
    assert answer.data["calibration"]["by"] == "a-curator"
    assert Job.objects.get(pk=answer.data["job"]).kind == "retag"
    shown = curator.get(f"{URL}{row.pk}/").data
    assert shown["calibration"]["wet"]["labels"] == 20
    assert shown["factors"][0]["state"] == "ready, by clip:toy, calibrated"
    assert post(curator, {"factor": "dry"}, url).status_code == 409
    newer = conditions(wet=WET, other={"from": "people"})
    old = post(curator, {"factor": "wet"}, url)
    assert (old.status_code, old.data["code"]) == (409, "not_in_force")
    assert f"has the id {newer.pk}" in old.data["detail"]
