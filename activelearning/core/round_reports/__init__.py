"""The reports of a round. A new one is a file here and a line in `ROUND_REPORTS`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from activelearning.core.round_report import RoundReport
from activelearning.core.round_reports.json import render_json
from activelearning.core.round_reports.markdown import render_markdown
from activelearning.core.round_reports.terminal import render_terminal


class RoundRenderer(Protocol):
    """Tell a round. `width` and `color` are a terminal's."""

    def __call__(self, report: RoundReport, *, width: int, color: bool) -> str: ...


ROUND_REPORTS: Mapping[str, RoundRenderer] = MappingProxyType(
    {"terminal": render_terminal, "markdown": render_markdown, "json": render_json}
)

__all__ = ["ROUND_REPORTS", "RoundRenderer"]
