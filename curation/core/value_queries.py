"""Queries that show the frames of one value of a factor: what a figure means, ready to be searched for."""

import re
from itertools import pairwise

from curation.core.operating import FactorSpec

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS = {"AND", "OR", "NOT", "TO"}
_LEAF = re.compile(r'[A-Za-z_][\w.]*:("[^"\\]*"|[<>]=?[\w.]+|[\w.]+)')
"""One condition, which needs no brackets."""


def value_query(factor: FactorSpec, value: str) -> str:
    """Write the query for one value: lighting:dark, indoor:true, people:[1 TO 3}. `value` is one of a factor's names.

    Raises ValueError for a bin that a numeric factor does not have."""
    if factor.kind != "numeric":
        return text_query(factor.name, value)
    if value not in factor.values:
        raise ValueError(f"value_query: {factor.name} has no bin {value!r}; it has {', '.join(factor.values)}.")
    return f"{factor.name}:{_bounds(factor.edges, factor.values.index(value))}"


def text_query(field: str, text: str) -> str:
    """Write the query for a text, in quotes where the language needs them: camera:gate, camera:"hall-2"."""
    if _PLAIN.fullmatch(text) and text not in _OPERATORS:
        return f"{field}:{text}"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{field}:"{escaped}"'


def unknown_query(field: str) -> str:
    """Write the query for the frames that have no value."""
    return f"NOT _exists_:{field}"


def all_of(*conditions: str) -> str:
    """Join conditions that this file wrote, so that all of them hold: lighting:dark AND weather:rain."""
    return " AND ".join(conditions)


def inside(query: str, condition: str) -> str:
    """Write the query for a condition among the frames of a query that somebody wrote; an empty one holds always.

    inside("people:>0 OR indoor:true", "lighting:dark") -> "(people:>0 OR indoor:true) AND lighting:dark"."""
    return all_of(_bracketed(query), condition) if query.strip() else condition


def outside(query: str, condition: str) -> str:
    """Write the query for a condition among the frames that a query leaves out.

    outside("camera:gate", "lighting:dark") -> "lighting:dark AND NOT camera:gate"."""
    return all_of(condition, f"NOT {_bracketed(query)}") if query.strip() else condition


def _bracketed(query: str) -> str:
    asked = query.strip()
    return asked if _LEAF.fullmatch(asked) else f"({asked})"


def _bounds(edges: tuple[float, ...], place: int) -> str:
    if place == 0:
        return _compared("<", edges[0])
    if place == len(edges):
        return _compared(">=", edges[-1])
    low, high = list(pairwise(edges))[place - 1]
    return f"[{_number(low)} TO {_number(high)}}}"


def _compared(sign: str, edge: float) -> str:
    return f'{sign}"{_number(edge)}"' if edge < 0 else f"{sign}{_number(edge)}"


def _number(edge: float) -> str:
    """Write a number in full, so that the query cuts exactly where the bin does."""
    return str(int(edge)) if edge.is_integer() and abs(edge) < 1e15 else repr(edge)
