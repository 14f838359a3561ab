"""Rows of evaluation for tests."""

from dataclasses import replace

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from evaluation.core.record_json import run_to_plain, scenario_to_plain
from evaluation.models import (
    Event,
    EventSet,
    EventStretch,
    LabelReview,
    Look,
    ModelVersion,
    PredictedFrame,
    Prediction,
    PredictionRun,
    ScenarioResult,
    Suite,
    SuiteVersion,
    TestRun,
)
from tests.factories import DatasetVersionFactory, FrameFactory, VideoFactory, sha256_of


class ModelVersionFactory(DjangoModelFactory):
    """A row only: no weights anywhere."""

    class Meta:
        model = ModelVersion
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"model-{n}")
    detector = ""
    weights_sha256 = ""
    labels = factory.LazyFunction(lambda: ["person", "car"])


class EventSetFactory(DjangoModelFactory):
    """A name only: its stretches and events are rows of their own."""

    class Meta:
        model = EventSet
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"events-{n}")
    sha256 = factory.LazyAttribute(lambda row: sha256_of(row.name))


class EventStretchFactory(DjangoModelFactory):
    class Meta:
        model = EventStretch

    event_set = factory.SubFactory(EventSetFactory)
    video = factory.SubFactory(VideoFactory)
    label = "person"
    start_us = 0
    end_us = 60_000_000


class EventFactory(DjangoModelFactory):
    class Meta:
        model = Event

    event_set = factory.SubFactory(EventSetFactory)
    video = factory.SubFactory(VideoFactory)
    label = "person"
    start_us = 10_000_000
    end_us = 20_000_000


class LookFactory(DjangoModelFactory):
    """A row only: no arrays in the storage."""

    class Meta:
        model = Look

    model = factory.SubFactory(ModelVersionFactory)
    video = factory.SubFactory(VideoFactory)
    fps = 2.0
    min_score = 0.05
    file = factory.Sequence(lambda n: f"looks/{n}.npz")
    look_count = 120
    end_us = 60_000_000
    code_version = "test"


class PredictionRunFactory(DjangoModelFactory):
    """A run that is done. Its frames and boxes are rows of their own."""

    class Meta:
        model = PredictionRun

    model = factory.SubFactory(ModelVersionFactory)
    version = factory.SubFactory(DatasetVersionFactory)
    origin = PredictionRun.Origin.MODEL
    params = factory.LazyFunction(lambda: {"min_score": 0.01, "max_boxes": 100})
    frames_sha256 = factory.Sequence(lambda n: sha256_of(f"frames {n}"))
    frame_count = 1
    key = factory.Sequence(lambda n: sha256_of(f"key {n}"))
    code_version = "test"
    finished_at = factory.LazyFunction(timezone.now)


class PredictedFrameFactory(DjangoModelFactory):
    class Meta:
        model = PredictedFrame

    run = factory.SubFactory(PredictionRunFactory)
    frame = factory.SubFactory(FrameFactory)


class PredictionFactory(DjangoModelFactory):
    class Meta:
        model = Prediction

    run = factory.SubFactory(PredictionRunFactory)
    frame = factory.SubFactory(FrameFactory)
    label = "person"
    score = 0.9
    x1, y1, x2, y2 = 10.0, 20.0, 60.0, 120.0


class LabelReviewFactory(DjangoModelFactory):
    class Meta:
        model = LabelReview

    frame = factory.SubFactory(FrameFactory)
    kind = LabelReview.Kind.SPURIOUS
    label = "person"
    x1, y1, x2, y2 = 10.0, 20.0, 60.0, 120.0
    suspicion = 0.9
    reasons = factory.LazyFunction(lambda: ["two models see nothing here"])


class SuiteFactory(DjangoModelFactory):
    class Meta:
        model = Suite
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"suite-{n}")


class SuiteVersionFactory(DjangoModelFactory):
    """A row only: its scenarios name a metric that need not be there."""

    class Meta:
        model = SuiteVersion

    suite = factory.SubFactory(SuiteFactory)
    number = factory.Sequence(lambda n: n + 1)
    text = factory.LazyAttribute(lambda row: f"suite: {row.suite.name}\n")
    spec = factory.LazyAttribute(
        lambda row: {"suite": row.suite.name, "scenarios": [{"name": "all", "metric": {"kind": "recall"}}]}
    )
    sha256 = factory.LazyAttribute(lambda row: sha256_of(f"{row.suite.name}@{row.number}"))


class TestRunFactory(DjangoModelFactory):
    """A run that nobody has begun; `stored_run` makes one that is done."""

    __test__ = False  # pytest would take it for a test

    class Meta:
        model = TestRun

    suite = factory.SubFactory(SuiteVersionFactory)
    model = factory.SubFactory(ModelVersionFactory)
    version = factory.SubFactory(DatasetVersionFactory)
    code_version = "test"


class ScenarioResultFactory(DjangoModelFactory):
    class Meta:
        model = ScenarioResult

    run = factory.SubFactory(TestRunFactory)
    position = factory.Sequence(lambda n: n)
    name = "all"
    critical = True
    verdict = ScenarioResult.Verdict.PASS
    value, low, high, threshold = 0.9, 0.85, 0.95, 0.8
    record = factory.LazyFunction(dict)


def stored_run(record, **rows):
    """Store a whole record (tests.evaluation.records has some) as a test run that is done, and return its row."""
    run = TestRunFactory(is_final=record.is_final, options=dict(record.options), **rows)
    record = replace(
        record, id=run.pk, suite=str(run.suite), model=run.model.name, dataset=str(run.version) if run.version else ""
    )
    run.record, run.verdict, run.finished_at = (
        run_to_plain(record, with_scenarios=False),
        record.verdict,
        timezone.now(),
    )
    run.save()
    ScenarioResult.objects.bulk_create(
        ScenarioResult(
            run=run,
            position=place,
            record=scenario_to_plain(one),
            **{key: getattr(one, key) for key in ("name", "critical", "verdict", "value", "low", "high", "threshold")},
        )
        for place, one in enumerate(record.scenarios)
    )
    return run
