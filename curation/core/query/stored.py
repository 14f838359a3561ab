"""Whether a condition holds for a tag's value as it is stored: JSON of whatever kind."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import TypeAlias, TypeGuard

from curation.core.query.nodes import Equals, Exists, Like, Range
from curation.core.query.numbers import Leaf, number_bounds
from curation.core.query.patterns import compiled

Stored: TypeAlias = "str | bool | int | Decimal | list[Stored] | dict[str, Stored] | None"
SIGNS: dict[str, Callable[[int | Decimal, Decimal], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


@lru_cache(maxsize=1 << 17)  # many frames have the same list or the same counts
def read_stored(text: str) -> Stored:
    """Read JSON, its numbers exactly as they are written. What it returns is shared: do not change it."""
    value: Stored
    try:
        value = json.loads(text, parse_float=Decimal)
    except ValueError:  # more digits than Python takes for a whole number
        value = json.loads(text, parse_int=Decimal, parse_float=Decimal)
    return value


def judge(leaf: Leaf) -> Callable[[Stored], bool]:
    """Return what tells whether a condition on a tag holds for its value. Where there is no value, none holds."""
    match leaf:
        case Exists():
            return lambda _: True
        case Equals(_, value) if leaf.field.kind == "text_list":
            return lambda stored: isinstance(stored, list) and any(_same(one, value) for one in stored)
        case Equals(_, value):
            return lambda stored: _same(stored, value)
        case Like(listed, pattern) if listed.kind == "text_list":
            fits = compiled(pattern).fullmatch
            return lambda stored: isinstance(stored, list) and any(_fits(fits, one) for one in stored)
        case Like(_, pattern):
            fits = compiled(pattern).fullmatch
            return lambda stored: _fits(fits, stored)
        case Range():
            bounds = [(SIGNS[sign], exact(bound)) for sign, bound in number_bounds(leaf)]
            return lambda stored: _is_number(stored) and all(ok(stored, bound) for ok, bound in bounds)


def judge_count(leaf: Leaf, label: str) -> Callable[[Stored], bool]:
    """Return what tells whether a condition on the count of a label holds for `object_counts`: a missing label is 0."""
    if isinstance(leaf, Exists):
        return lambda _: True
    of_number = judge(leaf)
    return lambda counts: of_number(counts.get(label, 0) if isinstance(counts, dict) else 0)


def exact(number: int | float) -> Decimal:
    """Return the decimal that JSON writes for a number."""
    return Decimal(repr(number))


def _is_number(stored: Stored) -> TypeGuard[int | Decimal]:
    return isinstance(stored, int | Decimal) and not isinstance(stored, bool)


def _same(stored: Stored, value: object) -> bool:
    if _is_number(stored):
        return isinstance(value, int | float) and not isinstance(value, bool) and stored == exact(value)
    return type(stored) is type(value) and stored == value


def _fits(fits: Callable[[str], object], stored: Stored) -> bool:
    return stored is not None and fits(stored if isinstance(stored, str) else written(stored)) is not None


def written(stored: Stored) -> str:
    """Write a value as Postgres writes jsonb."""
    match stored:
        case dict():
            return (
                "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {written(v)}" for k, v in stored.items()) + "}"
            )
        case list():
            return "[" + ", ".join(map(written, stored)) + "]"
        case Decimal():
            return f"{stored:f}"
    return json.dumps(stored, ensure_ascii=False)
