"""Kinds of errors as bars, and the confusion matrix as a table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from evaluation.core.reports.markup import Markup, el
from evaluation.core.results import Errors

MOST_LABELS: Final = 12
KINDS: Final = MappingProxyType(
    {
        "missed": "Nobody found it.",
        "background": "There is nothing.",
        "localisation": "The right class, but the box is off.",
        "class": "The right place, but another class.",
        "both": "Another class, and the box is off.",
        "duplicate": "It was found already.",
    }
)


def error_figures(errors: Errors) -> list[Markup]:
    """Show the errors that there are."""
    found = []
    if any(errors.kinds.values()):
        found.append(_bars(errors.kinds))
    if errors.confusion and any(map(any, errors.confusion)):
        found.append(_matrix(errors))
    return found


def ordered(kinds: Mapping[str, int]) -> list[tuple[str, int]]:
    """Order counts by their number; of equal ones, those that are named here first, then by the alphabet."""
    places = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(kinds.items(), key=lambda one: (-one[1], places.get(one[0], len(places)), one[0]))


def _bars(kinds: Mapping[str, int]) -> Markup:
    most = max(kinds.values())
    rows = [
        el(
            "tr", el("th", kind, scope="row", title=KINDS.get(kind)), el("td", f"{count:,}"),
            el("td", el("i", style=f"width:{100 * count / most:.1f}%"), class_="bar"),
        )
        for kind, count in ordered(kinds)
    ]  # fmt: skip
    caption = el(
        "figcaption", el("b", "Errors by kind"), el("span", f"{sum(kinds.values()):,} at the operating point.")
    )
    return el("figure", caption, el("table", el("tbody", rows), class_="kinds"), class_="card")


def _matrix(errors: Errors) -> Markup:
    nothing = len(errors.labels)
    shown = _worst_labels(errors)
    names = (*errors.labels, "nothing")
    places = [*shown, nothing]
    head = el("tr", el("td", "truth \\ found"), (el("th", el("span", names[place]), scope="col") for place in places))
    rows = [el("tr", el("th", names[row], scope="row"), _cells(errors, row, places)) for row in places]
    left_out = nothing - len(shown)
    said = "Each row is a true label, each column what was found there."
    if left_out:
        said += f" The {len(shown)} labels with the most mistakes, of {nothing}."
    table = el("div", el("table", el("thead", head), el("tbody", rows), class_="matrix"), class_="scroll")
    return el("figure", el("figcaption", el("b", "Confusion"), el("span", said)), table, class_="card wide")


def _cells(errors: Errors, row: int, places: list[int]) -> list[Markup]:
    counts, nothing = errors.confusion[row], len(errors.labels)
    total = sum(counts) or 1
    cells = []
    for column in places:
        if row == column == nothing:
            cells.append(el("td", class_="none"))
            continue
        share = counts[column] / total
        kind = "right" if row == column else "wrong"
        strength = " strong" if share > 0.55 else ""
        cells.append(el("td", f"{counts[column]:,}", class_=kind + strength, style=f"--share:{100 * share:.0f}%"))
    return cells


def _worst_labels(errors: Errors) -> list[int]:
    """Return the labels to show, in their order: all that occur, or those with the most mistakes."""
    matrix, places = errors.confusion, range(len(errors.labels))
    sums = {at: sum(matrix[at]) + sum(row[at] for row in matrix) - 2 * matrix[at][at] for at in places}
    occurring = [at for at in places if sums[at] or matrix[at][at]]
    return sorted(sorted(occurring, key=lambda at: (-sums[at], at))[:MOST_LABELS])
