"""A training in words, for programs that are elsewhere."""

from typing import Any

from activelearning.models import Training
from activelearning.services.training_data import Prepared


def spec_of(training: Training, prepared: Prepared) -> dict[str, Any]:
    """Write down all that a program needs to train: data.yaml (YOLO), classes, base, options, seed."""
    base = training.base
    return {
        "name": training.name,
        "dataset": str(training.version),
        "dataset_sha256": training.version.manifest_sha256,
        "data": str(prepared.yaml),
        "classes": list(prepared.order.classes),
        "seed": training.seed,
        "base": {"name": base.name, "detector": base.detector, "sha256": base.weights_sha256} if base else None,
        "pictures": prepared.facts["pictures"],
        "boxes": prepared.facts["boxes"],
        "shares": list(prepared.shares),
    }
