"""`manage.py events`, as a person and as a program use it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from curation.models import Job
from curation.services.ingest import register
from evaluation.models import EventSet, Look
from evaluation.services import looking_through
from tests.evaluation.factories import ModelVersionFactory
from tests.evaluation.services.test_looking_through import Brightness
from tests.factories import VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

ONE = {"video": "gate.mp4", "label": "person", "intervals": [[5, 8], [12, 15.5]]}


def run(*args):
    out, err = io.StringIO(), io.StringIO()
    call_command("events", *map(str, args), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(*args):
    with pytest.raises(CommandError) as caught:
        run(*args)
    return str(caught.value), caught.value.returncode


@pytest.fixture
def truth(tmp_path):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(ONE))
    return path


@pytest.fixture
def gate(tiny_footage):
    return register(path=tiny_footage, name="gate.mp4", camera="gate").video


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setattr(looking_through, "detector_of", lambda model: Brightness())
    return ModelVersionFactory(name="toy", detector="toy:1", labels=["light"], label_map={"light": "person"})


def test_a_person_takes_in_events_and_sees_them(truth):
    VideoFactory(name="gate.mp4", duration_s=60)

    assert run("import", "visits", truth, "--note", "by [N].")[0] == "visits stored: 2 events in 1 videos.\n"
    assert "was there already" in run("import", "visits", truth)[0]
    assert "visits" in run("list")[0]
    shown = run("show", "visits")[0]
    assert "by [N]." in shown
    assert "5–8, 12–15.5" in shown
    assert "60.0 s" in shown


def test_a_program_gets_objects(truth):
    VideoFactory(name="gate.mp4", duration_s=60)
    made = json.loads(run("import", "visits", truth, "--json")[0])
    assert (made["events"], made["videos"], made["looked_s"], made["is_new"]) == (2, 1, 60, True)
    assert json.loads(run("list", "--json")[0])["event_sets"][0]["name"] == "visits"
    (entry,) = json.loads(run("show", "visits", "--json")[0])["truth"]
    assert entry["intervals"] == ONE["intervals"]


def test_a_file_that_names_no_video_is_about_the_named_one(tmp_path):
    VideoFactory(name="gate.mp4", duration_s=60)
    (tmp_path / "t.csv").write_text("label,start_s,end_s\nperson,1,2\n")
    assert run("import", "visits", tmp_path / "t.csv", "--video", "gate.mp4")[0].startswith("visits stored: 1 ev")


def test_a_model_looks_and_is_measured(truth, gate, model):
    run("import", "visits", truth)
    assert "manage.py events look toy --events visits" in refused("measure", "toy", "--events", "visits")[0]

    assert "toy looked through 1 videos, 40 looks." in run("look", "toy", "--events", "visits", "--wait")[0]
    assert "1 of them it had looked through before" in run("look", "toy", "--events", "visits", "--wait")[0]
    assert Look.objects.get().look_count == 40
    said = run("measure", "toy", "--events", "visits", "--score", "0.05")[0]
    assert "toy against visits, at score 0.05: 40 looks, 2 each second." in said
    assert "event recall" in said
    figures = json.loads(run("measure", "toy", "--events", "visits", "--score", "0.05", "--json")[0])["figures"]
    # It sees light all the time: every event at once, and a false alarm in each of the pauses.
    assert [one["value"] for one in figures] == [1, pytest.approx(2 * 180), 0]
    assert refused("measure", "toy", "--events", "visits", "--score", "0.01")[1] == 2


def test_without_waiting_workers_are_rung(truth, gate, model, queue, django_capture_on_commit_callbacks):
    run("import", "visits", truth)
    with django_capture_on_commit_callbacks(execute=True):
        said = run("look", "toy", "--events", "visits", "--fps", "1")[0]
    job = Job.objects.get()
    assert f"Job {job.pk}" in said
    assert (job.state, job.params["fps"]) == (Job.State.QUEUED, 1.0)
    assert queue.job_ids == [f"job-{job.pk}-0"]


def test_a_label_that_the_model_does_not_know_is_told(truth, gate, model):
    model.label_map = {}
    model.save()
    run("import", "visits", truth)
    assert "no class that stands for person" in run("look", "toy", "--events", "visits", "--wait")[1]


def test_with_nothing_it_says_what_to_do(model):
    assert "manage.py events import" in run("list")[0]
    assert refused("show", "nope")[1] == 2
    assert refused("look", "toy", "--events", "nope")[1] == 2
    assert refused("look", "nope", "--events", "nope")[1] == 2
    assert not EventSet.objects.exists()


def test_what_is_wrong_with_a_file_is_told(tmp_path):
    assert refused("import", "visits", tmp_path / "no.json")[1] == 2
    (tmp_path / "bad.json").write_text("[")
    assert "bad.json is not valid JSON" in refused("import", "visits", tmp_path / "bad.json")[0]
