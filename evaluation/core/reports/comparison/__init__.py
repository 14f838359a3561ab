"""The reports of a comparison of two models. A new one is a file here and a line in `COMPARISON_REPORTS`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from evaluation.core.comparison_record import ComparisonRecord
from evaluation.core.reports.comparison.json import render_json
from evaluation.core.reports.comparison.markdown import render_markdown
from evaluation.core.reports.comparison.terminal import render_terminal


class ComparisonReport(Protocol):
    """Tell a comparison. `width` and `color` are a terminal's."""

    def __call__(self, record: ComparisonRecord, *, width: int, color: bool) -> str: ...


COMPARISON_REPORTS: Mapping[str, ComparisonReport] = MappingProxyType(
    {"terminal": render_terminal, "markdown": render_markdown, "json": render_json}
)

__all__ = ["COMPARISON_REPORTS", "ComparisonReport"]
