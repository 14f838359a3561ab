"""Small SQL expressions that the ORM has no word for. User text reaches SQL as parameters only."""

import json
from typing import Any

from django.db.models import BooleanField, Case, F, Func, JSONField, Q, TextField, Value, When
from django.db.models.expressions import Combinable, ExpressionWrapper
from django.db.models.functions import Coalesce

from curation.core.query import Wild


class Condition(Func):
    """SQL that is true or false: `Condition(a, b, arg_joiner=" > ")` is `(a > b)`."""

    template = "(%(expressions)s)"
    output_field = BooleanField()


def always(truth: bool) -> Q:
    """Return a condition that holds for every row, or for none. (An empty Q vanishes inside an OR.)"""
    return Q(Condition(Value(truth)))


def negation(q: Q) -> Q:
    """Return the condition that holds where `q` is false or unknown. Plain NOT loses rows whose tag is missing."""
    inside = ExpressionWrapper(q, output_field=BooleanField())
    return Q(Condition(inside, template="((%(expressions)s) IS NOT TRUE)"))


def member(document: str | Combinable, key: str) -> Func:
    """Return the jsonb value under a key. (The ORM's own transform takes the key "12" for a place in an array.)"""
    source = F(document) if isinstance(document, str) else document
    arrow = "(%(expressions)s)"
    return Func(source, _text(key), template=arrow, arg_joiner=" -> ", output_field=JSONField())


def member_text(document: str, key: str) -> Func:
    """Return the value under a key as text."""
    return Func(F(document), _text(key), template="(%(expressions)s)", arg_joiner=" ->> ", output_field=TextField())


def compared(value: Func, sign: str, number: float) -> Q:
    """Compare a jsonb value with a number; any other kind of value, and none, does not hold.

    jsonb is compared as jsonb: a cast would fail on the first text that somebody stored, and would miss the index."""
    is_number = Condition(value, template="(jsonb_typeof(%(expressions)s) = 'number')")
    return Q(is_number) & Q(Condition(value, jsonb(number), arg_joiner=f" {sign} "))


def or_zero(value: Func) -> Func:
    """Return a jsonb value, 0 where there is none."""
    return Coalesce(value, jsonb(0), output_field=JSONField())


def jsonb(value: object) -> Func:
    """Return a constant as jsonb."""
    return Func(_text(json.dumps(value)), template="(%(expressions)s)::jsonb", output_field=JSONField())


def text_fits(text: str | Func, pattern: tuple[str | Wild, ...]) -> Q:
    """Fit a text column or expression to a pattern."""
    return Q(Condition(F(text) if isinstance(text, str) else text, _text(_like(pattern)), arg_joiner=" LIKE "))


def any_fits(value: Func, pattern: tuple[str | Wild, ...]) -> Q:
    """Fit any text of a jsonb list to a pattern."""
    array = Case(
        When(Q(Condition(value, template="(jsonb_typeof(%(expressions)s) = 'array')")), then=value),
        default=jsonb([]),
        output_field=JSONField(),
    )
    return Q(
        Condition(
            array,
            _text(_like(pattern)),
            template="EXISTS (SELECT 1 FROM jsonb_array_elements_text(%(expressions)s)",
            arg_joiner=") AS item WHERE item LIKE ",
        )
    )


def _like(pattern: tuple[str | Wild, ...]) -> str:
    signs = {Wild.ONE: "_", Wild.MANY: "%"}
    escaped = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
    return "".join(signs[piece] if isinstance(piece, Wild) else piece.translate(escaped) for piece in pattern)


def _text(value: str) -> Any:
    return Value(value, output_field=TextField())
