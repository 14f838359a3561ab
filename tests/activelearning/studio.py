"""What tests of the way to Label Studio share: a connection, a project there, frames with pictures, a batch, a push."""

from activelearning.models import Connection, LabelBatch
from activelearning.services.batches import make_batch
from activelearning.services.connections import add_connection
from activelearning.services.label_projects import new_project
from activelearning.services.pushing import request_push
from curation.services.job_kinds import run_here
from evaluation.models import PredictedFrame, Prediction
from tests.evaluation.factories import ModelVersionFactory, PredictionRunFactory
from tests.factories import FrameFactory, VideoFactory

STUDIO = LabelBatch.Via.LABEL_STUDIO


def connected(url, token, **more) -> Connection:
    """Enter a server, by way of a proxy where `url` is one's."""
    count = Connection.objects.count()
    return add_connection(name=f"labels-{count}", url=url, token=token, **more)


def project_at(connection, *, classes=("person", "jacket"), factors=()):
    return new_project(connection=connection, title="tests of pushing", classes=classes, factors=factors)


def frames_of(count, **values):
    video = VideoFactory()
    return [FrameFactory(video=video, **values) for _ in range(count)]


def model_that_finds(frames, *, boxes=((10.0, 20.0, 60.0, 120.0),), label="person", score=0.9, name="people-v1"):
    """Make a model and its boxes in frames, the same ones in each."""
    model = ModelVersionFactory(name=name, labels=[label])
    run = PredictionRunFactory(model=model, frame_count=len(frames), params={"min_score": 0.01, "max_boxes": 100})
    PredictedFrame.objects.bulk_create(PredictedFrame(run=run, frame=frame) for frame in frames)
    Prediction.objects.bulk_create(
        Prediction(run=run, frame=frame, label=label, score=score, x1=box[0], y1=box[1], x2=box[2], y2=box[3])
        for frame in frames
        for box in boxes
    )
    return model


def batch_for(project, frames, **more) -> LabelBatch:
    return make_batch(
        name="a batch", frame_ids=[frame.pk for frame in frames], via=STUDIO, project=project, **more
    )  # fmt: skip


def pushed(batch):
    """Push a batch to its end, here."""
    run_here(request_push(batch=batch, here=True))
    batch.refresh_from_db()
    return batch


def keys_there(label_studio, project):
    """List the keys of the tasks that are in a project on the server, sorted: a twin is there twice."""
    return sorted(task["data"]["winnow"] for task in label_studio.tasks(project.number))


def keys_here(batch):
    return sorted(str(key) for key in batch.tasks.exclude(state="dropped").values_list("key", flat=True))
