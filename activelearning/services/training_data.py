"""What a training reads: pictures and label files of a dataset version, on disk, the same each time."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from activelearning.core.class_order import ClassOrder, order_classes
from activelearning.core.rebalancing import Rebalanced, rebalance
from activelearning.core.yolo_labels import label_rows
from activelearning.models import Training
from activelearning.services.training_errors import TrainingError
from activelearning.services.training_pictures import put_picture
from activelearning.services.training_split import Sides, sides_of
from curation.core.types import IntArray
from curation.services.jobs import Progress
from evaluation.services.version_truth import TruthError, VersionTruth, truth_of

SIDES = ("train", "val")
STEP = 50


@dataclass(frozen=True)
class Prepared:
    """Where the data lies, its classes, and what was read: counts, what was left out and why, shares, notes."""

    yaml: Path
    order: ClassOrder
    facts: Mapping[str, Any]
    shares: Sequence[Mapping[str, Any]]


def prepare_data(training: Training, folder: Path) -> Generator[Progress, None, Prepared]:
    """Write the data below a folder, unless an earlier attempt did. Raises TrainingError, ManifestError."""
    yield Progress(0, 0, f"reading {training.version}")
    truth = _truth(training)
    sides = sides_of(training.version, truth, val_share=float(training.data["val_share"]), seed=training.seed)
    order = _order(training, truth)
    left_out: Counter[str] = Counter({"frames that are not labelled": truth.left_out}) + sides.left_out
    rows = _label_rows(truth, order, left_out)
    counted = {side: sum(len(rows[row]) for row in sides.rows[side]) for side in SIDES}
    if not counted["train"]:
        raise TrainingError(
            "no_boxes",
            f"No picture that {training.version} has for training shows a labelled object ({_said(left_out)}). Label "
            "some, make a new version, and train on that.",
        )
    balance = _balance(training, truth, sides.rows["train"])
    repeats = balance.repeats if balance else np.ones(len(sides.rows["train"]), np.int64)
    data = folder / "data"
    if not (data / "ready").is_file():
        yield from _write(data, truth, sides, rows, repeats=repeats, classes=order.classes)
    facts = {
        "val_share": training.data["val_share"],
        "pictures": {side: len(sides.rows[side]) for side in SIDES},
        "boxes": counted,
        "without_objects": {side: sum(not rows[row] for row in sides.rows[side]) for side in SIDES},
        "list_length": int(repeats.sum()),
        "boxes_by_class": _by_class(truth, sides.rows["train"]),
        "left_out": {why: count for why, count in left_out.items() if count},
        "notes": [*sides.notes, *(balance.notes if balance else ())],
    }
    return Prepared(data / "data.yaml", order, facts, [one.to_dict() for one in balance.shares] if balance else [])


def _truth(training: Training) -> VersionTruth:
    try:
        return truth_of(training.version)
    except TruthError as error:
        raise TrainingError(
            "no_pictures",
            f"{training.version} has no frame whose objects are labelled, so there is nothing to learn from. Label its "
            "frames, or import labels for them (manage.py import), and make a new version.",
        ) from error


def _order(training: Training, truth: VersionTruth) -> ClassOrder:
    base = training.base
    learnt = {truth.labels[label] for label in truth.label[~(truth.is_crowd | truth.is_ignored)].tolist()}
    return order_classes(learnt, base=base.labels if base else (), label_map=base.label_map if base else None)


def _label_rows(truth: VersionTruth, order: ClassOrder, left_out: Counter[str]) -> list[list[str]]:
    numbers = {label: place for place, label in enumerate(order.classes)}
    boxes: list[list[tuple[str, Sequence[float], bool, bool]]] = [[] for _ in truth.shots]
    for i, image in enumerate(truth.image.tolist()):
        label = truth.labels[int(truth.label[i])]
        boxes[image].append((label, truth.xyxy[i].tolist(), bool(truth.is_crowd[i]), bool(truth.is_ignored[i])))
    why: Counter[str] = Counter()
    rows = [
        label_rows(some, numbers=numbers, size_px=(shot.width_px, shot.height_px), left_out=why)
        for some, shot in zip(boxes, truth.shots, strict=True)
    ]
    left_out.update({f"boxes: {reason}": count for reason, count in why.items()})
    return rows


def _balance(training: Training, truth: VersionTruth, rows: Sequence[int]) -> Rebalanced | None:
    asked: Mapping[str, float | None] = training.shares.get("asked", {})
    if not asked:
        return None
    chosen = np.asarray(rows, np.int64)
    members = {query: truth.matching(query)[chosen] for query in asked}
    return rebalance(members, asked, count=len(chosen), seed=training.seed)


def _by_class(truth: VersionTruth, rows: Sequence[int]) -> dict[str, int]:
    is_here = np.isin(truth.image, np.asarray(rows, np.int64)) & ~(truth.is_crowd | truth.is_ignored)
    counts = np.bincount(truth.label[is_here], minlength=len(truth.labels))
    return {label: int(count) for label, count in zip(truth.labels, counts.tolist(), strict=True) if count}


def _write(
    data: Path, truth: VersionTruth, sides: Sides, rows: Sequence[Sequence[str]], *, repeats: IntArray,
    classes: Sequence[str],
) -> Generator[Progress, None, None]:  # fmt: skip
    """Write into a folder beside, which is moved into place whole."""
    part = data.with_name(f"{data.name}.part-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    total, done = sum(len(sides.rows[side]) for side in SIDES), 0
    videos = sides.videos
    for side in SIDES:
        for kind in ("images", "labels"):
            (part / kind / side).mkdir(mode=0o700, parents=True)
        listed: list[str] = []
        for place, row in enumerate(sides.rows[side]):
            name = f"{place:07d}"
            put_picture(truth.shots[row], videos[row], part / "images" / side / f"{name}.jpg")
            (part / "labels" / side / f"{name}.txt").write_text("".join(f"{line}\n" for line in rows[row]))
            times = int(repeats[place]) if side == "train" else 1
            listed += [f"./images/{side}/{name}.jpg"] * times
            done += 1
            if done % STEP == 0:
                yield Progress(0, 0, f"writing pictures: {done} of {total}")
        (part / f"{side}.txt").write_text("".join(f"{line}\n" for line in listed))
    # Without `path` the folder can be moved: places count from the file itself.
    described = {"train": "train.txt", "val": "val.txt", "names": dict(enumerate(classes))}
    (part / "data.yaml").write_text(json.dumps(described))
    (part / "ready").write_text("")
    shutil.rmtree(data, ignore_errors=True)
    os.replace(part, data)


def _said(left_out: Counter[str]) -> str:
    return ", ".join(f"left out: {count} {why}" for why, count in left_out.items() if count) or "nothing was left out"
