"""Rows for tests. `FrameFactory(tags={"people": 2})` makes all that a frame needs around it."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import factory
import numpy as np
from factory.django import DjangoModelFactory
from pgvector import HalfVector

from curation.models import (
    Annotation,
    Camera,
    Cascade,
    DataExport,
    DataImport,
    Dataset,
    DatasetFrame,
    DatasetVersion,
    Detection,
    Embedder,
    Embedding,
    Frame,
    Interval,
    Job,
    Keep,
    OperatingConditions,
    Run,
    TagEdit,
    Video,
)

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def sha256_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


class CameraFactory(DjangoModelFactory):
    class Meta:
        model = Camera
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"camera-{n}")
    attributes = factory.LazyFunction(dict)


class VideoFactory(DjangoModelFactory):
    class Meta:
        model = Video

    name = factory.Sequence(lambda n: f"video-{n}.mp4")
    sha256 = factory.Sequence(lambda n: sha256_of(f"video {n}"))
    camera = factory.SubFactory(CameraFactory)
    file = factory.LazyAttribute(lambda video: f"videos/{video.sha256}.mp4")
    size_bytes = 1000
    container = "mp4"
    codec = "h264"
    width_px = 640
    height_px = 360
    fps = 10.0
    duration_s = 60.0
    header_frames = 600
    decoded_frames = 600
    recorded_at = START


class CascadeFactory(DjangoModelFactory):
    class Meta:
        model = Cascade
        django_get_or_create = ("name", "version")

    name = "motion"
    version = 1
    spec = factory.LazyAttribute(lambda cascade: {"name": cascade.name, "stages": [{"name": "motion"}]})


class RunFactory(DjangoModelFactory):
    class Meta:
        model = Run

    video = factory.SubFactory(VideoFactory)
    cascade = factory.SubFactory(CascadeFactory)
    spec = factory.SelfAttribute("cascade.spec")
    spec_sha256 = factory.Sequence(lambda n: sha256_of(f"spec {n}"))
    code_version = "test"
    chunk_s = 60.0
    status = Run.Status.DONE


class IntervalFactory(DjangoModelFactory):
    class Meta:
        model = Interval

    run = factory.SubFactory(RunFactory)
    stage = "motion"
    start_s = 1.0
    end_s = 3.0
    peak_s = 2.0
    peak_score = 0.9


class FrameFactory(DjangoModelFactory):
    class Meta:
        model = Frame

    video = factory.SubFactory(VideoFactory)
    camera = factory.SelfAttribute("video.camera")
    pts_us = factory.Sequence(lambda n: n * 100_000)
    recorded_at = factory.LazyAttribute(
        lambda frame: frame.video.recorded_at and frame.video.recorded_at + timedelta(microseconds=frame.pts_us)
    )
    image = factory.LazyAttribute(lambda frame: f"{frame.camera.name}/{frame.video.name}/{frame.pts_us}.jpg")
    width_px = 640
    height_px = 360
    tags = factory.LazyFunction(dict)
    evidence = factory.LazyAttribute(
        lambda frame: {name: {"source": "tagger", "by": "test", "confidence": 1.0} for name in frame.tags}
    )


class KeepFactory(DjangoModelFactory):
    class Meta:
        model = Keep

    frame = factory.SubFactory(FrameFactory)
    run = factory.SubFactory(RunFactory, video=factory.SelfAttribute("..frame.video"))
    reason = Keep.Reason.RATE


class DetectionFactory(DjangoModelFactory):
    class Meta:
        model = Detection

    frame = factory.SubFactory(FrameFactory)
    run = factory.SubFactory(RunFactory, video=factory.SelfAttribute("..frame.video"))
    stage = "people"
    label = "person"
    score = 0.9
    x1, y1, x2, y2 = 10.0, 20.0, 60.0, 120.0


class EmbedderFactory(DjangoModelFactory):
    class Meta:
        model = Embedder
        django_get_or_create = ("name", "version")

    name = "descriptor"
    version = "1"
    dimension = 4


class EmbeddingFactory(DjangoModelFactory):
    """`EmbeddingFactory(frame=frame, vector=[1, 0, 0, 0])`; with `detection=` it is a box's."""

    class Meta:
        model = Embedding

    embedder = factory.SubFactory(EmbedderFactory)
    frame = factory.SubFactory(FrameFactory)
    detection = None
    vector = factory.LazyAttribute(lambda row: unit_vector(row.embedder.dimension, seed=row.frame.pk or 0))

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        kwargs["vector"] = HalfVector(np.asarray(kwargs["vector"], np.float32))
        return kwargs


def unit_vector(dimension, *, seed):
    """Return a random direction, the same for the same seed."""
    vector = np.random.default_rng(seed).normal(size=dimension).astype(np.float32)
    return vector / np.linalg.norm(vector)


class JobFactory(DjangoModelFactory):
    class Meta:
        model = Job

    kind = "retag"


class OperatingConditionsFactory(DjangoModelFactory):
    """`OperatingConditionsFactory(spec=parse(...).to_dict())`."""

    class Meta:
        model = OperatingConditions

    version = factory.Sequence(lambda n: n + 1)
    name = "usual"
    text = "name: usual\nfactors:\n  lighting: {}\n"
    spec = factory.LazyFunction(lambda: {"name": "usual", "factors": {"lighting": {}}})


class TagEditFactory(DjangoModelFactory):
    class Meta:
        model = TagEdit

    frame = factory.SubFactory(FrameFactory)
    factor = "weather"
    value = "rain"
    batch = factory.LazyFunction(uuid.uuid4)


class DataImportFactory(DjangoModelFactory):
    class Meta:
        model = DataImport

    name = factory.Sequence(lambda n: f"import {n}")
    format = "coco"
    source = "incoming/coco"


class AnnotationFactory(DjangoModelFactory):
    class Meta:
        model = Annotation

    frame = factory.SubFactory(FrameFactory, annotated_at=START)
    label = "person"
    x1, y1, x2, y2 = 10.0, 20.0, 60.0, 120.0
    source = Annotation.Source.IMPORT


class DataExportFactory(DjangoModelFactory):
    class Meta:
        model = DataExport

    format = "coco"


class DatasetFactory(DjangoModelFactory):
    class Meta:
        model = Dataset
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"dataset-{n}")


class DatasetVersionFactory(DjangoModelFactory):
    """A row only: no manifest in the storage."""

    class Meta:
        model = DatasetVersion

    dataset = factory.SubFactory(DatasetFactory)
    number = factory.Sequence(lambda n: n + 1)
    manifest = "datasets/0.jsonl.gz"
    manifest_sha256 = factory.Sequence(lambda n: sha256_of(f"manifest {n}"))
    frame_count = 0
    annotation_count = 0
    code_version = "test"


class DatasetFrameFactory(DjangoModelFactory):
    class Meta:
        model = DatasetFrame

    version = factory.SubFactory(DatasetVersionFactory)
    frame = factory.SubFactory(FrameFactory)
    split = "train"
