"""A comparison in a terminal: what became worse stands last."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evaluation.core.comparison_record import ChangedObject, ComparisonRecord, ScenarioComparison
from evaluation.core.reports.comparison.words import SIGNS, changed, figures, place, sentence, tally, worse_last
from evaluation.core.reports.terminal import INDENT, NARROW, printed, table
from evaluation.core.reports.words import clean, figure

STYLES = {"better": "green", "worse": "bold red", "same": "", "unknown": "yellow"}
MOST_OBJECTS = 5


def render_terminal(record: ComparisonRecord, *, width: int, color: bool) -> str:
    """Lay a comparison out for a terminal of `width` columns: a table, what broke, and one sentence."""
    return printed(_parts(record, width), width=width, color=color)


def _parts(record: ComparisonRecord, width: int) -> Iterator[RenderableType]:
    yield Text.assemble(
        (clean(record.model_b), "bold"), " beside ", (clean(record.model_a), "bold"), f" over suite "
        f"{clean(record.suite)}" + (f", on {clean(record.dataset)}" if record.dataset else ""),
    )  # fmt: skip
    for note in record.notes:
        yield Text(clean(note), style="dim")
    shown = worse_last(record)
    if shown:
        yield ""
        yield _table(shown, record, width)
        said = f"Differences within ±{figure(record.margin, '')} count as the same."
        yield Text(said + (" * critical" if any(one.critical for one in shown) else ""), style="dim")
    for one in shown:
        yield from _objects(one)
    yield ""
    yield Text(tally(record))
    has_worse, has_unknown = record.count("worse"), record.count("unknown")
    yield Text(clean(sentence(record)), style=f"bold {'red' if has_worse else 'yellow' if has_unknown else 'green'}")


def _table(scenarios: list[ScenarioComparison], record: ComparisonRecord, width: int) -> Table:
    shown = table(width)
    shown.add_column("scenario", overflow="fold", ratio=1, min_width=8)
    names = ("before", "after", "difference", "interval", "objects") if width >= NARROW else ("difference",)
    for name in names:
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("verdict", no_wrap=True)
    for one in scenarios:
        a, b, difference, ends = figures(one)
        cells = (a, b, difference, ends, changed(one)) if width >= NARROW else (difference,)
        name = clean(one.name) + (" *" if one.critical else "")
        verdict = Text(f"{SIGNS[one.verdict]} {one.verdict}", style=STYLES[one.verdict])
        shown.add_row(Text(name), *map(Text, cells), verdict)
    return shown


def _objects(one: ScenarioComparison) -> Iterator[RenderableType]:
    """List what broke; what was fixed is good news, and counted."""
    if not one.broken:
        return
    count = max(one.broken_count, len(one.broken))
    yield ""
    yield Text.assemble((clean(one.name), "bold"), f": {count:,} broken")
    shown = one.broken[:MOST_OBJECTS]
    for thing in shown:
        yield Padding(Text(_line(thing)), INDENT)
    if count > len(shown):
        yield Padding(Text(f"and {count - len(shown):,} more", style="dim"), INDENT)


def _line(thing: ChangedObject) -> str:
    score = f", found with {thing.score_a:.2f} before" if thing.score_a is not None else ""
    return clean(place(thing) + score)
