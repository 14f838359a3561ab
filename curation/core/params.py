"""Parameters as the fields of frozen dataclasses: one place that checks and describes them.

`param` declares a field, `build` makes an object from plain values (YAML, JSON, the command line) or says what is
wrong, `schema` describes the fields for the API and for forms.
"""

import dataclasses
import json
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from curation.core.errors import SpecError

T = TypeVar("T")
_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def param(
    default: Any = dataclasses.MISSING,
    *,
    help: str,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    """Declare a parameter. A list or dict as the default is copied for each object."""
    metadata = {"help": help, "unit": unit, "minimum": minimum, "maximum": maximum}
    if isinstance(default, list | dict):
        return dataclasses.field(default_factory=lambda: type(default)(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def build(kind: type[T], values: Mapping[str, Any], *, where: str) -> T:
    """Make a `kind` from plain values. Raises SpecError naming the parameter, the value and what would be right."""
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, kind))}
    hints = typing.get_type_hints(kind)
    for name in values:
        if name not in fields:
            raise SpecError(f"{where}: there is no parameter {name!r}. Valid ones: {', '.join(sorted(fields))}.")
    if missing := [name for name in _required(kind) if name not in values]:
        raise SpecError(f"{where}: {missing[0]!r} is missing: {fields[missing[0]].metadata.get('help', '')}")
    checked = {n: _check(v, hints[n], fields[n].metadata, where=f"{where}.{n}") for n, v in values.items()}
    try:
        return kind(**checked)
    except ValueError as error:
        raise SpecError(f"{where}: {error}") from error


def schema(kind: type[Any]) -> dict[str, Any]:
    """Describe a parameter dataclass as JSON schema (an object with one property a field)."""
    hints = typing.get_type_hints(kind)
    needed = _required(kind)
    properties: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        about = field.metadata
        described: dict[str, Any] = {"description": about.get("help", ""), **_json_type(hints[field.name])}
        described |= {k: about[k] for k in ("unit", "minimum", "maximum") if about.get(k) not in (None, "")}
        if field.default is not dataclasses.MISSING:
            described["default"] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            described["default"] = field.default_factory()
        properties[field.name] = described
    required = {"required": needed} if needed else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **required}


def parse_text(text: str) -> Any:
    """Read a value as typed on a command line: JSON where it is JSON, a list where there are commas, else text."""
    try:
        return json.loads(text)
    except ValueError:
        return [part.strip() for part in text.split(",")] if "," in text else text


def _required(kind: type[Any]) -> list[str]:
    fields = dataclasses.fields(kind)
    return [field.name for field in fields if field.default is field.default_factory is dataclasses.MISSING]


def _json_type(hint: Any) -> dict[str, Any]:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return {"type": "string", "enum": list(typing.get_args(hint))}
    if origin is types.UnionType:
        return _json_type(typing.get_args(hint)[0])
    if origin is list:
        return {"type": "array", "items": _json_type(typing.get_args(hint)[0])}
    return {"type": _JSON_TYPES[origin or hint]}


def _check(value: Any, hint: Any, about: Mapping[str, Any], *, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        if value not in typing.get_args(hint):
            raise SpecError(f"{where} is {value!r}; it must be one of {', '.join(map(str, typing.get_args(hint)))}.")
        return value
    if origin is types.UnionType:
        return None if value is None else _check(value, typing.get_args(hint)[0], about, where=where)
    if origin is list and isinstance(value, str):
        value = [value]
    kind = origin or hint
    kinds: Any = (int, float) if kind is float else kind
    if not isinstance(value, kinds) or (kind in (int, float) and isinstance(value, bool)):
        raise SpecError(f"{where} is {value!r}; it must be {_JSON_TYPES[kind]}.")
    if origin is list:
        (item,) = typing.get_args(hint)
        return [_check(v, item, {}, where=where) for v in value]
    if kind in (int, float):
        _check_range(value, about, where=where)
        return kind(value)
    return value


def _check_range(value: float, about: Mapping[str, Any], *, where: str) -> None:
    low, high = about.get("minimum"), about.get("maximum")
    unit = f" {about['unit']}" if about.get("unit") else ""
    # Compared, not converted: a whole number may be too large for a float. NaN fails every comparison.
    if not -sys.float_info.max <= value <= sys.float_info.max:
        raise SpecError(f"{where} is {value}{unit}; it must be finite.")
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
        raise SpecError(f"{where} is {value}{unit}; it must be {bounds}{unit}.")
