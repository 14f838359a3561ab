"""A model's boxes in any frames: from the runs that have them, and made where none does."""

import numpy as np
import pytest

from curation.core.errors import SpecError
from curation.services.holdout import HoldoutError
from curation.services.job_kinds import run_here
from evaluation.models import PredictedFrame, Prediction, PredictionRun
from evaluation.services.frame_predictions import boxes_of, labels_of, predictions_of
from evaluation.services.predicting import NoPredictions, request_predictions
from evaluation.services.prediction_frames import NoFrames
from tests.evaluation.factories import ModelVersionFactory, PredictionFactory, PredictionRunFactory
from tests.evaluation.pictures import drawn_frames, toy_model
from tests.factories import FrameFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def ids_of(frames):
    return np.array([frame.pk for frame in frames], np.int64)


def ended(work):
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def a_run(model, frames, **values):
    run = PredictionRunFactory(model=model, version=None, frame_count=len(frames), **values)
    PredictedFrame.objects.bulk_create(PredictedFrame(run=run, frame=frame) for frame in frames)
    for frame in frames:
        PredictionFactory(run=run, frame=frame)
    return run


def told(pieces):
    return [(piece.run.pk, piece.frame_ids.tolist()) for piece in pieces]


def test_frames_come_from_the_runs_that_have_them_the_newest_first():
    model = ModelVersionFactory()
    frames = [FrameFactory() for _ in range(4)]
    ids = ids_of(frames).tolist()
    old, new = a_run(model, frames), a_run(model, frames[1:3])
    a_run(ModelVersionFactory(), frames)
    a_run(model, frames, params={"min_score": 0.3})
    a_run(model, frames, finished_at=None)
    assert told(ended(predictions_of(model, ids_of(frames)))) == [(new.pk, ids[1:3]), (old.pk, [ids[0], ids[3]])]
    assert told(ended(predictions_of(model, ids_of(frames[1:2])))) == [(new.pk, ids[1:2])]
    assert told(ended(predictions_of(model, ids_of([])))) == []


def test_a_model_without_weights_must_have_all():
    model = ModelVersionFactory()
    frames = [FrameFactory(), FrameFactory()]
    a_run(model, frames[:1])
    with pytest.raises(NoPredictions, match="for 1 of the frames"):
        ended(predictions_of(model, ids_of(frames)))


def test_what_no_run_has_is_predicted_and_used_again(tmp_path):
    frames = drawn_frames(5)
    model = toy_model(tmp_path)
    first = ended(predictions_of(model, ids_of(frames[:3])))
    assert told(first) == [(PredictionRun.objects.get().pk, ids_of(frames[:3]).tolist())]
    more = ended(predictions_of(model, ids_of(frames)))
    assert [piece.frame_ids.tolist() for piece in more] == [ids_of(frames[:3]).tolist(), ids_of(frames[3:]).tolist()]
    assert told(ended(predictions_of(model, ids_of(frames[1:4])))) == [
        (more[1].run.pk, [frames[3].pk]),
        (more[0].run.pk, [frames[1].pk, frames[2].pk]),
    ]
    assert PredictionRun.objects.count() == 2
    found = boxes_of(first[0], labels=labels_of(first))
    assert set(found.image.tolist()) == {0, 1, 2}
    assert len(found.score) == Prediction.objects.filter(run=first[0].run, score__gte=0.05).count()


def test_a_list_of_frames_is_one_run_whatever_its_order(tmp_path):
    frames = drawn_frames(3)
    model = toy_model(tmp_path)
    run, is_new = request_predictions(model=model, frame_ids=[frames[2].pk, frames[0].pk, frames[2].pk], here=True)
    assert (is_new, run.frame_count, run.query, str(run)) == (True, 2, "", "toy over frames")
    run_here(run.job)
    assert request_predictions(model=model, frame_ids=[frames[0].pk, frames[2].pk]) == (run, False)


def test_a_list_of_frames_is_checked(tmp_path):
    model, (frame,) = toy_model(tmp_path), drawn_frames(1)
    held = FrameFactory(held_out=True)
    with pytest.raises(HoldoutError, match="wanted for predictions"):
        request_predictions(model=model, frame_ids=[frame.pk, held.pk])
    with pytest.raises(NoFrames, match="1 of 2 frames are not there"):
        request_predictions(model=model, frame_ids=[frame.pk, 10**9])
    with pytest.raises(NoFrames, match="No frame was named"):
        request_predictions(model=model, frame_ids=[])
    with pytest.raises(SpecError, match="not both"):
        request_predictions(model=model, frame_ids=[frame.pk], query="people:>0")
    assert not PredictionRun.objects.exists()
