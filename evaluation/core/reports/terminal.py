"""A test run in a terminal: failures last, and then whether the model is ready, since the end is what one sees."""

from collections.abc import Iterable, Iterator
from io import StringIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evaluation.core.reports.contract import Extras
from evaluation.core.reports.words import (
    NONE,
    RUN_VERDICTS,
    VERDICTS,
    clean,
    counts,
    failures_last,
    finality,
    interval_of,
    needed,
    tally,
    value_of,
    weighted,
)
from evaluation.core.results import RunRecord, ScenarioRecord

STYLES = {"pass": "green", "fail": "bold red", "inconclusive": "yellow"}
RUN_STYLES = {"ready": "bold green", "failed": "bold red", "undecided": "bold yellow"}
TALLY_STYLES = {"failed": "bold red", "inconclusive": "yellow", "passed": "green"}
NARROW, WIDE = 76, 116
INDENT = (0, 0, 0, 2)


def lines_of(record: RunRecord, *, width: int, color: bool) -> str:
    """Lay a run out for a terminal of `width` columns, with ANSI colours or without.

    From 116 columns on the table says more, and below 76 it says less."""
    return printed(_parts(record, width), width=width, color=color)


def render_terminal(record: RunRecord, extras: Extras) -> str:
    """Lay the run out as a table for people at a terminal, failures last, and then say whether the model is ready."""
    return lines_of(record, width=extras.width, color=extras.color)


def printed(parts: Iterable[RenderableType], *, width: int, color: bool) -> str:
    """Print parts one below the other as text, whatever this process's own terminal is."""
    file = StringIO()
    console = Console(
        file=file, width=max(width, 20), force_terminal=color, color_system="standard" if color else None,
        highlight=False, markup=False, emoji=False, legacy_windows=False, _environ={},
    )  # fmt: skip
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def table(width: int) -> Table:
    """Begin a table without frames, as wide as it must be."""
    return Table(box=None, pad_edge=False, padding=(0, 2 if width >= NARROW else 1, 0, 0), header_style="dim")


def _parts(record: RunRecord, width: int) -> Iterator[RenderableType]:
    yield _title(record)
    for note in (finality(record), *record.notes):
        if note:
            yield Text(clean(note), style="dim")
    shown = failures_last(record)
    if shown:
        yield ""
        yield _table(shown, width)
        if any(one.critical for one in shown):
            yield Text("* critical", style="dim")
    yield from _reasons(shown)
    yield ""
    yield _tally(record)
    if figure := weighted(record):
        yield Text(figure)
    said = clean(record.readiness.sentence) or RUN_VERDICTS[record.verdict]
    yield Text(said, style=RUN_STYLES[record.verdict])


def _title(record: RunRecord) -> Text:
    title = Text.assemble((clean(record.model), "bold"), " against suite ", (clean(record.suite), "bold"))
    if record.dataset:
        title.append(f", on {clean(record.dataset)}")
    if record.baseline:
        title.append(f", beside {clean(record.baseline)}")
    return title


def _table(scenarios: list[ScenarioRecord], width: int) -> Table:
    shown = table(width)
    for name in _columns(width):
        is_text = name in ("scenario", "metric")
        shown.add_column(
            name, justify="left" if is_text or name == "verdict" else "right", overflow="fold", no_wrap=not is_text,
            ratio=1 if name == "scenario" else None, max_width=32 if name == "metric" else None,
        )  # fmt: skip
    for one in scenarios:
        cells = _cells(one, has_intervals=width >= NARROW)
        shown.add_row(*(cells[name] for name in _columns(width)))
    return shown


def _columns(width: int) -> tuple[str, ...]:
    if width >= WIDE:
        return ("scenario", "metric", "figure", "interval", "needed", "images", "objects", "groups", "verdict")
    if width >= NARROW:
        return ("scenario", "figure", "interval", "needed", "groups", "verdict")
    return ("scenario", "figure", "needed", "verdict")


def _cells(one: ScenarioRecord, *, has_intervals: bool) -> dict[str, Text]:
    name = Text(clean(one.name) + (" *" if one.critical else ""), style="bold" if one.verdict == "fail" else "")
    if not has_intervals:
        name.append(f"\n{interval_of(one)}, n {one.groups:,}", style="not bold dim")
    return {
        "scenario": name,
        "metric": Text(clean(one.metric), style="dim"),
        "figure": Text(value_of(one)),
        "interval": Text(interval_of(one)),
        "needed": Text(needed(one)),
        "images": Text(f"{one.images:,}"),
        "objects": Text(f"{one.instances:,}"),
        "groups": Text(f"{one.groups:,}"),
        "verdict": Text(VERDICTS[one.verdict], style=STYLES[one.verdict]),
    }


def _reasons(scenarios: list[ScenarioRecord]) -> Iterator[RenderableType]:
    for verdict, heading in (("inconclusive", "Not enough evidence yet"), ("fail", "Failed")):
        those = [one for one in scenarios if one.verdict == verdict]
        if not those:
            continue
        yield ""
        yield Text(heading, style=STYLES[verdict])
        for one in those:
            yield Padding(_reason(one), INDENT)
            if verdict == "fail" and one.link_query:
                yield Padding(Text(f"frames: {clean(one.link_query)}", style="dim", overflow="fold"), (0, 0, 0, 6))


def _reason(one: ScenarioRecord) -> Text:
    said = Text.assemble(
        (clean(one.name), "bold"), " (critical)" if one.critical else "", ": ", clean(one.reason) or NONE
    )
    if one.under_review:
        labels = "1 label" if one.under_review == 1 else f"{one.under_review:,} labels"
        said.append(f" {labels} under review left out.")
    return said


def _tally(record: RunRecord) -> Text:
    said = counts(record.scenarios)
    if not said:
        return Text(tally(record.scenarios))
    pieces = [(f"{count:,} {word}", TALLY_STYLES[word]) for word, count in said.items()]
    return Text(", ").join(Text(*piece) for piece in pieces)
