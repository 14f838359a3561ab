"""A batch as `manage.py labelling --json` tells it."""

from collections.abc import Mapping
from typing import Any

from activelearning.models import LabelBatch


def batch_json(batch: LabelBatch, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a batch with its counts, or its whole progress, as plain JSON."""
    plain = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}
    return {
        "id": batch.pk,
        "name": batch.name,
        "via": batch.via,
        "state": batch.state,
        "round": batch.round_id,
        "project": batch.project_id,
        "merge": batch.merge,
        **plain,
    }
