"""The small detector that comes with the demo: it loads, and finds people of a seed it has not seen."""

import json
import os
from pathlib import Path

import pytest

from demo.render.wander import wander
from demo.train import CLASSES, DETECTORS, TEST_SEED, TRAIN_SEED, VAL_SEED
from demo.world import frames

WEIGHTS = Path(__file__).parents[2] / "demo" / "weights"
NAMES = ["winnow_demo_fast.pt", "winnow_demo.pt", "winnow_demo.onnx"]


def test_seeds_are_separate_from_each_other_and_from_the_demo():
    assert len({TRAIN_SEED, TRAIN_SEED + 1, VAL_SEED, TEST_SEED, 7}) == 5


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_small_and_keep_no_trace_of_where_they_were_made(name):
    content = (WEIGHTS / name).read_bytes()
    assert len(content) < 3_000_000
    assert b"/work/" not in content
    assert b"/tmp/" not in content
    assert b"/home/" not in content


def test_figures_name_the_held_out_seed():
    figures = json.loads((WEIGHTS / "figures.json").read_text())
    assert figures["test_world_seed"] == TEST_SEED
    assert set(figures["detectors"]) == {lesson.name for lesson in DETECTORS}
    for found in figures["detectors"].values():
        assert set(found["test"]["classes"]) == set(CLASSES)


def day_frame():
    """A held-out picture by day with a person who is wholly visible."""
    for number in range(0, 400, 4):
        script = wander("corridor", seed=TEST_SEED, number=number, moments=1)
        if script.conditions[0].level > 100 and script.conditions[0].lens_px == 0 and script.walks:
            for picture, truth in frames(script, TEST_SEED):
                if truth.people == 1 and truth.boxes[0].visible_fraction > 0.95:
                    return picture, truth
    raise AssertionError("no such frame")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_weights_find_the_person_in_a_held_out_day_frame(name):
    os.environ.setdefault("YOLO_OFFLINE", "true")
    from ultralytics import YOLO

    size_px = next(lesson.size_px for lesson in DETECTORS if lesson.name == Path(name).stem)
    picture, truth = day_frame()
    found = YOLO(str(WEIGHTS / name), task="detect").predict(
        picture[..., ::-1], imgsz=size_px, device="cpu", verbose=False
    )[0]
    assert set(found.names.values()) == set(CLASSES)
    people = [box for box, label in zip(found.boxes.xyxy.tolist(), found.boxes.cls.tolist(), strict=True) if label == 0]
    assert max(overlap(box, truth.boxes[0].xyxy) for box in people) > 0.6


def overlap(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)
