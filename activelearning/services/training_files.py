"""The files of a training that is done, copied to where they are wanted."""

import shutil
from pathlib import Path

from activelearning.models import Training
from activelearning.services.training_errors import TrainingError
from curation.backends.detect.names import DetectorName
from curation.backends.detect.weights import need
from evaluation.services.model_registry import check_weights


def export_files(training: Training, folder: Path) -> list[Path]:
    """Copy a training's weights, and their ONNX form, into a folder; returns the copies.

    Raises TrainingError, ModelError where the weights were changed, WeightsMissing."""
    if training.model is None:
        raise TrainingError("state", f"{training} has made no weights yet: manage.py train show {training}")
    check_weights(training.model)
    names = [training.model.detector, *([training.onnx] if training.onnx else [])]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_copied(need(DetectorName.parse(name).weights), folder) for name in names]
    except OSError as error:
        raise TrainingError("disk", f"The weights cannot be copied to {folder}: {error}.") from error


def _copied(source: Path, folder: Path) -> Path:
    target = folder / source.name
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    return part.replace(target)
