"""A small world to test models in: visits of one person each, by day and by night, and models that miss some."""

from django.utils import timezone

from curation.models import Frame
from curation.services.datasets import create_version
from evaluation.models import PredictedFrame, Prediction
from evaluation.services.prediction_frames import hash_of, ids_of
from tests.evaluation.factories import ModelVersionFactory, PredictionRunFactory
from tests.factories import AnnotationFactory, FrameFactory, VideoFactory

BOX = (10.0, 20.0, 60.0, 120.0)
SUITE = """
suite: street
dataset: street@1
replicates: 200
scenarios:
  - name: day
    query: lighting:bright
    labels: [person]
    metric: {kind: recall, score: 0.5}
    at_least: 0.6
    critical: true
    share: 0.75
  - name: night
    why: Who is there at night matters most.
    query: lighting:dark
    labels: [person]
    metric: {kind: recall, score: 0.5}
    at_least: 0.7
    critical: true
    share: 0.25
"""


def visits(count=12, *, frames=3, lighting="bright", label="person", **attributes):
    """Make visits, a video each, whose frames show one person each; returns the frames."""
    made = []
    for _ in range(count):
        video = VideoFactory()
        for n in range(frames):
            frame = FrameFactory(
                video=video, pts_us=n * 1_000_000, tags={"lighting": lighting}, annotated_at=timezone.now()
            )
            x1, y1, x2, y2 = BOX
            AnnotationFactory(frame=frame, label=label, x1=x1, y1=y1, x2=x2, y2=y2, attributes=attributes)
            made.append(frame)
    return made


def street(count=12):
    """Make the version street@1: visits by day and by night."""
    frames = [*visits(count), *visits(count, lighting="dark")]
    return create_version(dataset="street", frame_ids=[frame.pk for frame in frames])


def seen(version, name, *, finds=lambda frame: True, score=0.9, label="person", box=BOX, **model):
    """Make a model and its predictions of a version: a box where `finds` says so."""
    made = ModelVersionFactory(name=name, **model)
    ids = list(version.members.order_by("frame_id").values_list("frame_id", flat=True))
    run = PredictionRunFactory(
        model=made, version=version, frame_count=len(ids), frames_sha256=hash_of(ids_of(version))
    )
    PredictedFrame.objects.bulk_create(PredictedFrame(run=run, frame_id=pk) for pk in ids)
    x1, y1, x2, y2 = box
    Prediction.objects.bulk_create(
        Prediction(run=run, frame=frame, label=label, score=score, x1=x1, y1=y1, x2=x2, y2=y2)
        for frame in Frame.objects.filter(pk__in=ids).order_by("pk")
        if finds(frame)
    )
    return made


def by_day(frame):
    return frame.tags["lighting"] == "bright"
