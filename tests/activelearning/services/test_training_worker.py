"""A real training worker that is killed in the middle: the training's process dies with it, another one goes on."""

import os
import signal
import time

import pytest

from activelearning.services.trainings import find_training, request_training
from config.layout import Layout
from config.supervisor import workers
from curation import doorbell
from curation.models import Job
from tests.activelearning.lessons import QUICK, labelled, put_tiny_network, version_of
from tests.activelearning.services.test_training_job import children_of
from tests.config.machine import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PATIENCE_S = 400


@pytest.fixture
def school(tmp_path, monkeypatch, settings):
    """Weights of the test's own; data and storage where the worker looks for them, as in a real service."""
    monkeypatch.setenv("WINNOW_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("YOLO_OFFLINE", "true")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("WINNOW_LEASE_S", "20")
    monkeypatch.setattr("config.supervisor.START_TIMEOUT_S", PATIENCE_S)
    put_tiny_network(tmp_path / "weights")
    assert str(Layout(settings.WINNOW_DATA_DIR).media_dir) == settings.MEDIA_ROOT
    return settings.WINNOW_DATA_DIR


def test_a_killed_worker_takes_the_training_s_process_along_and_another_one_goes_on(school, queue):
    version = version_of(labelled())
    options = {**QUICK, "epochs": 5}
    training = request_training(name="squares-1", version=version, options=options)
    folder = school / training.folder

    def epochs():
        return len(find_training("squares-1").epochs)

    with workers(1, training=1):
        doorbell.ring_job(training.job.pk)
        wait_for(epochs, timeout_s=PATIENCE_S)
        worker = int(Job.objects.get(pk=training.job.pk).worker.rpartition(":")[2])
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: not children_of(folder), timeout_s=30)
        before = find_training("squares-1").epochs
        assert 1 <= len(before) < 5

        def is_done():
            doorbell.ring_due()  # the reconciler's part
            time.sleep(1)
            return Job.objects.get(pk=training.job.pk).state == "done"

        wait_for(is_done, timeout_s=PATIENCE_S)
    ended = find_training("squares-1")
    assert [row["epoch"] for row in ended.epochs] == [1, 2, 3, 4, 5]
    assert ended.epochs[: len(before)] == before
    assert (ended.job.attempt, ended.model.name, ended.error) == (2, "squares-1", "")
