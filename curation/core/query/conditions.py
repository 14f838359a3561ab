"""From one leaf of luqum's tree, and the field before it, to a typed condition. Every refusal is a ValueError."""

import re
from collections.abc import Callable
from datetime import tzinfo
from typing import TypeVar

from luqum import tree

from curation.core.query.nodes import Equals, Exists, Field, Fields, Like, Query, Range, Wild, choice_of
from curation.core.query.values import HOW_TO, TimeSpan, read_boolean, read_number, read_pattern, read_time, unescape

T = TypeVar("T")
_OPERATORS = {"and": "AND", "&&": "AND", "or": "OR", "||": "OR", "not": "NOT", "!": "NOT"}
_COMPARED = re.compile(r"(?P<name>[\w.]+)(?P<sign>>=|<=|=>|=<|==|!=|>|<|=)(?P<value>.*)", re.DOTALL)


def equal(node: tree.Item, listed: Field | None, fields: Fields, zone: tzinfo) -> Query:
    """Read `field:word`, `field:"some words"` or `field:wild*`."""
    text, quoted = _text_of(node)
    if listed is None:
        raise ValueError(_bare(text, quoted, fields))
    pattern = read_pattern(text) if not quoted else (text,)
    if pattern == (Wild.MANY,):
        return Exists(listed)
    wild = any(isinstance(piece, Wild) for piece in pattern)
    plain = text if quoted else unescape(text)
    match listed.kind:
        case "text" | "text_list" if wild:
            return Like(listed, pattern)
        case "text" | "text_list":
            return Equals(listed, choice_of(listed, plain))
        case "boolean":
            return Equals(listed, _typed(listed, read_boolean, plain))
        case "number":
            return Equals(listed, _typed(listed, read_number, plain))
    time = _typed_time(listed, plain, zone)
    return Range(listed, time.start, time.end, include_low=True, include_high=False)


def compare(node: tree.From | tree.To, listed: Field | None, zone: tzinfo) -> Query:
    """Read `field:>1` and its like."""
    sign = (">" if isinstance(node, tree.From) else "<") + ("=" if node.include else "")
    ordered = _ordered(listed, sign)
    text = _plain(node.a)
    if ordered.kind == "time":
        time = _typed_time(ordered, text, zone)
        # After a day is after its end; from a day is from its start.
        if isinstance(node, tree.From):
            return Range(ordered, time.start if node.include else time.end, None, True, False)
        return Range(ordered, None, time.end if node.include else time.start, False, False)
    number = _typed(ordered, read_number, text)
    if isinstance(node, tree.From):
        return Range(ordered, number, None, node.include, False)
    return Range(ordered, None, number, False, node.include)


def span(node: tree.Range, listed: Field | None, zone: tzinfo) -> Query:
    """Read `field:[low TO high]`; `{` and `}` leave the bound itself out, `*` is no bound."""
    ordered = _ordered(listed, "[… TO …]")
    low, high = (None if str(end).strip() == "*" else _plain(end) for end in (node.low, node.high))
    if ordered.kind == "time":
        first = None if low is None else _typed_time(ordered, low, zone)
        last = None if high is None else _typed_time(ordered, high, zone)
        start = None if first is None else (first.start if node.include_low else first.end)
        end = None if last is None else (last.end if node.include_high else last.start)
        return Range(ordered, start, end, include_low=start is not None, include_high=False)
    bottom = None if low is None else _typed(ordered, read_number, low)
    top = None if high is None else _typed(ordered, read_number, high)
    if bottom is not None and top is not None and bottom > top:
        raise ValueError(f"The range runs backwards: write {ordered.name}:[{high} TO {low}].")
    return Range(
        ordered,
        bottom,
        top,
        include_low=node.include_low and bottom is not None,
        include_high=node.include_high and top is not None,
    )


def named_field(node: tree.Item, fields: Fields) -> Exists:
    """Read a name that stands after `_exists_:`."""
    name = _plain(node)
    listed = fields.find(name)
    if listed is None:
        raise ValueError(not_a_field(name, fields))
    return Exists(listed)


def not_a_field(name: str, fields: Fields) -> str:
    """Say that there is no such field, and which ones come near."""
    if name.startswith("!"):
        return f"'!' is not an operator here. Write NOT {name[1:]}:…"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}.*", name):
        return "A time with an offset goes in quotes."
    near = fields.near(name)
    if near:
        return f"There is no field {name!r}. Near: {', '.join(near)}."
    return f"There is no field {name!r}. The fields are: {', '.join(field.name for field in fields)}."


def _bare(text: str, quoted: bool, fields: Fields) -> str:
    """Say what to write in place of a value that stands without a field."""
    if text in ("TO",) or text.casefold() in _OPERATORS:
        return f"{text!r} is not an operator here. Write {_OPERATORS.get(text.casefold(), 'field:[low TO high]')}."
    compared = None if quoted else _COMPARED.fullmatch(text)
    if compared:
        sign = {"=": "", "==": "", "!=": "", "=>": ">=", "=<": "<="}.get(compared["sign"], compared["sign"])
        negated = "NOT " if compared["sign"] == "!=" else ""
        found = fields.find(compared["name"])
        if found is None:
            return f"{text!r} is a bare word. {not_a_field(compared['name'], fields)}"
        return f"{text!r} is a bare word. Write {negated}{compared['name']}:{sign}{compared['value'] or 'VALUE'}."
    if not quoted and (named := fields.find(text)):
        return f"{text!r} stands without a value. {HOW_TO[named.kind](named)}"
    if known := fields.with_choice(text):
        return f"{text!r} stands without a field. Write {known.name}:{choice_of(known, text)}."
    shown = f'"{text}"' if quoted else text
    return f"{shown!r} stands without a field. Write FIELD:{shown}, as in lighting:dark or people:>0."


def _ordered(listed: Field | None, sign: str) -> Field:
    if listed is None:
        raise ValueError(
            f"{sign} stands without a field. Write a field before it, as in people:>0 or blur:[0.2 TO 0.5]."
        )
    if listed.kind not in ("number", "time"):
        raise ValueError(f"{listed.name} has no order, so {sign} cannot be asked. {HOW_TO[listed.kind](listed)}")
    return listed


def _text_of(node: tree.Item) -> tuple[str, bool]:
    """Return the text of a word or phrase, and whether it was quoted. A phrase's wildcards are plain signs."""
    match node:
        case tree.Phrase():
            return unescape(node.value[1:-1]), True
        case tree.Word():
            return node.value, False
        case tree.Prohibit():
            return "-" + _plain(node.a), False
    raise ValueError(f"{str(node).strip()!r} is not a value.")


def _plain(node: tree.Item) -> str:
    text, quoted = _text_of(node)
    return text if quoted else unescape(text)


def _typed(listed: Field, read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"{error}. {HOW_TO[listed.kind](listed)}") from error


def _typed_time(listed: Field, text: str, zone: tzinfo) -> TimeSpan:
    return _typed(listed, lambda written: read_time(written, zone), text)
