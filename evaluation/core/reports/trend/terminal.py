"""A trend in a terminal: the newest model stands at the right, and always fits."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evaluation.core.reports.terminal import RUN_STYLES, STYLES, printed, table
from evaluation.core.reports.trend.table import Trend, caution, cell, is_critical, trend_of
from evaluation.core.reports.words import RUN_VERDICTS, clean
from evaluation.core.results import RunRecord

LEAST_NAME, MOST_MODEL, GAP = 24, 18, 2


def render_terminal(records: Sequence[RunRecord], *, width: int, color: bool) -> str:
    """Lay a trend out for a terminal of `width` columns; of more models than fit, the newest ones."""
    return printed(_parts(trend_of(records), width), width=width, color=color)


def _parts(trend: Trend, width: int) -> Iterator[RenderableType]:
    if not trend.runs:
        yield "There are no test runs yet."
        return
    first = _first_that_fits(trend, width)
    yield _table(trend, first)
    notes = ["* critical"] if any(map(is_critical, trend.cells)) else []
    notes += ["✓ pass, ✗ fail, ? not enough evidence"]
    yield Text("; ".join(notes), style="dim")
    if first:
        yield Text(f"{first:,} earlier runs do not fit in {width} columns.", style="dim")
    if warning := caution(trend):
        yield Text(warning, style="yellow")


def _table(trend: Trend, first: int) -> Table:
    shown = table(80)
    shown.add_column("scenario", overflow="fold", ratio=1, min_width=10)
    for run in trend.runs[first:]:
        shown.add_column(Text(clean(run.model), style="bold"), overflow="fold", max_width=MOST_MODEL, min_width=9)
    for name, row in zip(trend.names, trend.cells, strict=True):
        cells = [Text(cell(one), style=STYLES[one.verdict] if one else "dim") for one in row[first:]]
        shown.add_row(Text(clean(name) + (" *" if is_critical(row) else "")), *cells)
    verdicts = [Text(RUN_VERDICTS[run.verdict], style=RUN_STYLES[run.verdict]) for run in trend.runs[first:]]
    shown.add_row(Text("all", style="bold"), *verdicts)
    return shown


def _first_that_fits(trend: Trend, width: int) -> int:
    """Return the place of the first run to show; the newest is always shown."""
    room = width - LEAST_NAME
    for place in range(len(trend.runs) - 1, -1, -1):
        room -= min(max(cell_len(clean(trend.runs[place].model)), 11), MOST_MODEL) + GAP
        if room < 0:
            return min(place + 1, len(trend.runs) - 1)
    return 0
