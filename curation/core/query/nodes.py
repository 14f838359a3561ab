"""What a query means, once parsed: a small tree of frozen nodes over an allow-list of typed fields."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "number", "boolean", "time", "text_list"]
Scalar: TypeAlias = str | int | float | bool


@dataclass(frozen=True)
class Field:
    """A field that a query may name. `choices` are the values that are known beforehand, for hints only."""

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Everything:
    """Holds for every frame."""


@dataclass(frozen=True)
class And:
    parts: tuple["Query", ...]


@dataclass(frozen=True)
class Or:
    parts: tuple["Query", ...]


@dataclass(frozen=True)
class Not:
    """Holds where `part` does not, which includes frames that have no value for its field."""

    part: "Query"


@dataclass(frozen=True)
class Equals:
    """The field has this value; a list of texts has it among its values."""

    field: Field
    value: Scalar


@dataclass(frozen=True)
class Range:
    """The field lies between two bounds; None is no bound. Only for number and time."""

    field: Field
    low: int | float | datetime | None
    high: int | float | datetime | None
    include_low: bool
    include_high: bool


@dataclass(frozen=True)
class Exists:
    """The field has a value."""

    field: Field


class Wild(Enum):
    ONE = "?"
    MANY = "*"


@dataclass(frozen=True)
class Like:
    """The text, or one of the list, fits a pattern: `gate*` is ("gate", Wild.MANY)."""

    field: Field
    pattern: tuple[str | Wild, ...]


Query: TypeAlias = Everything | And | Or | Not | Equals | Range | Exists | Like


@dataclass(frozen=True)
class Fields:
    """The allow-list. `families` are open ended: {"count.": "number"} allows `count.person`."""

    listed: tuple[Field, ...]
    families: Mapping[str, Kind] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.listed)

    def find(self, name: str) -> Field | None:
        """Return the field of that name or alias, whatever its case."""
        names = self._names()
        found = names.get(name) or names.get(name.casefold())
        if found is None:
            for prefix, kind in self.families.items():
                if name.startswith(prefix) and len(name) > len(prefix):
                    return Field(name=name, kind=kind)
        return found

    def near(self, name: str) -> list[str]:
        """List the names that resemble this one, nearest first; at most 3."""
        return difflib.get_close_matches(name.casefold(), self._names(), n=3, cutoff=0.6)

    def with_choice(self, value: str) -> Field | None:
        """Return the first field that knows this value."""
        return next((f for f in self.listed if choice_of(f, value) in f.choices), None)

    def _names(self) -> dict[str, Field]:
        names: dict[str, Field] = {}
        for listed in self.listed:
            for name in (listed.name, *listed.aliases):
                names.setdefault(name, listed)
        return names


def choice_of(listed: Field, value: str) -> str:
    """Spell a value as the field's choices do (`Pitch Dark` is `pitch_dark`); another value comes back as it is."""
    folded = {choice.casefold().replace("_", " "): choice for choice in listed.choices}
    return folded.get(value.casefold().replace("_", " "), value)


def leaves(query: Query) -> Iterable[Equals | Range | Exists | Like]:
    """Yield every condition on a field, left to right."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Everything():
            return
        case _:
            yield query
