"""The reports of a test run. A new one is a file here and a line in `REPORTS`."""

from collections.abc import Mapping
from types import MappingProxyType

from evaluation.core.reports.contract import Extras, Report
from evaluation.core.reports.html import render_html
from evaluation.core.reports.json import render_json
from evaluation.core.reports.junit import render_junit
from evaluation.core.reports.markdown import render_markdown
from evaluation.core.reports.terminal import render_terminal

REPORTS: Mapping[str, Report] = MappingProxyType(
    {
        "terminal": Report("text/plain", ".txt", render_terminal),
        "json": Report("application/json", ".json", render_json),
        "junit": Report("application/xml", ".xml", render_junit),
        "markdown": Report("text/markdown", ".md", render_markdown),
        "html": Report("text/html", ".html", render_html, has_pictures=True),
    }
)

__all__ = ["REPORTS", "Extras", "Report"]
