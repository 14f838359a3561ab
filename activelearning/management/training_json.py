"""Trainings as the commands' --json says them."""

from typing import Any

from activelearning.management.training_tables import state_of
from activelearning.models import Training


def training_json(training: Training) -> dict[str, Any]:
    """Write a training down as plain values."""
    model, job = training.model, training.job
    same = ("trainer", "options", "seed", "classes", "shares", "data", "epochs", "figures", "device", "error")
    return {
        "name": training.name,
        "state": state_of(training),
        "job": training.job_id,
        "doing": job.doing if job else "",
        "dataset": str(training.version),
        "base": str(training.base) if training.base else None,
        **{name: getattr(training, name) for name in same},
        "model": model.name if model else None,
        "detector": model.detector if model else None,
        "weights_sha256": model.weights_sha256 if model else None,
        "onnx": training.onnx or None,
        "created_at": training.created_at.isoformat(),
        "finished_at": training.finished_at.isoformat() if training.finished_at else None,
    }
