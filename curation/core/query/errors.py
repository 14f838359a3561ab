"""What is wrong with a query, and where."""

import unicodedata

from curation.core.errors import WinnowError

WINDOW_COLUMNS = 100
"""A longer query is shown cut to this many characters around the fault."""


class QueryError(WinnowError):
    """A query that cannot be understood. `column` counts from 1; `near` is the piece of the query that is meant."""

    def __init__(self, message: str, *, column: int, near: str) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.near = near

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}"


def render_error(query: str, error: QueryError) -> str:
    """Show the query with a caret under the fault, and below it what is wrong.

    people>0 AND lighting:dark
    ^^^^^^^^
    column 1: "people>0" is a bare word. Write people:>0."""
    at = min(error.column - 1, len(query))
    start = max(0, at - WINDOW_COLUMNS // 2)
    shown = query[start : start + WINDOW_COLUMNS]
    before = ("…" if start else "") + query[start:at]
    line = ("…" if start else "") + shown + ("…" if start + WINDOW_COLUMNS < len(query) else "")
    fault = error.near if query.startswith(error.near, at) else ""
    fault = fault[: max(1, WINDOW_COLUMNS - (at - start))]
    carets = "^" * max(1, _width_columns(fault))
    return f"{_printable(line)}\n{' ' * _width_columns(before)}{carets}\n{error}"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _width_columns(text: str) -> int:
    """Tell how many columns of a terminal a text takes: Chinese takes two a sign, a combining accent none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
