"""`manage.py predict`, as a person and as a program use it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from curation.models import Frame, Job
from curation.services.jobs import cancel_job, claim_job
from evaluation.management.commands import predict
from evaluation.models import PredictionRun
from tests.evaluation.factories import ModelVersionFactory
from tests.evaluation.pictures import drawn_frames, toy_model, version_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def frames():
    return drawn_frames(3)


@pytest.fixture
def version(frames):
    return version_of(frames)


@pytest.fixture
def toy(tmp_path):
    return toy_model(tmp_path)


def run(*args):
    out = io.StringIO()
    call_command("predict", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*args):
    with pytest.raises(CommandError) as caught:
        call_command("predict", *args, stdout=io.StringIO(), stderr=io.StringIO())
    assert caught.value.returncode == 2
    return str(caught.value)


def test_it_is_done_here_and_once(toy, version):
    said = run("toy", "--dataset", "roads@1", "--wait", "--max-boxes", "2")
    assert "toy over roads@1: 3 frames, 6 boxes." in said
    assert "It was there already" in run("toy", "--dataset", "roads", "--max-boxes", "2")
    plain = json.loads(run("toy", "--dataset", "roads@1", "--max-boxes", "2", "--json"))
    assert (plain["model"], plain["version"], plain["frames"], plain["boxes"]) == ("toy", "roads@1", 3, 6)
    assert (plain["state"], plain["is_new"], plain["query"]) == ("done", False, None)
    assert plain["params"] == {"min_score": 0.01, "max_boxes": 2}


def test_workers_are_rung_for_and_waited_for(toy, version, queue, monkeypatch, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        said = run("toy", "--query", "pts_s:>=0")
    job = Job.objects.get()
    assert f"Workers do it: manage.py jobs show {job.pk}" in said
    assert queue.job_ids == [f"job-{job.pk}-0"]
    assert "Workers do it" in run("toy", "--query", "pts_s:>=0")
    assert Job.objects.count() == 1
    taken = claim_job(job.pk, worker="a")
    monkeypatch.setattr(predict.time, "sleep", lambda _: cancel_job(job=taken))
    assert "is cancelled" in refused("toy", "--query", "pts_s:>=0", "--wait")
    assert json.loads(run("toy", "--query", "pts_s:>=0", "--wait", "--json"))["state"] == "done"


def test_one_that_waits_for_workers_is_done_here_when_waited_for(toy, version, queue):
    run("toy", "--dataset", "roads@1")
    assert json.loads(run("toy", "--dataset", "roads@1", "--wait", "--json"))["state"] == "done"


def test_predictions_are_read_in_and_what_is_skipped_is_told(frames, version, tmp_path):
    ModelVersionFactory(name="theirs")
    path = tmp_path / "boxes.csv"
    lines = [f"{frame.pk},person,0.5,0,0,9,9" for frame in frames[:2]]
    path.write_text("\n".join(["frame,label,score,x1,y1,x2,y2", *lines]))
    said = run("theirs", "--import", str(path), "--dataset", "roads@1")
    assert "boxes.csv: 2 rows read, 2 boxes stored in 2 frames; 1 frames show nothing" in said
    assert "Nothing was skipped." in said
    path.write_text("\n".join(["frame,label,score,x1,y1,x2,y2", *lines, "999999,person,0.5,0,0,9,9"]))
    out = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("predict", "theirs", "--import", str(path), "--dataset", "roads@1", stdout=out)
    assert caught.value.code == 1
    assert "1 × picture that is no frame of the version: 999999" in out.getvalue()
    results = tmp_path / "results.json"
    results.write_text(json.dumps([{"frame": frames[0].pk, "label": "dog", "bbox": [0, 0, 1, 1], "score": 1}]))
    plain = json.loads(run("theirs", "--import", str(results), "--dataset", "roads@1", "--json"))
    assert (plain["origin"], plain["source"], plain["report"]["stored"]) == ("import", "results.json", 1)


def test_mistakes_are_told(toy, version, tmp_path):
    assert "There is no model 'none'" in refused("none", "--dataset", "roads@1")
    assert "There is no dataset 'none'" in refused("toy", "--dataset", "none@1")
    assert "required" in refused_by_argparse("toy")
    assert "The query is wrong." in refused("toy", "--query", "nothing:1")
    assert "min_score is 2.0" in refused("toy", "--dataset", "roads@1", "--min-score", "2")
    assert "belongs to --import" in refused("toy", "--dataset", "roads@1", "--truth", "a.json")
    assert "--dataset NAME@N" in refused("toy", "--query", "", "--import", "a.csv")
    assert "add --format" in refused("toy", "--dataset", "roads@1", "--import", "a.txt")
    assert "There is no file" in refused("toy", "--dataset", "roads@1", "--import", str(tmp_path / "a.csv"))
    ModelVersionFactory(name="theirs")
    assert "--import FILE" in refused("theirs", "--dataset", "roads@1")
    Frame.objects.update(held_out=True)
    assert "held out" in refused("toy", "--dataset", "roads@1")
    assert not PredictionRun.objects.exists()


def refused_by_argparse(*args):
    with pytest.raises(CommandError) as caught:
        call_command("predict", *args)
    return str(caught.value)
