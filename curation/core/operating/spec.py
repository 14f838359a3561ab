"""The operating-conditions file: read, checked, written out whole."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from curation.core.errors import SpecError
from curation.core.operating.factors import FactorSpec, parse_factor
from curation.core.params import build
from curation.core.plain_yaml import read_mapping
from curation.core.taggers import TAGGERS

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_KEYS = {"name", "description", "factors", "critical", "tags"}


@dataclass(frozen=True)
class Critical:
    """A combination that must be covered: a value for each of some factors, and how many frames of it are wanted."""

    name: str
    when: Mapping[str, str]
    least_frames: int = 50


@dataclass(frozen=True)
class Conditions:
    """`tags` are thresholds of taggers that hold for all frames, whatever their cascade says: {"exposure": {…}}."""

    name: str
    description: str = ""
    factors: Mapping[str, FactorSpec] = field(default_factory=dict)
    critical: tuple[Critical, ...] = ()
    tags: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Write everything out as plain values, which `parse` reads again."""
        return {
            "name": self.name,
            "description": self.description,
            "factors": {name: factor.to_dict() for name, factor in self.factors.items()},
            "critical": [
                {"name": c.name, "when": dict(c.when), "least_frames": c.least_frames} for c in self.critical
            ],
            "tags": {tagger: dict(values) for tagger, values in self.tags.items()},
        }  # fmt: skip


def read_yaml(text: str) -> dict[str, Any]:
    """Read the YAML into plain values. Raises SpecError."""
    return read_mapping(
        text,
        it_is="The operating conditions are",
        otherwise="Operating conditions are a YAML mapping with `name` and `factors`.",
    )


def parse(plain: Mapping[str, Any]) -> Conditions:
    """Check plain values and make operating conditions of them. Raises SpecError."""
    if extra := sorted(set(map(str, plain)) - _KEYS):
        raise SpecError(f"conditions: there is no {extra[0]!r}. Valid ones: {', '.join(sorted(_KEYS))}.")
    name = plain.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SpecError(f"conditions: name is {name!r}; it must be 1 to 40 letters, digits, '_' and '-'.")
    listed = plain.get("factors")
    if not isinstance(listed, dict) or not listed:
        raise SpecError("conditions: `factors` must map names to factors, as in {weather: {kind: categorical}}.")
    factors = {factor.name: factor for factor in (parse_factor(key, value) for key, value in listed.items())}
    return Conditions(
        name=name,
        description=str(plain.get("description") or ""),
        factors=factors,
        critical=_critical(factors, plain.get("critical")),
        tags=_tags(plain.get("tags")),
    )


def _critical(factors: Mapping[str, FactorSpec], plain: object) -> tuple[Critical, ...]:
    if plain is None:
        return ()
    if not isinstance(plain, list):
        raise SpecError(f"critical is {plain!r}; it must be a list of {{name, when: {{factor: value}}, least_frames}}.")
    found: dict[str, Critical] = {}
    for position, one in enumerate(plain):
        where = f"critical[{position}]"
        if not isinstance(one, dict) or not isinstance(one.get("when"), dict) or not one["when"]:
            raise SpecError(f"{where} is {one!r}; write {{name: night rain, when: {{lighting: dark, weather: rain}}}}.")
        if extra := sorted(set(one) - {"name", "when", "least_frames"}):
            raise SpecError(f"{where}: there is no {extra[0]!r}. Valid ones: name, when, least_frames.")
        when = {str(factor): _value(factors, str(factor), value, where) for factor, value in one["when"].items()}
        name = str(one.get("name") or ", ".join(f"{factor} {value}" for factor, value in when.items()))
        least = one.get("least_frames", Critical.least_frames)
        if isinstance(least, bool) or not isinstance(least, int) or least < 1:
            raise SpecError(f"{where}.least_frames is {least!r}; it must be a whole number from 1.")
        if name in found:
            raise SpecError(f"{where}: the name {name!r} is taken.")
        found[name] = Critical(name, when, least)
    return tuple(found.values())


def _value(factors: Mapping[str, FactorSpec], factor: str, value: object, where: str) -> str:
    if factor not in factors:
        raise SpecError(f"{where}.when: there is no factor {factor!r}. Valid ones: {', '.join(factors)}.")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    valid = factors[factor].values
    if valid and text not in valid:
        raise SpecError(f"{where}.when.{factor}: there is no value {text!r}. Valid ones: {', '.join(valid)}.")
    return text


def _tags(plain: object) -> dict[str, dict[str, Any]]:
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise SpecError(f"tags is {plain!r}; it must map taggers to parameters, as in {{exposure: {{dark_from: 15}}}}.")
    for tagger, values in plain.items():
        if tagger not in TAGGERS:
            raise SpecError(f"tags: there is no tagger {tagger!r}. Valid ones: {', '.join(TAGGERS)}.")
        if not isinstance(values, dict):
            raise SpecError(f"tags.{tagger} is {values!r}; it must be a mapping of parameters.")
        build(TAGGERS[tagger], values, where=f"tags.{tagger}")
    return {tagger: dict(values) for tagger, values in plain.items()}
