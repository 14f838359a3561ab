"""Filters by what has a name and numbered versions: street is any of them, street@3 is one."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def numbered(rows: QuerySet[M], value: str, *, named: str, number: str) -> QuerySet[M]:
    """Keep the rows of `name` or `name@number`; `named` and `number` are the fields. What is no number keeps none."""
    name, at, digits = value.partition("@")
    wanted: dict[str, Any] = {named: name}
    if at:
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
            return rows.none()
        wanted[number] = int(digits)
    return rows.filter(**wanted)
