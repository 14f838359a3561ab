"""Train the demo's small detectors on rendered footage, and measure them on footage of a seed they have not seen.

    python -m demo.train --work FOLDER

writes weights, an ONNX form and figures to demo/weights. Needs no download. The fast one is trained from scratch on
small pictures; the strong one is the same network, taught further on larger ones."""

import argparse
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from demo.model_card import model_card
from demo.render.truth import FrameTruth
from demo.render.wander import wander
from demo.world import cameras, frames

CLASSES = ("person", "jacket")
TRAIN_SEED, VAL_SEED, TEST_SEED = 101, 202, 303


@dataclass(frozen=True)
class Lesson:
    """One round of training: what comes of it, on what pictures, and how fast it learns."""

    name: str
    size_px: int
    epochs: int
    learning_rate: float
    final_share: float
    warm_up_epochs: float
    crowded: bool
    """Many people a picture teach what people look like; as few as there are in the demo teach what they are not."""


LESSONS = (
    Lesson("winnow_demo_fast", 320, 11, 0.004, 0.01, 0.5, crowded=True),
    Lesson("large", 512, 5, 0.002, 0.02, 0.2, crowded=True),
    Lesson("winnow_demo", 512, 6, 0.0015, 0.02, 0.1, crowded=False),
)
"""Each begins where the one before ended."""
DETECTORS = (LESSONS[0], LESSONS[-1])
"""Those that are published."""
_LEAST_VISIBLE = 0.2
_WEIGHTS = Path(__file__).parent / "weights"
_SLICES: dict[str, Callable[[FrameTruth], bool]] = {
    "lighting:normal OR bright": lambda truth: truth.lighting in ("normal", "bright"),
    "lighting:dim": lambda truth: truth.lighting == "dim",
    "lighting:dark": lambda truth: truth.lighting == "dark",
    "weather:rain": lambda truth: truth.weather == "rain",
    "weather:snow": lambda truth: truth.weather == "snow",
    "blurriness:sharp": lambda truth: truth.blurriness == "sharp",
    "blurriness:blurred": lambda truth: truth.blurriness == "blurred",
}


def write_pictures(folder: Path, *, seed: int, count: int, crowded: bool = False) -> dict[str, FrameTruth]:
    """Render `count` pictures with their labels in YOLO form. Returns the truth by picture path.

    Boxes of which less than a fifth is visible are left out, in training and in measuring."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 47])
    names = [camera.name for camera in cameras()]
    truths: dict[str, FrameTruth] = {}
    number = 0
    while len(truths) < count:
        script = wander(names[number % len(names)], seed=seed, number=number, moments=2, crowded=crowded)
        for picture, truth in frames(script, seed):
            path = folder / "images" / f"{script.camera}_{number:04d}_{truth.index}.jpg"
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 96))]
            cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
            height, width = picture.shape[:2]
            (folder / "labels" / f"{path.stem}.txt").write_text(_labels(truth, width=width, height=height))
            truths[str(path)] = truth
        number += 1
    return truths


def _labels(truth: FrameTruth, *, width: int, height: int) -> str:
    lines = []
    for box in truth.boxes:
        if box.visible_fraction < _LEAST_VISIBLE:
            continue
        x1, y1, x2, y2 = box.xyxy
        centre = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
        lines.append(" ".join([str(CLASSES.index(box.label)), *(f"{value:.6f}" for value in centre)]))
    return "\n".join(lines)


def train(work: Path, *, pictures: int, seed: int) -> dict[str, Path]:
    """Give all lessons; return the paths of the weights they ended with, by name."""
    from ultralytics.models import YOLO

    write_pictures(work / "val", seed=VAL_SEED, count=40)
    write_pictures(work / "crowded", seed=TRAIN_SEED, count=pictures, crowded=True)
    write_pictures(work / "calm", seed=TRAIN_SEED + 1, count=pictures * 11 // 18)
    begin = str(_architecture(work))
    made: dict[str, Path] = {}
    for lesson in LESSONS:
        folder = "crowded" if lesson.crowded else "calm"
        # The cameras are fixed and pictures cost nothing: many of them, each nearly as it was seen, teach faster than
        # a few that are cut up and turned. All are 16:9, so `rect` spares two fifths of the work.
        YOLO(begin, task="detect").train(
            data=str(_dataset(work, folder, train=f"{folder}/images", val="val/images")),
            imgsz=lesson.size_px, rect=True, epochs=lesson.epochs, batch=8, optimizer="AdamW", cos_lr=True,
            lr0=lesson.learning_rate, lrf=lesson.final_share, warmup_epochs=lesson.warm_up_epochs,
            seed=seed, deterministic=True, device="cpu", workers=0, cache="ram", val=False, amp=False,
            mosaic=0.0, fliplr=0.0, scale=0.08, translate=0.03, hsv_h=0.01, hsv_s=0.3, hsv_v=0.2, erasing=0.0,
            project=str(work / "runs"), name=lesson.name, exist_ok=True, plots=False, verbose=False,
        )  # fmt: skip
        made[lesson.name] = work / "runs" / lesson.name / "weights" / "last.pt"
        begin = str(made[lesson.name])
    return made


def _architecture(work: Path) -> Path:
    """Describe YOLO11 with one more scale, smaller than any that is published: half a million parameters."""
    import ultralytics
    import yaml

    source = Path(ultralytics.__file__).parent / "cfg" / "models" / "11" / "yolo11.yaml"
    layers = yaml.safe_load(source.read_text())
    layers["scales"] = {"p": [0.33, 0.125, 512]}
    layers["nc"] = len(CLASSES)
    path = work / "small.yaml"
    path.write_text(yaml.safe_dump(layers))
    return path


def _dataset(work: Path, name: str, **splits: str) -> Path:
    path = work / f"{name}.yaml"
    names = dict(enumerate(CLASSES))
    path.write_text(json.dumps({"path": str(work.resolve()), "names": names, **splits}))
    return path


def measure(lesson: Lesson, work: Path, *, pictures: int) -> dict[str, Any]:
    """Measure published weights on the held-out seed, as a whole and by condition."""
    truths = write_pictures(work / "test", seed=TEST_SEED, count=pictures)
    figures = _figures(lesson, work, "test", list(truths))
    figures["pictures"] = len(truths)
    by_condition: dict[str, dict[str, Any]] = {}
    for name, belongs in _SLICES.items():
        chosen = [path for path, truth in truths.items() if belongs(truth)]
        found = _figures(lesson, work, f"slice_{len(by_condition)}", chosen)
        by_condition[name] = {"pictures": len(chosen), "person_ap50": found["classes"].get("person", {}).get("ap50")}
    figures["by_condition"] = by_condition
    figures["lighting"] = dict(Counter(truth.lighting for truth in truths.values()))
    return figures


def _figures(lesson: Lesson, work: Path, name: str, paths: list[str]) -> dict[str, Any]:
    from ultralytics.models import YOLO

    chosen = work / f"{name}.txt"
    chosen.write_text("\n".join(str(Path(path).resolve()) for path in paths) + "\n")
    data = _dataset(work, name, train=chosen.name, val=chosen.name)
    found = YOLO(str(_WEIGHTS / f"{lesson.name}.pt")).val(
        data=str(data), imgsz=lesson.size_px, device="cpu", workers=0, plots=False, verbose=False,
        project=str(work / "runs"),
    )  # fmt: skip
    classes = {}
    for i, index in enumerate(found.box.ap_class_index):
        precision, recall, ap50, ap = (round(float(v), 3) for v in found.box.class_result(i))
        classes[CLASSES[int(index)]] = {"precision": precision, "recall": recall, "ap50": ap50, "ap50_95": ap}
    return {"map50": round(float(found.box.map50), 3), "map50_95": round(float(found.box.map), 3), "classes": classes}


def publish(lesson: Lesson, best: Path, work: Path) -> None:
    """Put stripped weights into demo/weights, the last lesson's as ONNX too, and no trace of where they were made."""
    import onnx
    import torch
    from ultralytics.models import YOLO

    _WEIGHTS.mkdir(exist_ok=True)
    kept = torch.load(best, map_location="cpu", weights_only=False)
    model = kept["ema"] or kept["model"]
    model.yaml.pop("yaml_file", None)
    model.__dict__.pop("pt_path", None)
    model.args = {
        "imgsz": lesson.size_px,
        "task": "detect",
        "single_cls": False,
        "model": "small.yaml",
        "data": "world.yaml",
    }
    clean = {"model": model.half(), "train_args": dict(model.args), "epoch": -1, "version": kept["version"], "date": ""}
    weights = work / f"{lesson.name}.pt"
    torch.save(clean, weights)
    shutil.copy(weights, _WEIGHTS / weights.name)
    if lesson is not LESSONS[-1]:
        return
    exported = Path(YOLO(str(weights)).export(format="onnx", imgsz=lesson.size_px, simplify=False, device="cpu"))
    graph = onnx.load(exported)
    for entry in graph.metadata_props:
        entry.value = {"description": "Winnow demo detector", "date": "", "args": "{}"}.get(entry.key, entry.value)
    onnx.save(graph, _WEIGHTS / f"{lesson.name}.onnx")


def main(arguments: list[str] | None = None) -> None:
    """Train, publish and measure from the command line."""
    parser = argparse.ArgumentParser(description="Train the demo's small detector on rendered footage.")
    parser.add_argument("--work", type=Path, required=True, help="folder for pictures and runs")
    parser.add_argument("--pictures", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args(arguments)
    os.environ.setdefault("YOLO_OFFLINE", "true")
    options.work.mkdir(parents=True, exist_ok=True)
    made = train(options.work, pictures=options.pictures, seed=options.seed)
    for lesson in DETECTORS:
        publish(lesson, made[lesson.name], options.work)
    write_figures(options.work, pictures=options.pictures, seed=options.seed)


def write_figures(work: Path, *, pictures: int, seed: int) -> None:
    """Measure what was published and write the figures and the card beside it."""
    figures = {
        "seed": seed, "train_pictures": pictures,
        "train_world_seed": TRAIN_SEED, "val_world_seed": VAL_SEED, "test_world_seed": TEST_SEED,
        "detectors": {
            lesson.name: {
                "size_px": lesson.size_px, "epochs": lesson.epochs, "test": measure(lesson, work, pictures=300)
            }
            for lesson in DETECTORS
        },
    }  # fmt: skip
    (_WEIGHTS / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    (_WEIGHTS / "README.md").write_text(model_card(figures))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
