"""From what a trainer made to a registered model: its files in the weights folder, its row with lineage."""

import os
import shutil
from pathlib import Path
from typing import Any

from django.db import transaction

from activelearning.backends.training import Made
from activelearning.core.class_order import ClassOrder
from activelearning.models import Training
from activelearning.services.training_errors import TrainingError
from activelearning.services.training_rows import write_end
from curation.backends.decode.probe import hash_file
from curation.backends.detect.weights import weights_dir
from curation.models import Job
from evaluation.models import ModelVersion
from evaluation.services.model_registry import register_model

FOLDER = "trained"


def publish(training: Training, job: Job, made: Made, order: ClassOrder, *, log: str) -> ModelVersion:
    """Put the weights where detectors are found, and register the model, in one transaction with the training's row.

    Raises TrainingError, WeightsUnusable, Lost."""
    if ModelVersion.objects.filter(name=training.name).exists():
        raise TrainingError(
            "taken",
            f"Meanwhile a model {training.name!r} was registered by somebody else. The weights are at {made.weights}; "
            f"register them under another name: manage.py models add NAME {made.detector.format(made.weights)}",
        )
    detector = made.detector.format(_placed(made.weights, training.name))
    onnx = made.onnx_detector.format(_placed(made.onnx, training.name)) if made.onnx else ""
    with transaction.atomic():
        model = register_model(
            name=training.name,
            detector=detector,
            label_map=order.label_map,
            trained_on=training.version,
            parent=training.base,
            notes=_notes(training, made),
            user=training.created_by,
        )
        _check_classes(model, order)
        write_end(training, job, model=model, onnx=onnx, figures=_figures(training, made, onnx), log=log)
    return model


def tidy(folder: Path) -> None:
    """Remove what a training that is done no longer needs: its copy of the data, its checkpoints."""
    for part in ("data", "run", "kept", "made"):
        shutil.rmtree(folder / part, ignore_errors=True)


def _placed(source: Path, name: str) -> str:
    """Move a file into the weights folder, whole; returns what a detector calls it."""
    target = weights_dir() / FOLDER / f"{name}{source.suffix}"
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with source.open("rb") as read, part.open("wb") as write:
        shutil.copyfileobj(read, write, 1 << 20)
        write.flush()
        os.fsync(write.fileno())
    os.replace(part, target)
    return f"{FOLDER}/{target.name}"


def _figures(training: Training, made: Made, onnx: str) -> dict[str, Any]:
    figures = dict(made.figures)
    if onnx:
        figures["onnx_sha256"] = hash_file(weights_dir() / FOLDER / f"{training.name}.onnx")
    return figures


def _check_classes(model: ModelVersion, order: ClassOrder) -> None:
    if tuple(model.labels) != tuple(order.classes):
        raise TrainingError(
            "classes",
            f"The weights know {', '.join(model.labels[:10])}, but the data has the classes "
            f"{', '.join(order.classes[:10])}, in this order. The trainer must keep them; nothing was registered.",
        )


def _notes(training: Training, made: Made) -> str:
    seen = training.data.get("pictures", {})
    said = [
        f"Trained by {training.trainer}: {seen.get('train', 0)} pictures of {training.version}, "
        f"{len(training.epochs)} epochs, seed {training.seed}.",
        *made.notes,
    ]
    return "\n".join(said)
