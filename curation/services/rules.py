"""Rules of the operating conditions: values that follow from what else is known of a frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curation.core.errors import SpecError
from curation.core.operating import Conditions, FactorSpec
from curation.core.query import Fields, Query, QueryError, leaves
from curation.services.fields import COLUMNS, searchable_fields
from curation.services.filtering import parse_query

KNOWN_COLUMNS = ("id", "video", "camera", "recorded_at", "pts_s")
"""What of a frame besides its tags never changes, so that a rule's value stays right."""
UNSTEADY = {column.name for column in COLUMNS} - set(KNOWN_COLUMNS)


class RuleError(SpecError):
    """The query of a rule is not valid. `column` and `near` say where in it, as with any query."""

    code = "rule"

    def __init__(self, message: str, *, column: int, near: str) -> None:
        super().__init__(message)
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
    parse_rules(conditions)


def parse_rules(conditions: Conditions) -> Sequence[ParsedRule]:
    """Parse the rules of all factors, in order. Raises RuleError."""
    ruled = [factor for factor in conditions.factors.values() if factor.rules]
    if not ruled:
        return []
    fields = searchable_fields(conditions)
    places = {factor.name: place for place, factor in enumerate(ruled)}
    return [
        _parsed(factor, position, fields, places) for factor in ruled for position in range(len(factor.rules))
    ]  # fmt: skip


def _parsed(factor: FactorSpec, position: int, fields: Fields, places: Mapping[str, int]) -> ParsedRule:
    rule, where = factor.rules[position], f"factors.{factor.name}.rules[{position}]"
    try:
        query = parse_query(rule.when, fields=fields)
    except QueryError as error:
        raise RuleError(f"{where}, {error}", column=error.column, near=error.near) from error
    for name in (leaf.field.name for leaf in leaves(query)):
        if wrong := _reason_against(name, factor, places):
            column = max(0, rule.when.casefold().find(name.casefold())) + 1
            raise RuleError(f"{where}, column {column}: {wrong}", column=column, near=name)
    return ParsedRule(factor.name, rule.value, rule.when, query)


def _reason_against(name: str, factor: FactorSpec, places: Mapping[str, int]) -> str:
    """Say why a rule of a factor cannot ask for a field; "" if it can."""
    if name in UNSTEADY:
        known = ", ".join(KNOWN_COLUMNS)
        return (
            f"A rule cannot ask for {name}, which changes without the frame. It can ask for tags, counts, {known}."
        )
    if places.get(name, -1) > places[factor.name]:
        return f"The rules of {name} come later, so it is not known yet. Write {name} before {factor.name}."
    return ""
