"""Test runs and comparisons as plain JSON, and back again: what the database stores, and what reports are made from.

Fields that a later version adds must have a default: a record without them is then still read. What a record says
beyond the fields is left out.
"""

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar

from curation.core.errors import WinnowError
from evaluation.core.results import RunRecord, ScenarioRecord

T = TypeVar("T")
_PLAIN = (float, int, str, bool)


class RecordError(WinnowError):
    """A stored record is damaged, or holds what JSON cannot say."""


def run_to_plain(record: RunRecord, *, with_scenarios: bool = True) -> dict[str, Any]:
    """Write a run as JSON values; without its scenarios where these are stored one by one.

    Mappings come in order of their keys, since databases forget any other. Raises RecordError for NaN and infinity."""
    plain = to_plain(record if with_scenarios else dataclasses.replace(record, scenarios=()))
    if not with_scenarios:
        del plain["scenarios"]
    return plain


def run_from_plain(plain: Mapping[str, Any], *, scenarios: typing.Iterable[Mapping[str, Any]] = ()) -> RunRecord:
    """Read a run; `scenarios` are its scenarios where they were stored one by one. Raises RecordError."""
    whole = plain if "scenarios" in plain else {**plain, "scenarios": list(scenarios)}
    return from_plain(RunRecord, whole)


def scenario_to_plain(record: ScenarioRecord) -> dict[str, Any]:
    """Write a scenario as JSON values. Raises RecordError for NaN and infinity."""
    return to_plain(record)


def scenario_from_plain(plain: Mapping[str, Any]) -> ScenarioRecord:
    """Read a scenario. Raises RecordError."""
    return from_plain(ScenarioRecord, plain)


def to_plain(record: Any) -> dict[str, Any]:
    """Write a record as JSON values. Raises RecordError naming what JSON cannot say."""
    plain: dict[str, Any] = _write(type(record), record, type(record).__name__)
    return plain


def from_plain(kind: type[T], plain: Any, *, where: str = "") -> T:
    """Read a record of a kind. Raises RecordError naming what is missing or of another type."""
    where = where or kind.__name__
    if not isinstance(plain, Mapping):
        raise RecordError(f"{where} is {plain!r:.60}; it must be an object.")
    hints, fields = _fields(typing.cast(Any, kind))
    given: dict[str, Any] = {}
    for field in fields:
        if field.name in plain:
            given[field.name] = _read(hints[field.name], plain[field.name], f"{where}.{field.name}")
        elif field.default is field.default_factory is dataclasses.MISSING:
            if not _may_be_none(hints[field.name]):
                raise RecordError(f"{where} has no {field.name!r}: the stored record is damaged. Do the run again.")
            given[field.name] = None
    return kind(**given)


def _write(hint: Any, value: Any, where: str) -> Any:
    """Write by the field's type and not by the value's: a figure of 1 is written 1.0, as it is when read again."""
    if value is None or isinstance(value, str):
        return value
    if hint in _PLAIN:
        return _number(hint, value, where)
    origin, inner = _parts(hint)
    if origin in (types.UnionType, typing.Union):
        return _write(next(one for one in inner if one is not type(None)), value, where)
    if dataclasses.is_dataclass(value):
        hints, fields = _fields(typing.cast(Any, type(value)))
        return {f.name: _write(hints[f.name], getattr(value, f.name), f"{where}.{f.name}") for f in fields}
    if isinstance(value, Mapping):
        of = inner[1] if inner else Any
        return {str(key): _write(of, value[key], f"{where}.{key}") for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        of = inner[0] if inner else Any
        return [_write(of, one, f"{where}[{n}]") for n, one in enumerate(value)]
    return _number(hint, value, where)


def _number(hint: Any, value: Any, where: str) -> bool | int | float:
    plain = value.item() if hasattr(value, "item") else value  # numpy's numbers
    if isinstance(plain, bool):
        return plain
    if isinstance(plain, int | float) and math.isfinite(plain):
        return float(plain) if hint is float else plain
    raise RecordError(f"{where} is {value!r}, which JSON cannot say; None says that there is no figure.")


@cache
def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return typing.get_origin(hint), typing.get_args(hint)


@cache
def _fields(kind: Any) -> tuple[dict[str, Any], tuple[dataclasses.Field[Any], ...]]:
    return typing.get_type_hints(kind), dataclasses.fields(kind)


def _may_be_none(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def _read(hint: Any, plain: Any, where: str) -> Any:
    if hint in _PLAIN:
        return _one(hint, plain, where)
    origin, inner = _parts(hint)
    if origin in (types.UnionType, typing.Union):
        return None if plain is None else _read(next(one for one in inner if one is not type(None)), plain, where)
    if origin is Literal:
        if plain not in inner:
            raise RecordError(f"{where} is {plain!r}; it must be one of {', '.join(map(repr, inner))}.")
        return plain
    if origin is tuple:
        return _row(inner, plain, where)
    if origin is Mapping:
        _must(plain, Mapping, "an object", where)
        return {key: _read(inner[1], plain[key], f"{where}.{key}") for key in sorted(plain)}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_plain(hint, plain, where=where)
    return _one(hint, plain, where)


def _row(inner: tuple[Any, ...], plain: Any, where: str) -> tuple[Any, ...]:
    _must(plain, list | tuple, "a list", where)
    hints = [inner[0]] * len(plain) if inner[-1] is Ellipsis else list(inner)
    if len(hints) != len(plain):
        raise RecordError(f"{where} has {len(plain)} entries; it must have {len(hints)}.")
    return tuple(_read(hint, one, f"{where}[{n}]") for n, (hint, one) in enumerate(zip(hints, plain, strict=True)))


def _one(hint: Any, plain: Any, where: str) -> Any:
    if hint is Any:
        return plain
    # A database gives 1.0 back as 1, and True is an int.
    is_number = isinstance(plain, int | float) and not isinstance(plain, bool)
    if hint is float and is_number:
        return float(plain)
    if not isinstance(plain, hint) or (hint is int and not is_number):
        raise RecordError(f"{where} is {plain!r:.60}; it must be of type {hint.__name__}.")
    return plain


def _must(plain: Any, kind: Any, called: str, where: str) -> None:
    if not isinstance(plain, kind):
        raise RecordError(f"{where} is {plain!r:.60}; it must be {called}.")
