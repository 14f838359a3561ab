"""The reports of test runs of several models, oldest first. A new one is a file here and a line in `TREND_REPORTS`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from evaluation.core.reports.trend.json import render_json
from evaluation.core.reports.trend.markdown import render_markdown
from evaluation.core.reports.trend.terminal import render_terminal
from evaluation.core.results import RunRecord


class TrendReport(Protocol):
    """Tell how scenarios went from model to model. `width` and `color` are a terminal's."""

    def __call__(self, records: Sequence[RunRecord], *, width: int, color: bool) -> str: ...


TREND_REPORTS: Mapping[str, TrendReport] = MappingProxyType(
    {"terminal": render_terminal, "markdown": render_markdown, "json": render_json}
)

__all__ = ["TREND_REPORTS", "TrendReport"]
