"""Rows of active learning for tests."""

import factory

from activelearning.models import (
    Candidate,
    Connection,
    LabelBatch,
    LabelProject,
    LabelTask,
    Loop,
    Round,
    Seed,
    Training,
)
from evaluation.models import TestRun
from tests.evaluation.factories import TestRunFactory
from tests.factories import DatasetVersionFactory, FrameFactory


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


class SeedFactory(factory.django.DjangoModelFactory):
    """`SeedFactory(round=a_round(test_run))`."""

    class Meta:
        model = Seed

    scenario = "night"
    kind = Seed.Kind.MISSED
    frame = factory.SubFactory(FrameFactory)
    label = "person"
    x1, y1, x2, y2 = 10.0, 20.0, 60.0, 120.0


class CandidateFactory(factory.django.DjangoModelFactory):
    """`CandidateFactory(round=a_round(test_run))`."""

    class Meta:
        model = Candidate

    frame = factory.SubFactory(FrameFactory)
    arm = Candidate.Arm.STRATEGY
    rank = factory.Sequence(lambda n: n)
    score = 0.8
    reasons = factory.LazyFunction(
        lambda: [
            {
                "sampler": "similar_boxes",
                "text": "0.91 like a person missed in night.",
                "score": 0.8,
                "scenario": "night",
                "similarity": 0.91,
                "box": [10.0, 20.0, 60.0, 120.0],
            }
        ]
    )


class TrainingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Training

    name = factory.Sequence(lambda n: f"training-{n}")
    version = factory.SubFactory(DatasetVersionFactory)
    trainer = "ultralytics"
    code_version = "test"


class LoopFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Loop

    suite = factory.SelfAttribute("first_run.suite")
    first_run = factory.SubFactory(TestRunFactory)
    budget = 100
    most_rounds = 3
