"""A trend for a page of Markdown."""

from collections.abc import Sequence

from evaluation.core.reports.markdown_text import table, text
from evaluation.core.reports.trend.table import caution, cell, is_critical, trend_of
from evaluation.core.reports.words import RUN_VERDICTS
from evaluation.core.results import RunRecord

SIGNS = {"ready": "✅", "failed": "❌", "undecided": "❔"}


def render_markdown(records: Sequence[RunRecord], *, width: int, color: bool) -> str:
    """Write a table of scenarios against models, oldest first. `width` and `color` have no meaning here."""
    trend = trend_of(records)
    if not trend.runs:
        return "There are no test runs yet.\n"
    head = ["Scenario", *(text(run.model) for run in trend.runs)]
    rows = [
        [f"**{text(name)}** (critical)" if is_critical(row) else text(name), *map(cell, row)]
        for name, row in zip(trend.names, trend.cells, strict=True)
    ]
    rows.append(["**all**", *(f"{SIGNS[run.verdict]} {RUN_VERDICTS[run.verdict]}" for run in trend.runs)])
    lines = [*table(head, rows), "", "✓ pass, ✗ fail, ? not enough evidence."]
    return "\n".join(lines + ([caution(trend)] if caution(trend) else [])) + "\n"
