"""What can be trained is asked for; what cannot is refused, and says what to do instead."""

import pytest

from activelearning.models import Training
from activelearning.services.training_errors import NoSuchTraining, TrainingError
from activelearning.services.training_moves import cancel_training, resume_training
from activelearning.services.trainings import find_training, made_of, request_training
from curation.core.errors import SpecError, WeightsMissing
from curation.core.query import QueryError
from curation.models import Job
from curation.services.holdout import HoldoutError, lock_version
from curation.services.jobs import JobError
from evaluation.services.model_registry import ModelError
from tests.activelearning.lessons import asked, labelled, version_of
from tests.evaluation.factories import ModelVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(school):
    return version_of(labelled(8))


def test_all_that_makes_the_weights_is_written_down(version):
    training = asked(version, seed=7, shares={"lighting:dark": 0.3, "lighting:bright": None})
    assert (training.seed, training.trainer, training.job.kind) == (7, "ultralytics", "train")
    assert (training.options["epochs"], training.options["flip"]) == (2, 0.5)  # what was asked, and a default
    assert training.shares == {"asked": {"lighting:dark": 0.3, "lighting:bright": None}}
    assert training.job.params == {"name": "squares-1", "dataset": "squares@1", "training": training.pk}
    assert Training.objects.get().folder.startswith("trainings/squares-1-")


def test_what_changes_the_weights_changes_their_sum(version):
    sums = {
        made_of(asked(version, name, **more))
        for name, more in {
            "a": {}, "b": {"seed": 1}, "c": {"options": {"epochs": 3}}, "d": {"shares": {"lighting:dark": 0.5}},
            "e": {"val_share": 0.4},
        }.items()
    }  # fmt: skip
    assert len(sums) == 5
    assert made_of(asked(version, "f")) in sums


@pytest.mark.parametrize(
    "wrong, error, says",
    [
        ({"name": "No Name"}, SpecError, "cannot name a model"),
        ({"name": ""}, SpecError, "needs a name|cannot name"),
        ({"trainer": "magic"}, SpecError, "Valid ones: ultralytics, command, webhook"),
        ({"options": {"epochs": 0}}, SpecError, "epochs is 0"),
        ({"options": {"epoch": 3}}, SpecError, "no parameter 'epoch'"),
        ({"options": {"device": "cpu; rm -rf /"}}, SpecError, "device is"),
        ({"options": {"architecture": "../../etc/passwd"}}, SpecError, "bare name"),
        ({"options": {"architecture": "yolo99z.yaml"}}, SpecError, "There is no architecture"),
        ({"options": {"optimizer": "auto", "learning_rate": 0.1}}, SpecError, "chooses the learning rate"),
        ({"shares": {"lighting:dark": 1.5}}, SpecError, "less than 1"),
        ({"shares": {"lightning:dark": 0.5}}, QueryError, "lightning"),
        ({"val_share": 1.0}, SpecError, "val_share"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(version, wrong, error, says):
    asked_for = {"name": "m", "version": version, **wrong}
    with pytest.raises(error, match=says):
        request_training(**asked_for)
    assert not Job.objects.exists()


def test_architectures_that_ultralytics_ships_are_known_by_their_scale(version):
    training = request_training(name="m", version=version, options={"architecture": "yolo11s.yaml"})
    assert training.options["architecture"] == "yolo11s.yaml"


def test_a_name_is_used_once(version):
    asked(version)
    with pytest.raises(TrainingError, match="train resume squares-1") as caught:
        asked(version)
    assert caught.value.code == "exists"
    ModelVersionFactory(name="known")
    with pytest.raises(TrainingError, match="a model 'known' already"):
        asked(version, "known")


def test_a_base_that_is_not_trainable_here_names_what_could(version, school):
    (school / "weights" / "people.onnx").write_bytes(b"onnx")
    from curation.backends.decode.probe import hash_file

    sha256 = hash_file(school / "weights" / "people.onnx")
    base = ModelVersionFactory(name="onnx", detector="yolox_onnx:people.onnx", weights_sha256=sha256)
    with pytest.raises(TrainingError, match="--trainer command or webhook") as caught:
        asked(version, base=base)
    assert caught.value.code == "not_trainable"


def test_a_base_without_its_weights_is_refused(version, school):
    with pytest.raises(ModelError, match="no weights here"):
        asked(version, base=ModelVersionFactory(name="elsewhere"))
    with pytest.raises(WeightsMissing, match=r"gone\.pt"):
        asked(version, base=ModelVersionFactory(name="gone", detector="ultralytics:gone.pt", weights_sha256="0" * 64))
    (school / "weights" / "other.pt").write_bytes(b"another file")
    with pytest.raises(ModelError, match="were changed"):
        asked(version, base=ModelVersionFactory(name="o", detector="ultralytics:other.pt", weights_sha256="0" * 64))


def test_a_hold_out_is_never_learnt_from(version):
    lock_version(version, user=None)
    version.refresh_from_db()
    with pytest.raises(HoldoutError, match="cannot be tested on it"):
        asked(version)


def test_frames_that_a_hold_out_keeps_away_are_never_learnt_from(school):
    frames = labelled(8)
    version, final = version_of(frames), version_of(frames[:2], name="final")
    lock_version(final, user=None, allow_overlap=True)
    with pytest.raises(HoldoutError, match="wanted for training are held out"):
        asked(version)


def test_a_training_that_is_not_there_names_those_that_are(version):
    with pytest.raises(NoSuchTraining, match="There is none yet"):
        find_training("x")
    asked(version)
    with pytest.raises(NoSuchTraining, match="There are: squares-1"):
        find_training("x")


def test_cancelled_and_resumed(version):
    training = asked(version)
    assert cancel_training(training).job.state == "cancelled"
    with pytest.raises(JobError, match="cancelled"):
        cancel_training(training)
    assert resume_training(training).job.state == "queued"
