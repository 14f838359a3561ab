"""A trend as JSON for programs."""

import json
from collections.abc import Sequence
from typing import Any

from evaluation.core.record_json import to_plain
from evaluation.core.reports.trend.table import caution, is_critical, trend_of
from evaluation.core.results import RunRecord, ScenarioRecord

SCHEMA_VERSION = 1
RUN = ("id", "suite", "model", "model_sha256", "dataset", "dataset_sha256", "is_final", "created_at")
CELL = ("verdict", "value", "low", "high", "threshold", "metric", "unit", "images", "instances", "groups")


def render_json(records: Sequence[RunRecord], *, width: int, color: bool) -> str:
    """Write runs, oldest first, and for each scenario one cell a run, null where the run had no such scenario.

    Raises RecordError for NaN. `width` and `color` have no meaning here."""
    trend = trend_of(records)
    said = {
        "schema_version": SCHEMA_VERSION,
        "caution": caution(trend),
        "runs": [_run(run) for run in trend.runs],
        "scenarios": [
            {"name": name, "critical": is_critical(row), "cells": [_cell(one) for one in row]}
            for name, row in zip(trend.names, trend.cells, strict=True)
        ],
    }
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _run(run: RunRecord) -> dict[str, Any]:
    return {
        **{name: getattr(run, name) for name in RUN},
        "verdict": run.verdict,
        "readiness": to_plain(run.readiness),
    }


def _cell(one: ScenarioRecord | None) -> dict[str, Any] | None:
    if one is None:
        return None
    plain = to_plain(one)
    return {name: plain[name] for name in CELL}
