"""Real trainings of a tiny network: to the end, interrupted, killed, taught further."""

import os
import signal
from pathlib import Path

import pytest

from activelearning.services.training_errors import TrainingError, TrainingInterrupted
from activelearning.services.training_job import train
from activelearning.services.training_moves import resume_training
from activelearning.services.trainings import find_training
from curation.backends.decode.probe import hash_file
from curation.backends.detect.weights import weights_dir
from curation.models import Job, Run
from curation.services.cascades import save_cascade
from curation.services.ingest import register
from curation.services.job_kinds import run_here
from curation.services.jobs import JobError, cancel_job, claim_job, give_up_job, work_on
from evaluation.models import ModelVersion
from evaluation.services.model_registry import detector_of
from tests.activelearning.lessons import asked, labelled, trained, version_of
from tests.config.machine import wait_for
from tests.engine import run_cascade
from tests.evaluation.factories import ModelVersionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def children_of(folder):
    """The processes that train in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"{folder}/spec.json".encode() in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


def at_epoch(number, do):
    """Make a `report` for run_here that does something once, when so many epochs are whole."""
    done = []

    def report(progress):
        if progress.done >= number and not done:
            done.append(do())

    return report


def test_a_training_gives_a_registered_model_with_lineage_and_figures(school, tiny_footage):
    version = version_of(labelled(12, seed=1))
    first = trained(version, options={"onnx": True})
    model = first.model
    assert (model.name, model.trained_on, model.parent) == ("squares-1", version, None)
    assert model.detector == "ultralytics:trained/squares-1.pt?imgsz=64"
    weights = weights_dir() / "trained" / "squares-1.pt"
    assert model.weights_sha256 == hash_file(weights)
    assert [row["epoch"] for row in first.epochs] == [1, 2]
    assert all({"box", "cls", "dfl"} <= row["losses"].keys() and row["seconds"] > 0 for row in first.epochs)
    assert {"map50", "precision", "recall"} <= first.figures.keys()
    assert sum(first.data["pictures"].values()) == 12
    assert (first.error, first.job.state, first.classes) == ("", "done", ["person"])
    assert not (school / "data" / first.folder / "data").exists()
    assert detector_of(model).labels == ("person",)
    for file in (weights, weights.with_suffix(".onnx")):
        assert str(school).encode() not in file.read_bytes()

    # Its ONNX form is a stage of a cascade.
    text = f"name: squares\nstages:\n  - {{kind: objects, detector: '{first.onnx}', classes: [person], fps: 1}}\n"
    video = register(path=tiny_footage, name="tiny.mp4", camera="yard").video
    run = run_cascade(video, save_cascade(text=text))
    assert (run.status, run.error) == (Run.Status.DONE, "")

    # It is taught further, on data with one more class.
    more = version_of([*labelled(6, seed=2), *labelled(6, label="hat", seed=3)], name="more")
    second = trained(more, "squares-2", base=model, options={"epochs": 1})
    assert (second.model.parent, second.model.labels) == (model, ["person", "hat"])
    assert second.data["boxes_by_class"].keys() == {"person", "hat"}


def test_a_cancelled_training_ends_at_once_and_goes_on_from_its_last_whole_epoch(school):
    training = asked(version_of(labelled()), options={"epochs": 4})
    folder = school / "data" / training.folder
    with pytest.raises(JobError, match="was cancelled"):
        run_here(training.job, report=at_epoch(1, lambda: cancel_job(job=training.job)))
    wait_for(lambda: not children_of(folder))
    stopped = find_training("squares-1")
    before = stopped.epochs
    assert 1 <= len(before) < 4
    assert stopped.model is None
    resumed = resume_training(stopped)
    run_here(Job.objects.get(pk=resumed.job.pk))
    ended = find_training("squares-1")
    assert [row["epoch"] for row in ended.epochs] == [1, 2, 3, 4]
    assert ended.epochs[: len(before)] == before
    after, last = ended.epochs[len(before)]["losses"], before[-1]["losses"]
    assert sum(after.values()) < 3 * sum(last.values())  # it went on, and did not begin anew
    assert ended.model.name == "squares-1"


def test_a_killed_process_is_tried_again_by_workers_and_explained_to_people(school):
    training = asked(version_of(labelled()), options={"epochs": 3})
    folder = school / "data" / training.folder
    Job.objects.filter(pk=training.job.pk).update(state="queued", lease_until=None)

    def kill():
        for pid in children_of(folder):
            os.kill(pid, signal.SIGKILL)

    job = claim_job(training.job.pk, worker="w1")
    with pytest.raises(TrainingInterrupted, match="SIGKILL"):
        work_on(job, train, bite_s=None, report=at_epoch(1, kill))
    assert not give_up_job(job, reason="killed", is_final=False)
    noted = find_training("squares-1")
    assert "smaller batch" in noted.error
    assert "kept" in noted.error
    kept = len(noted.epochs)
    Job.objects.filter(pk=job.pk).update(lease_until=None)
    again = claim_job(job.pk, worker="w2")
    begun = []
    assert work_on(again, train, bite_s=None, report=lambda progress: begun.append(progress.done))
    assert [row["epoch"] for row in find_training("squares-1").epochs] == [1, 2, 3]
    assert kept in begun
    assert ModelVersion.objects.get().name == "squares-1"


def test_a_loss_that_is_no_number_is_explained(school):
    import torch
    from ultralytics.models import YOLO

    network = YOLO(str(weights_dir() / "tiny.yaml"))
    for parameter in network.model.parameters():
        parameter.data.fill_(torch.nan)
    network.save(weights_dir() / "broken.pt")
    sha256 = hash_file(weights_dir() / "broken.pt")
    base = ModelVersionFactory(
        name="broken", detector="ultralytics:broken.pt", weights_sha256=sha256, labels=["person"]
    )
    training = asked(version_of(labelled()), base=base)
    with pytest.raises(TrainingError, match="lower learning_rate") as caught:
        run_here(training.job)
    assert caught.value.code == "nan"
    ended = find_training("squares-1")
    assert "manage.py train resume squares-1" in ended.error
    assert ended.log
    assert ended.job.state == "failed"
