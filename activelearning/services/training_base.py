"""The model that a training begins with: what of it can be trained further here, and its weights."""

from dataclasses import dataclass
from pathlib import Path

from activelearning.backends.training import TRAINERS, Trainer
from activelearning.services.training_errors import TrainingError
from curation.backends.detect.names import DetectorName
from curation.backends.detect.weights import need
from evaluation.models import ModelVersion
from evaluation.services.model_registry import check_weights


@dataclass(frozen=True)
class Base:
    weights: Path
    imgsz: int


def check_base(base: ModelVersion, trainer: Trainer) -> None:
    """Raise TrainingError where the trainer cannot begin with a model; ModelError, WeightsMissing."""
    if not trainer.reads_base:
        return
    check_weights(base)
    name = DetectorName.parse(base.detector)
    if name.kind == "ultralytics" and Path(name.weights).suffix.lower() in trainer.reads_base:
        return
    others = " or ".join(kind for kind in TRAINERS if not TRAINERS[kind].reads_base)
    raise TrainingError(
        "not_trainable",
        f"{base} ({base.detector}) cannot be trained further by {trainer.kind}, which reads ultralytics:*.pt. Name "
        f"another base, leave it out to begin with a new network, or hand the data to a program of your own: "
        f"--trainer {others} (docs/training.md).",
    )


def base_of(base: ModelVersion | None, trainer: Trainer) -> Base | None:
    """Find the weights to begin with, after a look at whether they are those that were registered."""
    if base is None or not trainer.reads_base:
        return None
    check_base(base, trainer)
    name = DetectorName.parse(base.detector)
    size = name.options.get("imgsz", 0)
    return Base(need(name.weights).resolve(), size if isinstance(size, int) else 0)
