"""Teaching the demo's detector further, and looking with it: the library that the product trains with, its settings."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2

from bench._loop_world import Footage
from curation.backends.detect.ultralytics import UltralyticsDetector, UltralyticsOptions
from curation.backends.detect.ultralytics_library import ultralytics_library
from curation.core.types import Box
from demo.train import CLASSES, LESSONS, TRAIN_SEED
from demo.train import write_pictures as write_taught

LEAST_SCORE = 0.05
EPOCHS = 5
KEPT = 200
BATCH = 8
"""A step each: by default the library collects 64 pictures for one, and learns next to nothing of a few."""


def write_pictures(pool: Footage, folder: Path) -> list[Path]:
    """Write all frames of a pool once, as pictures with labels in YOLO's form; returns their paths by row."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    paths = []
    height, width = pool.pictures.shape[1:3]
    for row in range(len(pool)):
        path = folder / "images" / f"{row:05d}.jpg"
        paths.append(path)
        if path.exists():
            continue
        lines = []
        for box in pool.boxes[row]:
            if not box.is_hidden:
                x1, y1, x2, y2 = box.xyxy
                centre = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
                lines.append(" ".join([str(CLASSES.index(box.label)), *(f"{value:.6f}" for value in centre)]))
        (folder / "labels" / f"{path.stem}.txt").write_text("\n".join(lines))
        cv2.imwrite(str(path), pool.pictures[row][:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    return paths


def taught_with(folder: Path, *, imgsz: int) -> list[Path]:
    """Render some of the pictures that a detector was taught with, where they are not there; returns their paths."""
    lesson = next(one for one in LESSONS[::-1] if one.size_px == imgsz)
    if not folder.exists():
        write_taught(folder, seed=TRAIN_SEED if lesson.crowded else TRAIN_SEED + 1, count=KEPT, crowded=lesson.crowded)
    return sorted((folder / "images").glob("*.jpg"))


def teach(
    base: Path, paths: Sequence[Path], kept: Sequence[Path], folder: Path, *,
    imgsz: int, learning_rate: float, views: int, seed: int,
) -> Path:  # fmt: skip
    """Teach a detector further on labelled pictures, and as often on some that it knows; returns its weights.

    The same input and seed give the same."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # So many views, however few labels: the pictures are repeated.
    halves = [[str(path) for path in some] * max(1, round(views / 2 / len(some) / EPOCHS)) for some in (paths, kept)]
    listed = [path for half in halves for path in half]
    (folder / "train.txt").write_text("\n".join(listed) + "\n")
    (folder / "val.txt").write_text("\n".join(listed[:2]) + "\n")
    spec = {"path": str(folder), "train": "train.txt", "val": "val.txt", "names": dict(enumerate(CLASSES))}
    (folder / "data.yaml").write_text(json.dumps(spec))
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    model: Any = ultralytics_library().YOLO(str(base))
    model.train(
        data=str(folder / "data.yaml"), imgsz=imgsz, rect=True, epochs=EPOCHS, batch=BATCH, nbs=BATCH,
        optimizer="AdamW", lr0=learning_rate, lrf=0.05, cos_lr=True, warmup_epochs=1.0,
        warmup_bias_lr=0.0, seed=seed, deterministic=True,
        device="cpu", workers=0, cache=False, val=False, amp=False, mosaic=0.0, fliplr=0.5, scale=0.1, translate=0.05,
        hsv_h=0.005, hsv_s=0.2, hsv_v=0.12, erasing=0.0, project=str(folder), name="run", exist_ok=True, plots=False,
        verbose=False,
    )  # fmt: skip
    return folder / "run" / "weights" / "last.pt"


def look(weights: Path, footage: Footage, *, imgsz: int) -> list[list[Box]]:
    """Return the boxes that a detector sees in each frame."""
    detector = UltralyticsDetector(weights, UltralyticsOptions(imgsz=imgsz))
    return detector.detect(list(footage.pictures), min_score=LEAST_SCORE)
