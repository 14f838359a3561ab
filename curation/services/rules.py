"""Rules of the operating conditions: values that follow from what else is known of a frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from curation.core.errors import SpecError
from curation.core.operating import Conditions, FactorSpec
from curation.core.query import Field, Fields, Query, QueryError, leaves
from curation.models import OperatingConditions
from curation.services.fields import COLUMNS, COUNT_PREFIX, searchable_fields
from curation.services.filtering import parse_query
from curation.services.in_force import conditions_of

KNOWN_COLUMNS = ("id", "video", "camera", "recorded_at", "pts_s")
"""What of a frame besides its tags never changes, so that a rule's value stays right."""
UNSTEADY = {column.name for column in COLUMNS} - set(KNOWN_COLUMNS)


class RuleError(SpecError):
    """The query of a factor's rule is not valid. `column` and `near` say where in it, as with any query."""

    code = "rule"

    def __init__(self, message: str, *, factor: str, column: int, near: str) -> None:
        super().__init__(message)
        self.factor = factor
        self.column = column
        self.near = near


@dataclass(frozen=True)
class ParsedRule:
    """`value` where `query` holds; `when` is the query as it was written."""

    factor: str
    value: str | bool | int | float
    when: str
    query: Query


def check_rules(conditions: Conditions) -> None:
    """Raise RuleError unless each rule is a query over what is known of a frame when the rule is asked."""
    _, broken = _parse_all(conditions, searchable_fields(conditions))
    if broken:
        raise broken[0]


def rules_in_force(row: OperatingConditions) -> Sequence[ParsedRule]:
    """Return the rules of stored conditions, in order.

    One that cannot be asked any more, since a camera's attribute is gone, holds for no frame: see `broken_rules`."""
    return _rules_of(row)[0]


def broken_rules(row: OperatingConditions) -> Sequence[RuleError]:
    """Return what is wrong with those rules of stored conditions that cannot be asked any more."""
    return _rules_of(row)[1]


def _rules_of(row: OperatingConditions) -> tuple[Sequence[ParsedRule], Sequence[RuleError]]:
    conditions = conditions_of(row)
    if not any(factor.rules for factor in conditions.factors.values()):
        return [], []
    return _cached(row.pk, row.created_at, searchable_fields(conditions).listed)


@lru_cache(maxsize=8)
def _cached(
    row_id: int, _created_at: object, listed: tuple[Field, ...]
) -> tuple[Sequence[ParsedRule], Sequence[RuleError]]:
    # Parsing takes longer than asking: it is done once for a version and the fields that there are.
    row = OperatingConditions.objects.get(pk=row_id)
    return _parse_all(conditions_of(row), Fields(listed, families={COUNT_PREFIX: "number"}))


def _parse_all(conditions: Conditions, fields: Fields) -> tuple[list[ParsedRule], list[RuleError]]:
    ruled = [factor for factor in conditions.factors.values() if factor.rules]
    places = {factor.name: place for place, factor in enumerate(ruled)}
    parsed, broken = [], []
    for factor in ruled:
        for position in range(len(factor.rules)):
            try:
                parsed.append(_parsed(factor, position, fields, places))
            except RuleError as error:
                broken.append(error)
    return parsed, broken


def _parsed(factor: FactorSpec, position: int, fields: Fields, places: Mapping[str, int]) -> ParsedRule:
    rule, where = factor.rules[position], f"factors.{factor.name}.rules[{position}]"
    try:
        query = parse_query(rule.when, fields=fields)
    except QueryError as error:
        raise RuleError(f"{where}, {error}", factor=factor.name, column=error.column, near=error.near) from error
    for name in (leaf.field.name for leaf in leaves(query)):
        if wrong := _reason_against(name, factor, places):
            column = max(0, rule.when.casefold().find(name.casefold())) + 1
            message = f"{where}, column {column}: {wrong}"
            raise RuleError(message, factor=factor.name, column=column, near=name)
    return ParsedRule(factor.name, rule.value, rule.when, query)


def _reason_against(name: str, factor: FactorSpec, places: Mapping[str, int]) -> str:
    """Say why a rule of a factor cannot ask for a field; "" if it can."""
    if name in UNSTEADY:
        known = ", ".join(KNOWN_COLUMNS)
        return f"A rule cannot ask for {name}, which changes without the frame. It can ask for tags, counts, {known}."
    if places.get(name, -1) > places[factor.name]:
        return f"The rules of {name} come later, so it is not known yet. Write {name} before {factor.name}."
    return ""
