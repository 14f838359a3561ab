"""Programs that train: what they say, how they end, and that they end."""

import os
import sys
import textwrap

import pytest

from activelearning.backends.training.child import listen
from activelearning.backends.training.contract import TrainerError
from activelearning.backends.training.ultralytics_child import Busy, NotFinite, explained
from tests.config.machine import wait_for

SAY = "import json, os, sys, time\ndef say(event, **said): print(json.dumps({'event': event, **said}), flush=True)\n"


def heard(folder, code):
    """Run a program; returns what it said while it worked, and its last line."""
    work = listen([sys.executable, "-c", SAY + textwrap.dedent(code)], folder=folder, log=folder / "log.txt")
    found = []
    while True:
        try:
            found.append(next(work))
        except StopIteration as end:
            return [one for one in found if one.what != "quiet"], end.value


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def test_what_a_program_says_is_heard_and_the_rest_is_in_the_log(tmp_path):
    said, done = heard(
        tmp_path,
        """
        say("start", epochs=2)
        print("Loading … {")
        print('{"no": "event"}')
        print("oh", file=sys.stderr)
        say("epoch", epoch=1)
        say("done", weights="w.pt")
        """,
    )
    assert [(one.what, dict(one.said)) for one in said] == [("start", {"epochs": 2}), ("epoch", {"epoch": 1})]
    assert done == {"event": "done", "weights": "w.pt"}
    log = (tmp_path / "log.txt").read_text()
    assert "Loading … {" in log
    assert '{"no": "event"}' in log
    assert "oh" in log


def test_numbers_that_are_none_become_nothing(tmp_path):
    said, _ = heard(tmp_path, 'print(\'{"event": "batch", "loss": NaN}\')\nsay(\'done\')')
    assert said[0].said == {"loss": None}


@pytest.mark.parametrize(
    "code, kind, is_passing, says",
    [
        ("os.kill(os.getpid(), 9)", "memory", True, "smaller batch"),
        ("os.kill(os.getpid(), 15)", "gone", True, "SIGTERM"),
        ("print('no such file: x'); sys.exit(3)", "program", False, "with status 3: no such file: x"),
        ("pass", "program", False, "without naming weights"),
        ("say('error', code='nan', message='The loss is no number.'); sys.exit(1)", "nan", False, "no number"),
        ("say('done', weights='w'); sys.exit(1)", "program", False, "with status 1"),
    ],
)
def test_how_a_program_ended_is_explained(tmp_path, code, kind, is_passing, says):
    with pytest.raises(TrainerError, match=says) as caught:
        heard(tmp_path, code)
    assert (caught.value.code, caught.value.is_passing) == (kind, is_passing)


def test_a_program_that_asks_for_more_memory_than_there_is_says_so(tmp_path):
    with pytest.raises(TrainerError, match="memory did not suffice") as caught:
        heard(
            tmp_path,
            f"""
            import resource
            sys.path.insert(0, {os.getcwd()!r})
            from activelearning.backends.training.ultralytics_child import explained
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
            try:
                bytearray(1 << 31)
            except MemoryError as error:
                say("error", **explained(error))
                sys.exit(1)
            """,
        )
    assert caught.value.code == "memory"


def test_closing_ends_the_program_and_all_that_it_started(tmp_path):
    code = """
    import subprocess
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    say("start", pids=[os.getpid(), child.pid])
    time.sleep(600)
    """
    work = listen([sys.executable, "-c", SAY + textwrap.dedent(code)], folder=tmp_path, log=tmp_path / "log.txt")
    pids = next(one for one in work if one.what == "start").said["pids"]
    assert all(map(is_there, pids))
    work.close()
    wait_for(lambda: not any(map(is_there, pids)))


def test_a_program_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TrainerError, match="/no/such cannot be started"):
        next(listen(["/no/such"], folder=tmp_path, log=tmp_path / "log.txt"))


@pytest.mark.parametrize(
    "error, kind",
    [
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "memory"),
        (MemoryError(), "memory"),
        (NotFinite("in epoch 1"), "nan"),
        (RuntimeError("Training failed: NaN persisted for 4 epochs"), "nan"),
        (OSError(28, "No space left on device", "/data/x"), "disk"),
        (RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"), "disk"),
        (Busy("Another process still trains here."), "busy"),
        (KeyError("names"), "program"),
    ],
)
def test_what_went_wrong_in_the_library_has_a_name(error, kind):
    assert explained(error)["code"] == kind
