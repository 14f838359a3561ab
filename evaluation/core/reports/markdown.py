"""A test run for a pull request: one line that says it, a table, and the rest folded away."""

from collections.abc import Iterator, Sequence
from itertools import chain

from evaluation.core.reports.contract import Extras
from evaluation.core.reports.markdown_text import code, folded, link, table, text
from evaluation.core.reports.words import (
    MARKS,
    RUN_VERDICTS,
    failures_first,
    finality,
    frames_url,
    interval_of,
    needed,
    tally,
    value_of,
    weighted,
)
from evaluation.core.results import RunRecord, ScenarioRecord

HEAD = ("", "Scenario", "Metric", "Figure", "Interval", "Needed", "Images", "Objects", "Groups")
RIGHT = ("Figure", "Interval", "Needed", "Images", "Objects", "Groups")
SIGNS = {"pass": "✅", "fail": "❌", "inconclusive": "❔"}
RUN_SIGNS = {"ready": "✅", "failed": "❌", "undecided": "❔"}
MOST_ROWS = 40
MOST_CHARACTERS = 60_000
"""GitHub takes comments of up to 65,536."""


def render_markdown(record: RunRecord, extras: Extras) -> str:
    """Write the run for a comment on GitHub or GitLab, failures first; what does not fit is told.

    Raises ValueError where the base URL is no web address."""
    said = text(record.readiness.sentence) or RUN_VERDICTS[record.verdict]
    top = [f"### {RUN_SIGNS[record.verdict]} {said}", "", _about(record), ""]
    top += [f"> {text(note)}\n" for note in (finality(record), *record.notes) if note]
    bottom = folded("How this run came about", _origin(record))
    room = MOST_CHARACTERS - sum(len(line) + 1 for line in (*top, *bottom))
    shown = failures_first(record)
    for rows, reasons in _amounts(shown):
        middle = [*_scenarios(shown[:rows], extras, len(shown) - rows), *_reasons(shown, reasons, extras)]
        if sum(len(line) + 1 for line in middle) <= room:
            break
    return "\n".join([*top, *middle, *bottom]).rstrip("\n") + "\n"


def _amounts(shown: Sequence[ScenarioRecord]) -> Iterator[tuple[int, int]]:
    """Yield how many rows and reasons to try, ever fewer."""
    undecided = sum(one.verdict != "pass" for one in shown)
    rows, reasons = len(shown), undecided
    yield rows, reasons
    while rows or reasons:
        rows, reasons = rows * 3 // 4, reasons * 2 // 3
        yield rows, reasons


def _about(record: RunRecord) -> str:
    said = f"**{text(record.model)}** against suite **{text(record.suite)}**"
    said += f" on **{text(record.dataset)}**" if record.dataset else ""
    said += f", beside **{text(record.baseline)}**" if record.baseline else ""
    return " ".join([f"{said}: {tally(record.scenarios)}.", weighted(record) or ""]).strip()


def _scenarios(shown: Sequence[ScenarioRecord], extras: Extras, left_out: int) -> Iterator[str]:
    """Show a table of what matters first; what passed is folded away where there is much."""
    if not shown:
        return
    rows = [(one, _row(one, extras)) for one in shown]
    open_rows = [row for one, row in rows if one.verdict != "pass" or len(shown) <= MOST_ROWS]
    folded_rows = [row for one, row in rows if one.verdict == "pass" and len(shown) > MOST_ROWS]
    if open_rows:
        yield from chain(table(HEAD, open_rows, right=RIGHT), [""])
    if folded_rows:
        yield from folded(f"{len(folded_rows):,} passed", table(HEAD, folded_rows, right=RIGHT))
    if left_out:
        yield f"{left_out:,} more scenarios do not fit here; the other reports have them.\n"


def _row(one: ScenarioRecord, extras: Extras) -> tuple[str, ...]:
    name = link(one.name, frames_url(extras.base_url, one.link_query))
    return (
        SIGNS[one.verdict], f"**{name}** (critical)" if one.critical else name, text(one.metric), value_of(one),
        interval_of(one), needed(one), f"{one.images:,}", f"{one.instances:,}", f"{one.groups:,}",
    )  # fmt: skip


def _reasons(shown: Sequence[ScenarioRecord], most: int, extras: Extras) -> Iterator[str]:
    undecided = [one for one in shown if one.verdict != "pass"][:most]
    if undecided:
        yield from folded("Why, and which frames", (_reason(one) for one in undecided))


def _reason(one: ScenarioRecord) -> str:
    said = [f"- {MARKS[one.verdict]} **{text(one.name)}**: {text(one.reason)}"]
    said += [f"{one.under_review:,} labels under review left out."] if one.under_review else []
    said += [f"<br>Why it matters: {text(one.why)}"] if one.why else []
    said += [f"<br>Frames: {code(one.link_query)}"] if one.link_query else []
    return " ".join(said)


def _origin(record: RunRecord) -> list[str]:
    facts = {
        "Test run": str(record.id), "Model's SHA-256": record.model_sha256, "Dataset's SHA-256": record.dataset_sha256,
        "Code": record.code_version, "Begun": record.created_at, "Done": record.finished_at,
    }  # fmt: skip
    facts |= {name: str(record.options[name]) for name in sorted(record.options)}
    return table(("What", "Value"), [(text(name), code(value)) for name, value in facts.items() if value])
