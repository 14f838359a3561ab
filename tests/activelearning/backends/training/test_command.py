"""A program of one's own: named in settings, told by a file, believed only where it may be."""

import json
import sys

import pytest

from activelearning.backends.training import TRAINERS, Lesson, TrainerError
from curation.core.errors import SpecError

PROGRAM = """
import json, pathlib, sys
spec = json.loads(pathlib.Path(sys.argv[1]).read_text())
print(json.dumps({"event": "start", "epochs": spec["settings"]["epochs"], "device": "elsewhere"}))
print(json.dumps({"event": "epoch", "epoch": 1, "losses": {"box": 0.5}}))
pathlib.Path("w.onnx").write_bytes(b"weights")
print(json.dumps({"event": "done", **spec["settings"]["says"]}))
"""
GOOD = {"weights": "w.onnx", "detector": "yolox_onnx:{}?classes=person", "figures": {"map50": 0.5, "x": float("inf")}}


@pytest.fixture
def lesson(tmp_path, settings):
    (tmp_path / "program.py").write_text(PROGRAM)
    settings.WINNOW_TRAINERS = {"own": [sys.executable, str(tmp_path / "program.py"), "{spec}"]}
    (tmp_path / "out").mkdir()
    return Lesson("m", tmp_path / "out", tmp_path / "data.yaml", ("person",), 7, spec={"name": "m", "seed": 7})


def done(lesson, says):
    trainer = TRAINERS["command"](program="own", settings={"epochs": 1, "says": says})
    work = trainer.train(lesson)
    heard = []
    while True:
        try:
            heard.append(next(work))
        except StopIteration as end:
            return [one.what for one in heard if one.what != "quiet"], end.value


def test_a_program_is_told_by_a_file_and_gives_weights(lesson):
    heard, made = done(lesson, GOOD)
    assert heard == ["start", "epoch"]
    assert (made.weights, made.detector) == (lesson.folder / "w.onnx", "yolox_onnx:{}?classes=person")
    assert made.figures == {"map50": 0.5}
    spec = json.loads((lesson.folder / "spec.json").read_text())
    assert (spec["name"], spec["seed"], spec["folder"]) == ("m", 7, str(lesson.folder))


@pytest.mark.parametrize(
    "change, says",
    [
        ({"weights": "../data.yaml"}, "in the folder"),
        ({"weights": "/etc/passwd"}, "in the folder"),
        ({"weights": "none.pt"}, "in the folder"),
        ({"weights": ""}, "in the folder"),
        ({"detector": "ultralytics:/etc/x.pt"}, "kind of detector"),
        ({"detector": "nothing:{}"}, "kind of detector"),
        ({"detector": "ultralytics:{}{0.__class__}"}, "kind of detector"),
    ],
)
def test_what_a_program_may_not_name_is_refused(lesson, change, says):
    with pytest.raises(TrainerError, match=says):
        done(lesson, GOOD | change)


def test_only_programs_of_the_settings_are_run(settings):
    settings.WINNOW_TRAINERS = {"own": ["true"]}
    with pytest.raises(SpecError, match="There are: own"):
        TRAINERS["command"](program="/bin/sh -c id").check()
