"""A comparison for a pull request, what became worse first."""

from collections.abc import Iterator

from evaluation.core.comparison_record import ChangedObject, ComparisonRecord, ScenarioComparison
from evaluation.core.reports.comparison.words import SIGNS, changed, figures, place, sentence, tally, worse_first
from evaluation.core.reports.markdown_text import folded, table, text
from evaluation.core.reports.words import figure

HEAD = ("", "Scenario", "Metric", "Before", "After", "Difference", "Interval", "Objects", "Verdict")
RIGHT = ("Before", "After", "Difference", "Interval", "Objects")
MOST_OBJECTS = 20
MOST_CHARACTERS = 60_000


def render_markdown(record: ComparisonRecord, *, width: int, color: bool) -> str:
    """Write a comparison for a comment on GitHub or GitLab; lists of objects that do not fit are left out.

    `width` and `color` have no meaning here."""
    sign = "▼" if record.count("worse") else "❔" if record.count("unknown") else "✅"
    top = [f"### {sign} {text(sentence(record))}", "", f"{_about(record)}: {tally(record)}.", ""]
    top += [f"> {text(note)}\n" for note in record.notes]
    shown = worse_first(record)
    if shown:
        top += [*table(HEAD, map(_row, shown), right=RIGHT), ""]
        top += [f"Differences within ±{figure(record.margin, '')} count as the same.", ""]
    room = MOST_CHARACTERS - sum(len(line) + 1 for line in top)
    for one in shown:
        lines = list(_objects(one))
        room -= sum(len(line) + 1 for line in lines)
        if room < 0:
            top += ["More objects changed than fit here; the JSON report has them."]
            break
        top += lines
    return "\n".join(top).rstrip("\n") + "\n"


def _about(record: ComparisonRecord) -> str:
    on = f" on **{text(record.dataset)}**" if record.dataset else ""
    return f"**{text(record.model_b)}** beside **{text(record.model_a)}** over suite **{text(record.suite)}**{on}"


def _row(one: ScenarioComparison) -> tuple[str, ...]:
    name = f"**{text(one.name)}** (critical)" if one.critical else text(one.name)
    verdict = f"**{one.verdict}**" if one.verdict == "worse" else one.verdict
    return (SIGNS[one.verdict], name, text(one.metric), *figures(one), changed(one), verdict)


def _objects(one: ScenarioComparison) -> Iterator[str]:
    for word, things, count in (("broken", one.broken, one.broken_count), ("fixed", one.fixed, one.fixed_count)):
        if things:
            total = max(count, len(things))
            lines = [f"- {_object(thing)}" for thing in things[:MOST_OBJECTS]]
            lines += [f"- and {total - len(lines):,} more"] if total > len(lines) else []
            yield from folded(f"{text(one.name)}: {total:,} {word}", lines)


def _object(thing: ChangedObject) -> str:
    said = ((thing.score_a, "before"), (thing.score_b, "after"))
    scores = [f"{score:.2f} {when}" for score, when in said if score is not None]
    return text(f"{place(thing)}; {', '.join(scores)}" if scores else place(thing))
