"""A detector's name is checked, and its weights are found or missed with a clear word."""

import hashlib

import pytest

from curation.backends import detect
from curation.backends.detect import DETECTORS, load_detector, weights_sha256
from curation.backends.detect.names import DetectorName
from curation.backends.detect.weights import locate, weights_dir
from curation.core.errors import SpecError, WeightsMissing, WeightsUnusable


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("WINNOW_WEIGHTS_DIR", raising=False)
    monkeypatch.setenv("YOLO_OFFLINE", "true")
    (tmp_path / "here").mkdir()
    (tmp_path / "data" / "weights").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def test_a_name_is_taken_apart():
    name = DetectorName.parse("ultralytics:demo/people.onnx?imgsz=320&iou=0.5&classes=person,jacket")
    assert (name.kind, name.weights) == ("ultralytics", "demo/people.onnx")
    assert name.options == {"imgsz": 320, "iou": 0.5, "classes": ["person", "jacket"]}


@pytest.mark.parametrize(
    "name, says",
    [
        ("", "of the form KIND:WEIGHTS"),
        ("yolox_onnx", "of the form KIND:WEIGHTS"),
        ("yolox_onnx:", "of the form KIND:WEIGHTS"),
        ("yolox_onnx:a.onnx?iou", "of the form key=value"),
        ("yolox:a.onnx", "Valid ones: nanodet_onnx, ultralytics, yolox_onnx"),
        ("yolox_onnx:a.onnx?imgsz=320", "no parameter 'imgsz'. Valid ones: classes, iou"),
        ("yolox_onnx:a.onnx?iou=2", "iou is 2"),
        ("ultralytics:a.onnx?imgsz=big", "imgsz is 'big'; it must be integer"),
    ],
)
def test_a_wrong_name_says_what_is_right(name, says):
    with pytest.raises(SpecError) as caught:
        load_detector(name)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["yolox_onnx:none.onnx", "ultralytics:none.onnx", "ultralytics:yolo11n.pt"])
@pytest.mark.parametrize("ask", [load_detector, weights_sha256])
def test_missing_weights_say_where_to_put_the_file(name, ask, folders):
    with pytest.raises(WeightsMissing) as caught:
        ask(name)
    assert str(folders / "data" / "weights" / name.partition(":")[2]) in str(caught.value)


def test_weights_are_looked_for_here_first_then_in_the_weights_folder(folders):
    assert weights_dir() == folders / "data" / "weights"
    (weights_dir() / "a.onnx").write_bytes(b"kept")
    assert locate("a.onnx") == weights_dir() / "a.onnx"
    (folders / "here" / "a.onnx").write_bytes(b"here")
    assert locate("a.onnx") == folders / "here" / "a.onnx"
    assert locate(str(weights_dir() / "a.onnx")) == weights_dir() / "a.onnx"
    assert locate("b.onnx") is None
    assert weights_sha256("yolox_onnx:a.onnx?iou=0.3") == hashlib.sha256(b"here").hexdigest()


@pytest.mark.parametrize("kind", sorted(DETECTORS))
@pytest.mark.parametrize("content", [b"", b"not a network" * 100, b"\x08\x07\x12\x07pytorch"])
def test_a_broken_file_is_unusable(kind, content, folders):
    (weights_dir() / "broken.onnx").write_bytes(content)
    with pytest.raises(WeightsUnusable, match=r"broken\.onnx"):
        load_detector(f"{kind}:broken.onnx")


def test_a_detector_is_loaded_once(monkeypatch, folders):
    loaded = []
    kind = detect.DetectorKind(detect.YoloxOptions, lambda path, options: loaded.append(path) or object())
    monkeypatch.setitem(DETECTORS, "counting", kind)
    (weights_dir() / "a.onnx").write_bytes(b"")
    assert load_detector("counting:a.onnx") is load_detector("counting:a.onnx")
    assert len(loaded) == 1
