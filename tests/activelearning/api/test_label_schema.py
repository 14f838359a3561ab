"""What the API of batches and tasks answers is what its OpenAPI schema says."""

import pytest

from tests.activelearning.api.test_round_schema import _one_connection, call
from tests.activelearning.core.answers import answer, box
from tests.activelearning.factories import LabelBatchFactory, LabelProjectFactory, LabelTaskFactory
from tests.activelearning.services.test_answers import take
from tests.evaluation.factories import ModelVersionFactory
from tests.factories import JobFactory

__all__ = ["_one_connection", "call"]
pytestmark = pytest.mark.django_db


def test_answers_with_every_oddity_are_as_the_schema_has_them(call):
    bare, model = LabelBatchFactory(classes=[]), ModelVersionFactory()
    full = LabelBatchFactory(
        via="label_studio", project=LabelProjectFactory(), model=model, job=JobFactory(kind="push"), cost_per_hour=30.0,
        currency="EUR", merge={"policy": "majority", "iou": 0.4}, factors=["weather"],
    )  # fmt: skip
    predicted = [{"label": "person", "score": 0.5, "box": [0, 0, 5, 5]}]
    task = LabelTaskFactory(batch=full, project=full.project, state="sent", predicted_by=model, predicted=predicted)
    empty = LabelTaskFactory(batch=full, project=full.project)
    said = {"tags": {"weather": "rain"}, "problems": ("odd",), "lead_time_s": 3.5}
    take(task, answer("ada", box(), number=1, **said), answer("bob", is_skip=True, number=2), answer("eve", number=3))
    take(task, answer("ada", box(), number=1, **said), answer("eve", box(), number=3))
    for path in ("label-batches/", "label-tasks/"):
        assert call(path) == 200
    for batch in (bare, full):
        assert call("label-batches/{id}/", id=batch.pk) == 200
    for one in (task, empty):
        assert call("label-tasks/{id}/", id=one.pk) == 200
    assert call("label-batches/{id}/drift/", id=bare.pk) == 409
    assert call("label-batches/{id}/", id=10**9) == 404
