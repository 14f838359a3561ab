"""Models and their predictions as the commands' --json says them."""

from typing import Any

from evaluation.management.model_tables import state_of
from evaluation.models import ModelVersion, PredictionRun


def model_json(model: ModelVersion) -> dict[str, Any]:
    """Write a model down as plain values."""
    return {
        "id": model.pk,
        "name": model.name,
        "detector": model.detector or None,
        "weights_sha256": model.weights_sha256 or None,
        "labels": model.labels,
        "label_map": model.label_map,
        "trained_on": str(model.trained_on) if model.trained_on else None,
        "parent": str(model.parent) if model.parent else None,
        "notes": model.notes,
        "created_at": model.created_at.isoformat(),
    }


def run_json(run: PredictionRun) -> dict[str, Any]:
    """Write a prediction run down as plain values."""
    return {
        "id": run.pk,
        "model": run.model.name,
        "version": str(run.version) if run.version else None,
        "query": run.query if run.version is None else None,
        "origin": run.origin,
        "source": run.source or None,
        "params": run.params,
        "frames": run.frame_count,
        "boxes": run.box_count,
        "state": state_of(run),
        "job": run.job_id,
        "report": run.report,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
    }
