"""Sets of events and looks over HTTP."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.backends import storage
from curation.core.types import Box
from curation.models import Job
from evaluation.core.looks import encode, looks_of
from evaluation.models import EventSet
from tests.evaluation.factories import (
    EventFactory,
    EventSetFactory,
    EventStretchFactory,
    LookFactory,
    ModelVersionFactory,
)
from tests.factories import VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
SETS, LOOKS = "/api/v1/event-sets/", "/api/v1/looks/"


@pytest.fixture
def gate():
    return VideoFactory(name="gate.mp4", duration_s=60)


def body(**more):
    return {
        "name": "visits",
        "truth": [{"video": "gate.mp4", "label": "person", "intervals": [[5, 8], [30, 40]]}],
        **more,
    }


def post(client, url, what):
    return client.post(url, what, format="json")


def test_a_set_is_stored_once_and_shown(curator, viewer, gate):
    made = post(curator, SETS, body(note="by N."))
    assert made.status_code == 201, made.data
    assert (made.data["events"], made.data["videos"], made.data["looked_s"]) == (2, 1, 60)
    assert made.data["truth"][0]["intervals"] == [[5, 8], [30, 40]]
    assert post(curator, SETS, body()).status_code == 200
    assert viewer.get(f"{SETS}{made.data['id']}/").data == made.data
    (listed,) = viewer.get(SETS, {"name": "visits"}).data["results"]
    assert listed == {key: value for key, value in made.data.items() if key != "truth"}
    assert viewer.get(SETS, {"name": "other"}).data["results"] == []


def test_another_content_under_the_name_is_a_conflict(curator, gate):
    post(curator, SETS, body())
    other = body(truth=[{"video": str(gate.pk), "label": "person", "intervals": []}])
    refused = post(curator, SETS, other)
    assert (refused.status_code, refused.data["code"]) == (409, "taken")


@pytest.mark.parametrize(
    "more, says",
    [
        ({"name": "No Name"}, "set of events"),
        ({"truth": []}, "empty"),
        ({"truth": [{"video": "x", "label": "person", "intervals": []}]}, "no video"),
        ({"truth": [{"video": "gate.mp4", "label": "person", "intervals": [[1, 99]]}]}, "beyond the end"),
        ({"truth": [{"video": "gate.mp4", "label": "person", "intervals": [[2, 1]]}]}, "end after its start"),
        ({"truth": [{"video": "gate.mp4", "label": "person", "intervals": [[1]]}]}, "at least 2"),
        ({"truth": [{"video": "gate.mp4", "label": "person", "intervals": [["NaN", 1]]}]}, "valid number"),
        ({"truth": [{"video": "gate.mp4", "label": "person"}]}, "required"),
    ],
)
def test_what_is_wrong_is_refused(curator, gate, more, says):
    refused = post(curator, SETS, body(**more))
    assert refused.status_code == 400
    assert says in str(refused.data)
    assert not EventSet.objects.exists()


def test_roles(viewer, client_of, client, gate):
    assert post(viewer, SETS, body()).status_code == 403
    assert post(viewer, LOOKS, {"model": "toy", "events": "visits"}).status_code == 403
    for url in (SETS, LOOKS):
        assert client.get(url).status_code == 401
        assert client_of("", name=f"nobody-{len(url)}").get(url).status_code == 403


def test_nothing_is_changed_or_deleted(admin):
    one = EventSetFactory()
    for method in (admin.put, admin.patch, admin.delete):
        assert method(f"{SETS}{one.pk}/", {}).status_code == 405


def test_a_model_is_asked_to_look(curator, queue, gate, django_capture_on_commit_callbacks):
    ModelVersionFactory(name="toy", detector="toy:1")
    post(curator, SETS, body())
    with django_capture_on_commit_callbacks(execute=True):
        asked = post(curator, LOOKS, {"model": "toy", "events": "visits", "fps": 1})
    assert asked.status_code == 202, asked.data
    job = Job.objects.get(pk=asked.data["id"])
    assert (job.kind, job.params["videos"], job.params["fps"], job.created_by) == ("look", [gate.pk], 1, curator.user)
    assert queue.job_ids == [f"job-{job.pk}-0"]
    assert post(curator, LOOKS, {"model": "toy", "videos": [gate.pk, gate.pk]}).status_code == 202


@pytest.mark.parametrize(
    "asked, status",
    [
        ({"model": "toy"}, 400),
        ({"model": "toy", "events": "visits", "videos": [1]}, 400),
        ({"model": "toy", "videos": [999_999]}, 400),
        ({"model": "toy", "videos": []}, 400),
        ({"model": "toy", "events": "nope"}, 404),
        ({"model": "nope", "events": "visits"}, 404),
        ({"model": "bare", "events": "visits"}, 409),
        ({"model": "toy", "events": "visits", "fps": 0}, 400),
        ({"model": "toy", "events": "visits", "min_score": "NaN"}, 400),
    ],
)
def test_odd_requests_for_looks_are_refused(curator, gate, asked, status):
    ModelVersionFactory(name="toy", detector="toy:1")
    ModelVersionFactory(name="bare")
    post(curator, SETS, body())
    assert post(curator, LOOKS, asked).status_code == status
    assert not Job.objects.exists()


@pytest.fixture
def looked(gate):
    """A model that sees a person from 6 to 8 s and, wrongly, from 50 to 51 s."""
    made = EventSetFactory(name="visits")
    EventStretchFactory(event_set=made, video=gate)
    EventFactory(event_set=made, video=gate, start_us=5_000_000, end_us=8_000_000)
    EventFactory(event_set=made, video=gate, start_us=30_000_000, end_us=40_000_000)
    times = np.arange(0, 60_000_000, 500_000)
    seen = [[Box("man", 0.75, 0, 0, 9, 9)] if 6e6 <= t < 8e6 or 50e6 <= t < 51e6 else [] for t in times]
    storage.put_bytes("looks/toy.npz", encode(looks_of(times.tolist(), seen)))
    model = ModelVersionFactory(name="toy", detector="toy:1", label_map={"man": "person"})
    return made, LookFactory(model=model, video=gate, file="looks/toy.npz")


def test_a_model_that_looked_is_measured(viewer, looked):
    made, _ = looked
    found = viewer.get(f"{SETS}{made.pk}/figures/", {"model": "toy"})
    assert found.status_code == 200, found.data
    by_kind = {one["kind"]: one for one in found.data["figures"]}
    assert by_kind["event_recall"]["value"] == 0.5
    assert by_kind["false_alarms"]["value"] == pytest.approx(60)
    assert by_kind["time_to_detection"]["value"] == pytest.approx((1 + 10) / 2)
    assert (found.data["events"], found.data["score"], by_kind["event_recall"]["groups"]) == ("visits", 0.5, 2)


@pytest.mark.parametrize(
    "query, status",
    [
        ({}, 400),
        ({"model": "nope"}, 404),
        ({"model": "toy", "fps": 3}, 409),
        ({"model": "toy", "score": 0.01}, 400),
        ({"model": "toy", "score": 2}, 400),
    ],
)
def test_odd_measurements_are_refused(viewer, looked, query, status):
    assert viewer.get(f"{SETS}{looked[0].pk}/figures/", query).status_code == status


def test_what_was_seen_over_time(viewer, looked):
    _, look = looked
    url = f"{LOOKS}{look.pk}/scores/"
    seen = viewer.get(url, {"label": "person", "start_s": 5, "end_s": 7}).data
    assert seen == {"pts_s": [5, 5.5, 6, 6.5], "score": [0, 0, 0.75, 0.75]}
    few = viewer.get(url, {"label": "person", "points": 3}).data
    assert few == {"pts_s": [0, 20, 40], "score": [0.75, 0, 0.75]}
    assert not any(viewer.get(url, {"label": "car"}).data["score"])
    assert viewer.get(url, {"label": "person", "start_s": 99}).data == {"pts_s": [], "score": []}
    assert viewer.get(url).status_code == 400
    shown = viewer.get(f"{LOOKS}{look.pk}/").data
    assert (shown["model"], shown["video_name"], shown["end_s"]) == ("toy", "gate.mp4", 60)
    storage.remove([look.file])
    assert viewer.get(url, {"label": "person"}).status_code == 409


@pytest.mark.parametrize("url, make", [(SETS, EventStretchFactory), (LOOKS, LookFactory)])
def test_lists_cost_the_same_for_many_rows(viewer, url, make):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert viewer.get(url).status_code == 200
        return len(seen)

    make()
    one = queries()
    make.create_batch(20)
    assert queries() == one


def test_a_set_without_anything_is_shown(viewer):
    one = EventSetFactory()
    shown = viewer.get(f"{SETS}{one.pk}/").data
    assert (shown["events"], shown["videos"], shown["looked_s"], shown["truth"]) == (0, 0, 0, [])
