"""Networks of the ultralytics library: loaded as data only, quietly, with colours the right way round."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from curation.backends.detect import load_detector
from curation.backends.detect.ultralytics_library import ultralytics_library
from curation.core.errors import WeightsUnusable

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    before = dict(os.environ)
    os.environ |= {"YOLO_OFFLINE": "true", "WINNOW_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    yield ultralytics_library()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def folder(library, tmp_path_factory):
    """tiny.yaml, and tiny.pt: half a million random numbers that find two classes in anything."""
    folder = tmp_path_factory.mktemp("weights")
    source = Path(library.__file__).parent / "cfg" / "models" / "11" / "yolo11.yaml"
    plan = yaml.safe_load(source.read_text()) | {"nc": 2, "scales": {"p": [0.33, 0.125, 512]}}
    (folder / "tinyp.yaml").write_text(yaml.safe_dump(plan, sort_keys=False))
    torch.manual_seed(3)
    model = library.YOLO(folder / "tinyp.yaml")
    for weight in model.model.parameters():
        weight.data += torch.randn_like(weight) * 0.05
    model.model.names = {0: "person", 1: "jacket"}
    model.save(folder / "tiny.pt")
    return folder


@pytest.fixture(scope="module")
def pictures():
    chance = np.random.default_rng(4)
    return [chance.integers(0, 255, (120 + 40 * index, 160, 3), np.uint8) for index in range(3)]


def test_boxes_are_those_of_the_library_on_rgb(library, folder, pictures):
    detector = load_detector(f"ultralytics:{folder}/tiny.pt?imgsz=160")
    assert detector.labels == ("person", "jacket")
    (boxes,) = detector.detect(pictures[:1], min_score=0.001)
    # Pillow's pictures are RGB, and the library knows it.
    (expected,) = library.YOLO(folder / "tiny.pt").predict(
        Image.fromarray(pictures[0]), imgsz=160, conf=0.001, verbose=False
    )
    assert len(boxes) == len(expected.boxes) > 0
    assert [box.score for box in boxes] == pytest.approx(sorted(expected.boxes.conf.tolist(), reverse=True))
    found = np.array([[box.x1, box.y1, box.x2, box.y2] for box in boxes])
    assert found[:, [0, 2]].max() <= 160
    assert found[:, [1, 3]].max() <= 120


def test_several_pictures_of_several_sizes(folder, pictures):
    detector = load_detector(f"ultralytics:{folder}/tiny.pt?imgsz=160")
    found = detector.detect(pictures * 4, min_score=0.001)
    assert len(found) == 12
    assert found[:3] == found[3:6]
    assert detector.detect([], min_score=0.1) == []
    for boxes in found:
        assert [box.score for box in boxes] == sorted((box.score for box in boxes), reverse=True)


def test_an_export_finds_the_same(library, folder, pictures):
    library.YOLO(folder / "tiny.pt").export(format="onnx", imgsz=160, simplify=False, verbose=False)
    exported = load_detector(f"ultralytics:{folder}/tiny.onnx")
    assert exported.labels == ("person", "jacket")
    square = [np.ascontiguousarray(picture[:120, :120]) for picture in pictures]
    trained = load_detector(f"ultralytics:{folder}/tiny.pt?imgsz=160").detect(square, min_score=0.001)
    for boxes, expected in zip(exported.detect(square, min_score=0.001), trained, strict=True):
        assert [box.score for box in boxes[:5]] == pytest.approx([box.score for box in expected[:5]], rel=1e-3)


def test_an_untrained_network_is_the_same_each_time(folder, pictures):
    first = load_detector(f"ultralytics:{folder}/tinyp.yaml?imgsz=160").detect(pictures, min_score=0.0001)
    load_detector.cache_clear()
    assert load_detector(f"ultralytics:{folder}/tinyp.yaml?imgsz=160").detect(pictures, min_score=0.0001) == first


def test_a_class_list_that_does_not_match_is_refused(folder):
    assert load_detector(f"ultralytics:{folder}/tiny.pt?classes=person,jacket").labels == ("person", "jacket")
    with pytest.raises(WeightsUnusable, match=r"has the classes person, jacket, not person, helmet"):
        load_detector(f"ultralytics:{folder}/tiny.pt?classes=person,helmet")


class Bomb:
    def __init__(self, touched):
        self.touched = str(touched)

    def __reduce__(self):
        return os.system, (f"touch {self.touched}",)


@pytest.mark.parametrize("write", [lambda bomb, path: path.write_bytes(pickle.dumps(bomb)), torch.save])
@pytest.mark.parametrize("wrapped", [False, True])
def test_weights_that_carry_code_are_refused_and_do_not_run_it(write, wrapped, library, tmp_path):
    bomb = Bomb(tmp_path / "touched")
    write({"model": bomb} if wrapped else bomb, tmp_path / "evil.pt")
    with pytest.raises(WeightsUnusable, match=r"evil\.pt is no ultralytics network"):
        load_detector(f"ultralytics:{tmp_path}/evil.pt")
    assert not (tmp_path / "touched").exists()


def test_torchscript_and_truncated_weights_are_refused(folder, tmp_path):
    torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)).save(tmp_path / "script.pt")
    good = (folder / "tiny.pt").read_bytes()
    (tmp_path / "half.pt").write_bytes(good[: len(good) // 2])
    (tmp_path / "empty.pt").write_bytes(b"")
    for name in ("script.pt", "half.pt", "empty.pt"):
        with pytest.raises(WeightsUnusable, match=name.replace(".", r"\.")):
            load_detector(f"ultralytics:{tmp_path}/{name}")


@pytest.mark.slow
def test_loading_prints_nothing_and_writes_only_to_the_data_folder(folder, tmp_path):
    script = (
        "import numpy as np; from curation.backends.detect import load_detector;"
        f"load_detector('ultralytics:{folder}/tiny.pt').detect([np.zeros((32, 32, 3), np.uint8)], min_score=0.5);"
        "from ultralytics.utils.events import events; assert not events.enabled"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "WINNOW_DATA_DIR": str(tmp_path / "data"), "YOLO_OFFLINE": "true", "PATH": ""}
    environment["PYTHONPATH"] = str(ROOT)
    child = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (child.returncode, child.stdout, child.stderr) == (0, "", "")
    assert [path.name for path in home.rglob("*") if path.is_file()] == []
    assert list((tmp_path / "data").rglob("settings.json"))
