"""A round as JSON for programs."""

import json

from activelearning.core.round_report import RoundReport
from evaluation.core.record_json import to_plain

SCHEMA_VERSION = 1


def render_json(report: RoundReport, *, width: int, color: bool) -> str:
    """Write the report as it is. Raises RecordError for NaN. `width` and `color` have no meaning here."""
    return json.dumps({"schema_version": SCHEMA_VERSION} | to_plain(report), ensure_ascii=False, indent=2) + "\n"
