"""A plan comes as YAML or as JSON, wherever one is asked for."""

import pytest

from curation.models import DatasetVersion
from tests.factories import FrameFactory

pytestmark = pytest.mark.django_db
PLAN = {"query": "lighting:dark", "size": 2, "seed": 7}
TEXT = "query: lighting:dark\nsize: 2\nseed: 7\n"


@pytest.fixture(autouse=True)
def _frames(media):
    FrameFactory.create_batch(3, tags={"lighting": "dark"})


@pytest.mark.parametrize("plan", [PLAN, TEXT])
def test_a_version_and_its_price_are_made_of_either(curator, plan):
    made = curator.post("/api/v1/dataset-versions/", {"dataset": "night", "plan": plan}, format="json")
    assert (made.status_code, made.data["frame_count"]) == (201, 2)
    assert DatasetVersion.objects.get().plan["seed"] == 7
    priced = curator.post("/api/v1/costs/", {"plan": plan}, format="json")
    assert priced.status_code == 200, priced.data


WRONG = [3, [PLAN], None, "size: [", "size: \0", "a: &a [1]\nb: *a\n", {"size": -1}, "x" * 70_000]


@pytest.mark.parametrize("plan", WRONG)
@pytest.mark.parametrize("path, more", [("dataset-versions", {"dataset": "night"}), ("costs", {})])
def test_anything_else_is_refused(curator, path, more, plan):
    answer = curator.post(f"/api/v1/{path}/", {**more, "plan": plan}, format="json")
    assert answer.status_code == 400
    assert not DatasetVersion.objects.exists()
