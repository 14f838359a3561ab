"""`manage.py train`, with a program of one's own in place of the library, which would take long."""

import json
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from activelearning.management.training_tables import curve
from activelearning.models import Training
from curation.models import Job
from evaluation.models import ModelVersion
from tests import toy_models
from tests.activelearning.lessons import labelled, version_of

pytestmark = pytest.mark.django_db

PROGRAM = """
import json, pathlib, shutil, sys
spec = json.loads(pathlib.Path(sys.argv[1]).read_text())
said = spec["settings"]
print(json.dumps({"event": "start", "epochs": 2, "device": "a test"}), flush=True)
for epoch in (1, 2):
    row = {"epoch": epoch, "seconds": 1.5, "losses": {"box": 1.0 / epoch}, "figures": {"map50": 0.4 * epoch}}
    print(json.dumps({"event": "epoch", **row, "learning_rate": 0.01}), flush=True)
if "fails" in said:
    sys.exit(said["fails"])
shutil.copy(said["source"], "weights.onnx")
detector = "yolox_onnx:{}?classes=" + ",".join(said.get("classes", spec["classes"]))
print(json.dumps({"event": "done", "weights": "weights.onnx", "detector": detector, "figures": {"map50": 0.8}}))
"""


@pytest.fixture
def school(school, settings):
    (school / "program.py").write_text(PROGRAM)
    settings.WINNOW_TRAINERS = {"own": [sys.executable, str(school / "program.py")]}
    toy_models.yolox(school)
    version_of([*labelled(4, videos=4, lighting="dark"), *labelled(4, videos=4, label="jacket", lighting="bright")])
    return school


def told(*arguments):
    out = StringIO()
    call_command("train", *map(str, arguments), stdout=out)
    return out.getvalue()


def own(school, *more, **said):
    said = {"source": str(school / "yolox.onnx"), **said}
    program = ("--trainer", "command", "--set", "program=own", "--set", f"settings={json.dumps(said)}")
    return ("--dataset", "squares@1", "--name", "mine", *program, *more)


def test_a_model_is_taught_and_a_stranger_can_read_how_it_went(school):
    text = told(*own(school, "--raise", "lighting:dark=0.6", "--raise", "lighting:bright="))
    model = ModelVersion.objects.get()
    assert (model.detector, str(model.trained_on)) == (
        "yolox_onnx:trained/mine.onnx?classes=jacket,person",
        "squares@1",
    )
    assert "mine: done. command on squares@1, on a test." in text
    assert "Learnt from" in text
    assert "0.5000" in text
    assert "mAP50 ▁█  0.400 → 0.800" in text
    assert "weights   yolox_onnx:trained/mine.onnx" in text
    assert "manage.py scenarios run --model mine" in text
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.startswith("lighting:")}
    assert rows["lighting:dark"][2] == "60.0%"
    assert rows["lighting:bright"][2] == "–"
    assert "mine" in told("list")
    assert told("show", "mine").splitlines()[0] == text.splitlines()[0]


def test_json_is_all_there_is_on_stdout(school):
    plain = json.loads(told(*own(school, "--json", "--seed", "5")))
    assert (plain["state"], plain["model"], plain["seed"]) == ("done", "mine", 5)
    assert [row["epoch"] for row in plain["epochs"]] == [1, 2]
    assert json.loads(told("list", "--json"))["trainings"][0]["name"] == "mine"


def test_weights_are_copied_to_where_they_are_wanted(school):
    told(*own(school))
    assert "mine.onnx" in told("export", "mine", "--to", school / "out")
    assert (school / "out" / "mine.onnx").read_bytes() == (school / "yolox.onnx").read_bytes()


def test_what_failed_says_what_was_kept_and_what_to_do(school):
    with pytest.raises(CommandError, match=r"2 whole epochs are kept; `manage.py train resume mine`") as caught:
        told(*own(school, fails="no data for me"))
    assert caught.value.returncode == 2
    shown = told("show", "mine")
    assert "mine: failed" in shown
    assert "no data for me" in shown
    assert not ModelVersion.objects.exists()
    with pytest.raises(CommandError, match="no data for me"):
        told("resume", "mine")


def test_weights_of_other_classes_are_not_registered(school):
    with pytest.raises(CommandError, match="in this order"):
        told(*own(school, classes=["person", "jacket"]))
    assert not ModelVersion.objects.exists()
    assert "in this order" in Training.objects.get().error


def test_with_queue_the_work_is_left_to_a_worker(school, queue):
    assert "It waits for a worker." in told(*own(school, "--queue"))
    assert Job.objects.get().state == "queued"
    assert "It was cancelled." in told("cancel", "mine")


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("--name", "m"), "--dataset is missing"),
        (("--dataset", "squares"), "--name is missing"),
        (("show",), "Name the training"),
        (("show", "nobody"), "no training"),
        (("export", "nobody"), "no training"),
        (("--dataset", "nothing", "--name", "m"), "no dataset"),
        (("--dataset", "squares", "--name", "m", "--base", "nobody"), "no model"),
        (("--dataset", "squares", "--name", "m", "--set", "epochs"), "NAME=VALUE"),
        (("--dataset", "squares", "--name", "m", "--raise", "lighting:dark"), "QUERY=SHARE"),
        (("--dataset", "squares", "--name", "m", "--raise", "lighting:dark=much"), "write 0.3"),
    ],
)
def test_a_wrong_command_says_what_would_be_right(school, arguments, says):
    with pytest.raises(CommandError, match=says) as caught:
        told(*arguments)
    assert caught.value.returncode == 2


def test_a_curve_goes_from_the_least_to_the_greatest():
    assert curve([]) == ""
    assert curve([1.0]) == "▁"
    assert curve([3.0, 2.0, 1.0]) == "█▅▁"
    assert len(curve(list(range(1000)))) <= 60
