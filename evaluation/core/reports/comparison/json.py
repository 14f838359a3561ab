"""A comparison as JSON for programs."""

import json

from evaluation.core.comparison_record import ComparisonRecord
from evaluation.core.record_json import to_plain
from evaluation.core.reports.comparison.words import ORDER, sentence

SCHEMA_VERSION = 1


def render_json(record: ComparisonRecord, *, width: int, color: bool) -> str:
    """Write the record as it is, with counts of verdicts and the sentence before it. Raises RecordError for NaN.

    `width` and `color` have no meaning here."""
    counts = {verdict: record.count(verdict) for verdict in reversed(ORDER)}
    said = {"schema_version": SCHEMA_VERSION, "sentence": sentence(record), "counts": counts} | to_plain(record)
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"
