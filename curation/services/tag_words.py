"""What people may say of a frame: which factors there are, and which values each takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from curation.core.errors import WinnowError
from curation.core.query import Kind
from curation.core.taggers import FACTORS
from curation.core.types import TagValue
from curation.services.fields import COLUMNS, KIND_OF, searchable_fields
from curation.services.in_force import current_spec

MAX_CHARS = 200
MAX_NAME_CHARS = 40
MAX_FACTORS = 40
MAX_NUMBER = 1e15
LISTED = 100
"""Factors are offered in a message up to this many."""


class TagEditError(WinnowError):
    """A tag edit that cannot be made. `code` is stable, for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchThing(TagEditError):
    """A tag edit of a frame or batch that is not there."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


@dataclass(frozen=True)
class Word:
    """A factor that people can set. `values` are all that there are; none: whatever is of its kind."""

    name: str
    kind: Kind
    values: tuple[str, ...] = ()

    def how_to(self) -> str:
        """Say what is a value of it."""
        if self.values:
            return f"one of {', '.join(self.values)}"
        kinds: Mapping[Kind, str] = {"boolean": "true or false", "number": "a number", "text_list": "a list of texts"}
        return kinds.get(self.kind, f"a text of 1 to {MAX_CHARS} characters")


def words() -> dict[str, Word]:
    """Return the factors that people can set: the conditions', the taggers' and the cameras' attributes."""
    found = {
        factor.name: Word(factor.name, KIND_OF[factor.kind], factor.values if factor.kind == "categorical" else ())
        for factor in current_spec().factors.values()
    }
    for factor in FACTORS.values():
        if factor.kind != "counts":  # counts follow from boxes
            found.setdefault(factor.name, Word(factor.name, factor.kind, factor.values))
    columns = {column.name for column in COLUMNS}
    for field in searchable_fields():
        if field.name not in columns and field.kind != "time" and len(field.name) <= MAX_NAME_CHARS:
            found.setdefault(field.name, Word(field.name, field.kind))
    return found


def check_changes(changes: Mapping[str, Any]) -> dict[str, TagValue | None]:
    """Return the changes, checked; None takes a person's word back. Raises TagEditError that lists what is valid."""
    if not changes:
        raise TagEditError("no_changes", "There is nothing to change: give `changes`, as in {weather: rain}.")
    if len(changes) > MAX_FACTORS:
        raise TagEditError("too_many", f"{len(changes)} factors are changed at once; at most {MAX_FACTORS} can be.")
    known = words()
    return {name: _checked(name, value, known) for name, value in changes.items()}


def _checked(name: str, value: Any, known: Mapping[str, Word]) -> TagValue | None:
    if name not in known:
        raise TagEditError("unknown_factor", f"There is no factor {name[:80]!r}. There are: {_listed(known)}.")
    word = known[name]
    if value is None or _fits(value, word):
        return value  # type: ignore[no-any-return]
    raise TagEditError("wrong_value", f"{name} cannot be {_short(value)}; it is {word.how_to()}, or null to take back.")


def _fits(value: Any, word: Word) -> bool:
    match word.kind:
        case "boolean":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER
        case "text_list":
            return isinstance(value, list) and len(set(map(repr, value))) == len(value) and all(map(_is_text, value))
    return _is_text(value) and (not word.values or value in word.values)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= MAX_CHARS and "\0" not in value


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"


def _listed(names: Iterable[str]) -> str:
    every = sorted(names)
    return ", ".join(every[:LISTED]) + (f" and {len(every) - LISTED} more" if len(every) > LISTED else "")
