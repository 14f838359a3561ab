"""The database itself refuses to change what is done: a training, the weights it made, a closed round."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from activelearning.models import Round, Training
from activelearning.services.round_moves import rerun
from activelearning.services.rounds import find_round
from curation.models import Job
from evaluation.models import ModelVersion
from evaluation.services.model_registry import edit_model
from tests.activelearning.factories import TrainingFactory, a_round
from tests.evaluation.factories import ModelVersionFactory, TestRunFactory
from tests.factories import DatasetVersionFactory, JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def training():
    return TrainingFactory(
        model=ModelVersionFactory(weights_sha256="1" * 64), finished_at=timezone.now(), job=JobFactory(kind="train")
    )


@pytest.fixture
def closed(training):
    return a_round(
        TestRunFactory(), state="closed", report={"sentence": "It is better."}, closed_at=timezone.now(),
        training=training, version=training.version, retest=TestRunFactory(), job=JobFactory(kind="round"),
    )  # fmt: skip


def refused(match):
    return pytest.raises(DatabaseError, match=match)


@pytest.mark.parametrize(
    "change",
    [
        {"figures": {"map50": 0.99}}, {"options": {"epochs": 900}}, {"seed": 8}, {"classes": ["person"]},
        {"data": {"pictures": 1}}, {"epochs": [{"epoch": 1}]}, {"name": "another"}, {"model": None},
        {"finished_at": None},
    ],
)  # fmt: skip
def test_a_training_that_is_done_never_changes(training, change):
    with refused("is done and never changes"), transaction.atomic():
        Training.objects.update(**change)
    Training.objects.update(**{name: getattr(training, name) for name in change}, error="", log="the end")
    Job.objects.all().delete()  # what it no longer needs may go


def test_neither_do_what_it_learnt_from_and_the_weights_that_it_made(training):
    for change in ({"version": DatasetVersionFactory()}, {"base": ModelVersionFactory()}):
        with refused("is done and never changes"), transaction.atomic():
            Training.objects.update(**change)
    with refused("a training made them"), transaction.atomic():
        ModelVersion.objects.filter(pk=training.model_id).update(weights_sha256="2" * 64)
    assert edit_model(training.model, notes="Good at night.").notes == "Good at night."


def test_a_training_under_way_is_written_to():
    made = TrainingFactory()
    Training.objects.update(epochs=[{"epoch": 1}], figures={"map50": 0.4})
    Training.objects.update(finished_at=timezone.now(), model=ModelVersionFactory())
    made.refresh_from_db()
    assert made.model is not None


@pytest.mark.parametrize(
    "change",
    [
        {"report": {"sentence": "It is perfect."}}, {"report": {}}, {"retest": None}, {"training": None},
        {"version": None}, {"arms": {"control": {}}}, {"notes": ["none"]}, {"history": [{}]}, {"closed_at": None},
        {"scenarios": ["day"]}, {"budget": 1}, {"seed": 9}, {"strategy": {"name": "other"}},
        {"raise_shares": {"night": 0.5}}, {"state": "retest", "report": {}, "budget": 1},
    ],
)  # fmt: skip
def test_a_closed_round_never_changes(closed, change):
    with refused("never changes"), transaction.atomic():
        Round.objects.update(**change)
    Job.objects.all().delete()  # what it no longer needs may go
    closed.refresh_from_db()
    assert closed.report == {"sentence": "It is better."}


def test_a_step_of_it_is_done_again_by_taking_its_report_back(closed):
    Job.objects.update(state="done")
    with refused("made anew"), transaction.atomic():
        Round.objects.update(state="retest", retest=None)
    rerun(round=find_round(closed.pk), state="retest")
    closed.refresh_from_db()
    assert (closed.state, closed.report, closed.closed_at, closed.retest) == ("retest", {}, None, None)


def test_rows_that_are_done_can_be_deleted(closed, training):
    closed.delete()
    training.delete()
    assert not Training.objects.exists()
