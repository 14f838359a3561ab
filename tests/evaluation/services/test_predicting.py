"""Prediction runs: over versions and queries, once for the same frames, resumed after any break, never over what is
held out."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.utils import timezone

from curation.backends import storage
from curation.core.errors import SpecError, WeightsMissing
from curation.core.query import QueryError
from curation.models import Frame, Job
from curation.services.holdout import HoldoutError, lock_version
from curation.services.job_kinds import kind_of, run_here
from curation.services.jobs import Lost, cancel_job, claim_job, work_on
from curation.services.pictures import PictureMissing
from evaluation.models import PredictedFrame, Prediction, PredictionRun
from evaluation.services import frame_pictures, predicting
from evaluation.services.model_registry import ModelError, register_model
from evaluation.services.predicting import NoPredictions, find_predictions, request_predictions
from evaluation.services.prediction_frames import NoFrames
from tests.conftest import ROOT
from tests.evaluation.factories import ModelVersionFactory
from tests.evaluation.pictures import drawn_frames, frames_of_footage, toy_model, version_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(frame_pictures, "BATCH", 3)
    monkeypatch.setattr(predicting, "PAGE", 4)


def done(**asked):
    run, is_new = request_predictions(here=True, **asked)
    assert is_new
    run_here(run.job)
    return PredictionRun.objects.get(pk=run.pk)


def boxes_of(run):
    columns = ("frame_id", "label", "score", "x1", "y1", "x2", "y2")
    return list(Prediction.objects.filter(run=run).order_by("frame_id", "id").values_list(*columns))


def test_a_model_looks_at_every_frame_of_a_version(tmp_path):
    frames = drawn_frames(10)
    model, version = toy_model(tmp_path), version_of(frames[:8])
    run = done(model=model, version=version)
    assert run.is_done
    assert (run.frame_count, run.origin, run.job.state) == (8, "model", Job.State.DONE)
    assert run.job.result == {"run": run.pk, "model": "toy", "frames": 8, "boxes": run.box_count}
    seen = boxes_of(run)
    assert run.box_count == len(seen) > 8
    assert {frame_id for frame_id, *_ in seen} == {frame.pk for frame in frames[:8]}
    first = [row for row in seen if row[0] == frames[0].pk]
    assert first == sorted(first, key=lambda row: -row[2])
    assert find_predictions(model=model, version=version) == run


def test_boxes_are_few_and_sure_as_asked(tmp_path):
    model, version = toy_model(tmp_path), version_of(drawn_frames(2))
    run = done(model=model, version=version, min_score=0.5, max_boxes=3)
    seen = boxes_of(run)
    assert len(seen) == 6
    assert min(score for _, _, score, *_ in seen) >= 0.5
    for wrong in ({"min_score": 1.0}, {"min_score": -0.1}, {"min_score": float("nan")}, {"max_boxes": 0}):
        with pytest.raises(SpecError):
            request_predictions(model=model, version=version, **wrong)


def test_the_same_model_frames_and_parameters_are_one_run(tmp_path):
    frames = drawn_frames(3)
    model, version = toy_model(tmp_path), version_of(frames)
    run = done(model=model, version=version)
    for asked in ({"version": version}, {"version": version_of(frames, name="again")}, {"query": ""}):
        assert request_predictions(model=model, **asked) == (run, False)
    (tmp_path / "yolox.onnx").unlink()  # what is there can be used without the weights
    assert request_predictions(model=model, version=version) == (run, False)
    with pytest.raises(WeightsMissing):
        request_predictions(model=model, version=version, min_score=0.2)


def test_one_that_is_under_way_is_not_asked_for_twice(tmp_path):
    model, version = toy_model(tmp_path), version_of(drawn_frames(3))
    first, is_new = request_predictions(model=model, version=version)
    assert is_new
    assert request_predictions(model=model, version=version) == (first, False)
    assert Job.objects.count() == 1


def test_a_query_leaves_out_what_is_held_out(tmp_path):
    frames = drawn_frames(4)
    model = toy_model(tmp_path)
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)
    run = done(model=model, query="pts_s:>=0")
    assert (run.frame_count, run.report, run.query, run.version) == (3, {"held_out": 1}, "pts_s:>=0", None)
    with pytest.raises(HoldoutError):
        request_predictions(model=model, query=f"id:{frames[0].pk}")
    with pytest.raises(NoFrames, match="No frame matches"):
        request_predictions(model=model, query="camera:none")
    with pytest.raises(QueryError):
        request_predictions(model=model, query="nothing:1")
    with pytest.raises(SpecError, match="not both"):
        request_predictions(model=model, version=version_of(frames[1:]), query="id:1")


def test_a_hold_out_is_for_the_final_evaluation_only(tmp_path):
    model, frames = toy_model(tmp_path), drawn_frames(3)
    version = version_of(frames)
    with pytest.raises(HoldoutError, match="not locked"):
        request_predictions(model=model, version=version, is_final=True)
    version = lock_version(version, user=None, by_name="ada", allow_uncompared=True)
    with pytest.raises(HoldoutError, match="held out"):
        request_predictions(model=model, version=version)
    run, _ = request_predictions(model=model, version=version, is_final=True, here=True)
    run_here(run.job)
    assert find_predictions(model=model, version=version) == run


def test_predictions_that_cover_a_version_are_found(tmp_path):
    model, frames = toy_model(tmp_path), drawn_frames(5)
    part, whole = version_of(frames[:3]), version_of(frames, name="whole")
    with pytest.raises(NoPredictions, match=r"manage.py predict toy --dataset roads@1 --wait"):
        find_predictions(model=model, version=part)
    wide = done(model=model, version=whole)
    assert find_predictions(model=model, version=part) == wide
    rough = done(model=model, version=part, min_score=0.9)
    assert find_predictions(model=model, version=part) == rough  # of exactly these frames
    fine = done(model=model, version=part, min_score=0.02)
    assert find_predictions(model=model, version=part) == fine
    PredictionRun.objects.filter(pk=fine.pk).update(finished_at=None)
    assert find_predictions(model=model, version=part) == rough
    theirs = ModelVersionFactory(name="theirs")
    with pytest.raises(NoPredictions, match=r"--import FILE"):
        find_predictions(model=theirs, version=part)


@pytest.mark.parametrize("steps", range(1, 5))
def test_cut_off_after_any_step_the_next_attempt_goes_on(tmp_path, steps):
    frames = drawn_frames(8)
    model, version = toy_model(tmp_path), version_of(frames)
    whole = boxes_of(done(model=model, version=version, max_boxes=5))
    PredictionRun.objects.all().delete()
    run, _ = request_predictions(model=model, version=version, max_boxes=5)
    job = claim_job(run.job.pk, worker="a")
    work = kind_of(job)(job)
    for _ in range(steps):
        job.checkpoint = next(work).checkpoint or job.checkpoint
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now(), checkpoint={})
    again = claim_job(job.pk, worker="b")
    with pytest.raises(Lost):
        for _ in work:
            pass
    assert work_on(again, kind_of(again), bite_s=None)
    assert boxes_of(run) == whole


def test_in_bites_it_leaves_the_same(tmp_path):
    run, _ = request_predictions(model=toy_model(tmp_path), version=version_of(drawn_frames(7)))
    bites, is_done = 0, False
    while not is_done:
        job = claim_job(run.job.pk, worker="a")
        is_done = work_on(job, kind_of(job), bite_s=0)
        bites += 1
    assert bites >= 3
    job.refresh_from_db()
    assert (job.done, job.total) == (7, 7)
    assert len({frame_id for frame_id, *_ in boxes_of(run)}) == 7


def test_what_was_cancelled_goes_on_when_asked_for_again(tmp_path):
    model, version = toy_model(tmp_path), version_of(drawn_frames(7))
    run, _ = request_predictions(model=model, version=version)
    job = claim_job(run.job.pk, worker="a")
    work_on(job, kind_of(job), bite_s=0)
    cancel_job(job=job)
    again, is_new = request_predictions(model=model, version=version, here=True)
    assert (again, is_new) == (run, True)
    assert again.job_id != job.pk
    assert again.job.checkpoint["after"] > 0
    run_here(again.job)
    assert find_predictions(model=model, version=version) == run


def test_frames_that_came_in_again_are_looked_at_again(tmp_path):
    frames = drawn_frames(3)
    model = toy_model(tmp_path)
    run = done(model=model, query="")
    old = frames[0]
    old.delete()
    old.pk = None
    old.save(force_insert=True)
    assert request_predictions(model=model, query="", here=True) == (run, True)
    run.refresh_from_db()
    run_here(run.job)
    assert {frame_id for frame_id, *_ in boxes_of(run)} == {old.pk, frames[1].pk, frames[2].pk}
    assert PredictedFrame.objects.filter(run=run).count() == 3


def test_changed_weights_and_lost_pictures_are_told(tmp_path):
    frames = drawn_frames(3)
    model, version = toy_model(tmp_path), version_of(frames)
    run, _ = request_predictions(model=model, version=version, here=True)
    content = (tmp_path / "yolox.onnx").read_bytes()
    (tmp_path / "yolox.onnx").write_bytes(content + b"\0")
    with pytest.raises(ModelError, match="were changed"):
        run_here(run.job)
    run.job.refresh_from_db()
    assert run.job.state == Job.State.FAILED
    assert "were changed" in run.job.error
    with pytest.raises(ModelError, match="were changed"):
        request_predictions(model=model, version=version)
    (tmp_path / "yolox.onnx").write_bytes(content)
    storage.put_bytes(frames[1].image, b"no picture")
    run, _ = request_predictions(model=model, version=version, here=True)
    with pytest.raises(PictureMissing, match=frames[1].image):
        run_here(run.job)
    with pytest.raises(NoPredictions):
        find_predictions(model=model, version=version)
    assert ModelVersionFactory(name="theirs").has_weights is False
    with pytest.raises(ModelError, match="--import"):
        request_predictions(model=ModelVersionFactory(name="theirs"), version=version)


@pytest.mark.slow
def test_public_models_see_the_visitor(shared_data):
    seconds = (2, 10, 21, 60, 80)
    frames = frames_of_footage(shared_data / "videos" / "one-by-one-person-detection.mp4", seconds)
    version = version_of(frames)
    for kind, file, score in (("yolox_onnx", "yolox_nano.onnx", 0.5), ("nanodet_onnx", "nanodet_m_416.onnx", 0.45)):
        model = register_model(name=kind, detector=f"{kind}:{shared_data}/weights/{file}")
        run = done(model=model, version=version)
        people = [row for row in boxes_of(run) if row[1] == "person" and row[2] >= score]
        # Nobody is there at 2 and 21 s.
        assert {frame_id for frame_id, *_ in people} == {frames[1].pk, frames[3].pk, frames[4].pk}


def test_the_demo_model_sees_the_rendered_visitors(tiny_footage):
    frames = frames_of_footage(tiny_footage, [0.5 * n for n in range(40)])
    model = register_model(name="demo", detector="ultralytics:demo/weights/winnow_demo.onnx")
    run = done(model=model, version=version_of(frames), min_score=0.3)
    seen = {frame_id for frame_id, label, *_ in boxes_of(run) if label == "person"}
    assert 3 < len(seen) < 40


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_leaves_work_that_another_takes_up(tmp_path, settings, monkeypatch):
    frames = drawn_frames(400, width=320, height=240)
    model, version = toy_model(tmp_path), version_of(frames)
    run, _ = request_predictions(model=model, version=version, max_boxes=10)
    code = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from config import env\n"
        f"settings.STORAGES = {{**settings.STORAGES, 'default': env.storage(__import__('pathlib').Path({str(tmp_path / 'media')!r}), url_ttl_s=60)}}\n"  # noqa: E501
        "from evaluation.services import frame_pictures; frame_pictures.BATCH = 2\n"
        f"from curation.tasks import do_job; do_job({run.job.pk})\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ})
    until = time.monotonic() + 60
    while time.monotonic() < until and not Prediction.objects.filter(run=run).exists():
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    killed = Prediction.objects.filter(run=run).values("frame").distinct().count()
    assert 0 < killed < 400
    Job.objects.filter(pk=run.job.pk).update(lease_until=timezone.now())
    job = claim_job(run.job.pk, worker="another")
    assert work_on(job, kind_of(job), bite_s=None)
    run.refresh_from_db()
    assert run.is_done
    assert run.box_count == 4000 == Prediction.objects.filter(run=run).count()
