"""A service elsewhere, on a real HTTP server: sent once, asked, and its weights checked."""

import hashlib
import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from activelearning.backends.training import TRAINERS, Lesson, TrainerError
from curation.core.errors import SpecError

WEIGHTS = b"weights"
DONE = {
    "state": "done", "epochs": [{"epoch": 1}, {"epoch": 2}], "detector": "yolox_onnx:{}?classes=person",
    "figures": {"map50": 0.7}, "sha256": hashlib.sha256(WEIGHTS).hexdigest(),
}  # fmt: skip


class Farm(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self._answer(b"" if self.headers["Content-Type"] == "application/json" else json.dumps({"job": "7"}).encode())

    def do_GET(self):
        if self.path == "/train/7/weights":
            return self._answer(WEIGHTS)
        said = self.server.says.pop(0) if len(self.server.says) > 1 else self.server.says[0]
        if isinstance(said, int):
            self.send_response(said)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        return self._answer(json.dumps(said).encode())

    def _answer(self, body):
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def farm(settings):
    with ThreadingHTTPServer(("127.0.0.1", 0), Farm) as server:
        server.got, server.says, server.status = [], [], 200
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/train"
        settings.WINNOW_TRAINING_HOOKS = {"farm": {"url": url, "token": "s3cret"}}
        yield server
        server.shutdown()


@pytest.fixture
def lesson(tmp_path):
    (tmp_path / "data" / "images").mkdir(parents=True)
    (tmp_path / "data" / "data.yaml").write_text("{}")
    (tmp_path / "data" / "images" / "0.jpg").write_bytes(b"jpeg")
    return Lesson("m", tmp_path, tmp_path / "data" / "data.yaml", ("person",), 7, spec={"name": "m"})


def done(lesson, **options):
    work = TRAINERS["webhook"](service="farm", poll_s=0.1, **options).train(lesson)
    heard = []
    while True:
        try:
            heard.append(next(work))
        except StopIteration as end:
            return [one.said.get("epoch") for one in heard if one.what == "epoch"], end.value


def test_data_is_sent_progress_is_asked_for_and_weights_are_fetched(farm, lesson):
    farm.says = [{"state": "running", "epochs": [{"epoch": 1}]}, 503, DONE]
    epochs, made = done(lesson, settings={"size": "s"})
    assert epochs == [1, 2]
    assert made.weights.read_bytes() == WEIGHTS
    assert (made.weights.suffix, made.detector, made.figures) == (".onnx", DONE["detector"], {"map50": 0.7})
    ((headers, body),) = farm.got
    assert headers["Authorization"] == "Bearer s3cret"
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        assert sorted(tar.getnames()) == ["data", "data/data.yaml", "data/images", "data/images/0.jpg", "spec.json"]
        assert json.load(tar.extractfile("spec.json"))["settings"] == {"size": "s"}
        assert {one.uname for one in tar} == {""}


def test_what_was_sent_is_not_sent_again(farm, lesson):
    farm.says = [{"state": "running"}]
    work = TRAINERS["webhook"](service="farm", poll_s=0.1).train(lesson)
    next(one for one in work if one.what == "quiet")
    work.close()
    farm.says = [DONE]
    assert done(lesson)[0] == [1, 2]
    assert len(farm.got) == 1


def test_what_was_sent_is_called_off_by_the_same_address_and_token_and_sent_anew_after(farm, lesson):
    trainer = TRAINERS["webhook"](service="farm", poll_s=0.1)
    trainer.call_off(lesson.folder, name="m")  # nothing was sent yet
    assert farm.got == []
    farm.says = [{"state": "running"}]
    work = trainer.train(lesson)
    next(one for one in work if one.what == "quiet")
    work.close()
    farm.status = 503
    with pytest.raises(TrainerError, match="answered 503 to POST /"):
        trainer.call_off(lesson.folder, name="m")
    farm.status = 204
    trainer.call_off(lesson.folder, name="m")
    trainer.call_off(lesson.folder, name="m")  # it knows already
    headers, body = farm.got[-1]
    assert json.loads(body) == {"event": "cancelled", "job": "7", "name": "m"}
    assert (headers["Authorization"], headers["Content-Type"]) == ("Bearer s3cret", "application/json")
    farm.says, farm.status = [DONE], 200
    assert done(lesson)[0] == [1, 2]
    assert [headers["Content-Type"].partition("/")[2] for headers, _ in farm.got] == ["x-tar", "json", "json", "x-tar"]


@pytest.mark.parametrize(
    "says, match, is_passing",
    [
        ({"state": "failed", "message": "no GPU is free"}, "farm says: no GPU is free", False),
        (DONE | {"sha256": "0" * 64}, "were not taken", True),
        (404, "answered 404", False),
        (302, "answered 302", False),
        ([1], "no JSON object", False),
    ],
)
def test_what_is_wrong_is_said(farm, lesson, says, match, is_passing):
    farm.says = [says]
    with pytest.raises(TrainerError, match=match) as caught:
        done(lesson)
    assert caught.value.is_passing == is_passing


def test_only_services_of_the_settings_are_asked(settings):
    settings.WINNOW_TRAINING_HOOKS = {}
    with pytest.raises(SpecError, match="never says where data is sent"):
        TRAINERS["webhook"](service="http://169.254.169.254/").check()
