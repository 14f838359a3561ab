"""A frame's tags as badges, and with their evidence as a table."""

from collections.abc import Mapping
from typing import Any

from dash import html

from frontend import human

FIRST = ("people", "lighting", "blurriness", "motion", "time_of_day", "indoor")
"""What is shown on a card, in this order."""
QUIET = {"blurriness": "sharp", "lighting": "normal"}
"""Values that go without saying on a card."""
REPEATED = ("has_people", "objects")
"""Said by another tag already (people, object_counts)."""
MAX_BADGES = 4


def badges(tags: Mapping[str, Any]) -> html.Ul:
    """Show the tags that tell one frame from another."""
    words = [_badge("people", tags.get("people")), *_objects(tags)]
    words += [_badge(factor, tags.get(factor)) for factor in FIRST[1:]]
    words = [word for word in words if word]
    shown = words if len(words) <= MAX_BADGES else [*words[: MAX_BADGES - 1], f"+{len(words) - MAX_BADGES + 1}"]
    return html.Ul([html.Li(word, className="badge") for word in shown], className="badges", title=", ".join(words))


def evidence_table(tags: Mapping[str, Any], evidence: Mapping[str, Any]) -> html.Table:
    """Show each tag with where its value came from and how sure that is."""
    order = [*(f for f in FIRST if f in tags), *sorted(f for f in tags if f not in (*FIRST, *REPEATED))]
    head = html.Tr([html.Th(name, scope="col") for name in ("Tag", "Value", "Found by", "Sure")])
    return html.Table(
        [html.Thead(head), html.Tbody([_evidence_row(f, tags[f], evidence.get(f) or {}) for f in order])],
        className="evidence",
    )


def value_words(value: object) -> str:
    """Write a tag's value: True as yes, 0.12345 as 0.123, {"car": 2} as car × 2."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.3g}"
        case dict():
            return ", ".join(f"{label} × {number}" for label, number in value.items()) or "none"
        case list():
            return ", ".join(map(str, value)) or "none"
        case _:
            return str(value).replace("_", " ")


def _badge(factor: str, value: object) -> str:
    if value is None or QUIET.get(factor) == value:
        return ""
    if factor == "people":
        return human.some(value, "person").replace("persons", "people") if isinstance(value, int) and value else ""
    if factor == "motion":
        return "" if value else "still"
    if factor == "indoor":
        return "indoors" if value else "outdoors"
    return value_words(value)


def _objects(tags: Mapping[str, Any]) -> list[str]:
    counts = tags.get("object_counts")
    if not isinstance(counts, dict):
        return []
    return [f"{label} × {number}" if number > 1 else label for label, number in counts.items() if label != "person"]


def _evidence_row(factor: str, value: object, found: Mapping[str, Any]) -> html.Tr:
    source, by = str(found.get("source", "")), str(found.get("by", ""))
    sure = found.get("confidence")
    because = found.get("because") or (found.get("detail") or {}).get("because")
    # A detector is named by its file's whole path; the file says enough.
    name = by.rsplit("/", 1)[-1].partition("?")[0].replace("_", " " if source != "model" else "_")
    words = source if by in ("", source) else f"{source} {name}"
    return html.Tr(
        [
            html.Th(factor.replace("_", " "), scope="row"),
            html.Td(value_words(value)),
            html.Td(
                [
                    html.Span(words, title=by),
                    html.Div(f"because of {value_words(because)}", className="note") if because else None,
                ]
            ),
            html.Td(human.percent(sure) if isinstance(sure, int | float) else "", className="number"),
        ]
    )
