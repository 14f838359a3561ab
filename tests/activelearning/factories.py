"""Rows of active learning for tests."""

import factory

from activelearning.models import Connection, LabelBatch, LabelProject, LabelTask, Round
from evaluation.models import TestRun
from tests.factories import FrameFactory


class ConnectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Connection

    name = factory.Sequence(lambda n: f"labels-{n}")
    url = "http://localhost:9"
    webhook_secret = "s" * 40


class LabelProjectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LabelProject

    connection = factory.SubFactory(ConnectionFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"project {n}")
    config = "<View/>"
    classes = ["person"]


class LabelBatchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LabelBatch

    name = factory.Sequence(lambda n: f"batch {n}")
    via = LabelBatch.Via.FILES
    classes = ["person"]


class LabelTaskFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LabelTask

    batch = factory.SubFactory(LabelBatchFactory)
    frame = factory.SubFactory(FrameFactory)


def a_round(test_run: TestRun, **values) -> Round:
    """Make a round of a test run, about all of its scenarios that are not green."""
    names = list(test_run.results.exclude(verdict="pass").values_list("name", flat=True))
    defaults = {"scenarios": names, "budget": 20, "strategy_text": "", "strategy": {}, "code_version": "test"}
    return Round.objects.create(test_run=test_run, **(defaults | values))
