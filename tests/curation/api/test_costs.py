"""Costs over HTTP."""

import pytest

from curation.models import Frame
from curation.services.conditions import save_conditions
from tests.factories import FrameFactory

URL = "/api/v1/costs/"
OURS = {"currency": "EUR", "services": [{"name": "ours", "per_picture": 2, "per_tag": 0.5}]}


@pytest.fixture
def frames(db):
    save_conditions(text="name: yard\nfactors:\n  weather: {values: [dry, rain], from: people}\n")
    return [FrameFactory(tags={"lighting": lighting}) for lighting in ("dark", "bright", "dark")]


def test_a_query_is_priced_by_the_usual_list(viewer, frames):
    found = viewer.post(URL, {"query": "lighting:dark"}, format="json")
    assert found.status_code == 200
    assert (found.data["work"], found.data["currency"]) == ({"pictures": 2, "boxes": 0.0, "tags": 2.0}, "USD")
    assert [line["service"] for line in found.data["lines"]] == ["high-quality service", "crowd service", "in-house"]


def test_a_draw_is_priced_by_ones_own_list(viewer, frames):
    asked = {"frame_ids": [frames[0].pk, frames[1].pk], "boxes_per_picture": 1.5, "prices": OURS}
    found = viewer.post(URL, asked, format="json").data
    assert (found["work"], found["lines"][0]["money"]) == ({"pictures": 2, "boxes": 3.0, "tags": 2.0}, 5.0)


def test_what_a_plan_draws_is_priced(viewer, frames):
    asked = {"plan": "query: lighting:dark\nsize: 1\n", "prices": OURS}
    found = viewer.post(URL, asked, format="json").data
    assert (found["work"]["pictures"], found["is_drawn"]) == (1, True)


def test_a_plan_that_asks_for_held_out_frames_is_refused(viewer, frames):
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)
    response = viewer.post(URL, {"plan": "query: held_out:true\nsize: 1\n"}, format="json")
    assert response.status_code == 409


def test_pictures_to_come_are_priced(viewer, db):
    found = viewer.post(URL, {"frames": 10, "prices": OURS}, format="json").data
    assert found["lines"][0]["money"] >= 20.0


@pytest.mark.parametrize(
    "asked, says",
    [
        ({"prices": {"currency": "EUR"}}, "services must be a list"),
        ({"prices": {**OURS, "services": [{"name": "a", "per_box": -1}]}}, "per_box is -1"),
        ({"prices": []}, "dictionary"),
        ({"frames": 0}, "greater than or equal to 1"),
        ({"frame_ids": ["x"]}, "valid integer"),
        ({"boxes_per_picture": "nan"}, "valid number"),
        ({"count": 3}, "There is no such parameter. Valid ones: query, frames, frame_ids,"),
        ({"plan": "size: 3", "query": "lighting:dark"}, "give it alone"),
        ({"plan": "size: many"}, "size is 'many'"),
        ({"plan": "- a"}, "mapping"),
        ({"query": "people>0"}, "Write people:>0."),
    ],
)
def test_odd_requests_are_refused_with_what_would_be_right(viewer, frames, asked, says):
    response = viewer.post(URL, asked, format="json")
    assert response.status_code == 400
    assert says in str(response.data)


def test_only_post_is_offered(viewer, db):
    assert viewer.get(URL).status_code == 405
