"""Rows of evaluation for tests."""

import factory
from factory.django import DjangoModelFactory

from evaluation.models import Event, EventSet, EventStretch, Look, ModelVersion
from tests.factories import VideoFactory, sha256_of


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
