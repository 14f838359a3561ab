"""From Lucene syntax to a tree of typed nodes. luqum reads the syntax; this file gives it meaning, or refuses it."""

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo

from luqum import tree
from luqum.exceptions import ParseError
from luqum.thread import parse as parse_lucene

from curation.core.query.conditions import compare, equal, named_field, not_a_field, span
from curation.core.query.errors import QueryError
from curation.core.query.nodes import And, Equals, Everything, Field, Fields, Not, Or, Query
from curation.core.query.values import unescape

MAX_CHARACTERS = 4000
MAX_DEPTH = 50
MAX_CONDITIONS = 500
_EXISTS = Field(name="_exists_", kind="text")
"""Stands in for a field while the names after `_exists_:` are read."""
_REFUSED = {
    tree.Fuzzy: "Fuzzy search (~) is not supported: use a wildcard, as in camera:gate*.",
    tree.Proximity: "Proximity search (~) is not supported: write the exact text in quotes.",
    tree.Boost: "Boosting (^) is not supported: a frame matches or it does not.",
    tree.Regex: 'Regular expressions (/…/) are not supported: use a wildcard, as in camera:gate*, or quotes for a "/".',
}


def parse(query: str, fields: Fields, *, zone: tzinfo = UTC) -> Query:
    """Parse a query over an allow-list of fields. An empty query is `Everything`.

    A blank between two conditions is AND. Times without an offset are in `zone`. Raises QueryError, nothing else."""
    _check_text(query)
    if not query.strip():
        return Everything()
    try:
        parsed = parse_lucene(query)
    except ParseError as error:
        raise _syntax_error(query, str(error)) from error
    return _Reader(query, fields, zone).read(parsed, None, 0)


def _check_text(query: str) -> None:
    if len(query) > MAX_CHARACTERS:
        message = f"The query has {len(query)} characters; {MAX_CHARACTERS} are allowed."
        raise QueryError(message, column=MAX_CHARACTERS + 1, near=query[MAX_CHARACTERS : MAX_CHARACTERS + 10])
    # Postgres cannot hold NUL in a text, and UTF-8 cannot hold a lone surrogate.
    if bad := re.search(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]", query):
        message = f"The query has a control character (U+{ord(bad.group()):04X})."
        raise QueryError(message, column=bad.start() + 1, near="")


def _syntax_error(query: str, reason: str) -> QueryError:
    place = re.search(r"at position (\d+)!?$", reason)
    if place is None:
        message = "The query ends too early: a value or a closing bracket is missing."
        return QueryError(message, column=len(query.rstrip()) + 1, near="the end")
    at = int(place.group(1))
    near = re.match(r"\w+|.", query[at:], re.DOTALL)
    piece = near.group() if near else ""
    before = query[:at].rstrip()
    if piece == '"':
        message = 'A closing quote (") is missing.'
    elif piece == "-" and before.endswith(("<", ">", "=")):
        message = 'A negative number after < or > goes in quotes, as in >"-5".'
    elif piece == "/":
        message = 'A "/" goes in quotes, as in video:"a/b.mp4".'
    elif piece == ")" and before.endswith("("):
        message = "There is nothing between these brackets."
    else:
        message = f"{piece!r} is not expected here."
    return QueryError(message, column=at + 1, near=piece)


@dataclass
class _Reader:
    query: str
    fields: Fields
    zone: tzinfo
    conditions: int = 0

    def read(self, node: tree.Item, listed: Field | None, depth: int) -> Query:
        """Read one node. `listed` is the field that stands before it, as in `lighting:(dark OR dim)`."""
        if depth > MAX_DEPTH:
            raise self.error(node, f"The query is nested more than {MAX_DEPTH} deep.")
        if type(node) in _REFUSED:
            raise self.error(node, _REFUSED[type(node)])
        match node:
            case tree.AndOperation():
                return _joined(And, [self.read(child, listed, depth + 1) for child in node.children])
            case tree.OrOperation():
                return _joined(Or, [self.read(child, listed, depth + 1) for child in node.children])
            case tree.UnknownOperation():
                return self._read_blanks(node, listed, depth)
            case tree.Prohibit() if listed is not None and self._is_negative(node, listed):
                return self._read_condition(node, listed)
            case tree.Not() | tree.Prohibit():
                return Not(self.read(node.a, listed, depth + 1))
            case tree.Plus():
                return self.read(node.a, listed, depth + 1)
            case tree.Group() | tree.FieldGroup():
                return self.read(node.expr, listed, depth + 1)
            case tree.SearchField():
                return self._read_field(node, listed, depth)
        return self._read_condition(node, listed)

    def error(self, node: tree.Item, message: str) -> QueryError:
        near = self.query[node.pos : node.pos + node.size].strip()
        return QueryError(message, column=node.pos + 1, near=near)

    def _read_blanks(self, node: tree.UnknownOperation, listed: Field | None, depth: int) -> Query:
        """Read `a b OR c` as `(a AND b) OR c`: luqum binds a blank looser than OR, but to us it is AND."""
        alternatives: list[list[Query]] = [[]]
        for child in node.children:
            parts = child.children if isinstance(child, tree.OrOperation) else [child]
            for i, part in enumerate(parts):
                if i:
                    alternatives.append([])
                alternatives[-1].append(self.read(part, listed, depth + 1))
                self._check_single_value(part, listed, alternatives[-1])
        return _joined(Or, [_joined(And, parts) for parts in alternatives])

    def _check_single_value(self, node: tree.Item, listed: Field | None, parts: list[Query]) -> None:
        """Refuse `lighting:(dark dim)`: a frame has one lighting, so this could never hold."""
        values = [part.value for part in parts if isinstance(part, Equals)]
        if listed is not None and listed.kind == "text" and listed is not _EXISTS and len(set(values)) > 1:
            choices = " OR ".join(str(value) for value in values)
            raise self.error(node, f"{listed.name} has one value at a time. Write {listed.name}:({choices}).")

    def _read_field(self, node: tree.SearchField, outer: Field | None, depth: int) -> Query:
        name = unescape(node.name)
        if outer is not None:
            hint = " A time goes in quotes if it has an offset." if outer.kind == "time" else ""
            raise self.error(node, f"A field inside {outer.name}:… cannot be. A value with ':' goes in quotes.{hint}")
        if name == "*" and str(node.expr).strip() == "*":
            return Everything()
        if name == "_exists_":
            return self.read(node.expr, _EXISTS, depth + 1)
        listed = self.fields.find(name)
        if listed is None:
            raise QueryError(not_a_field(name, self.fields), column=node.pos + 1, near=node.name)
        return self.read(node.expr, listed, depth + 1)

    def _is_negative(self, node: tree.Prohibit, listed: Field) -> bool:
        return listed.kind == "number" and isinstance(node.a, tree.Word)

    def _read_condition(self, node: tree.Item, listed: Field | None) -> Query:
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise self.error(node, f"The query has more than {MAX_CONDITIONS} conditions.")
        try:
            if listed is _EXISTS:
                return named_field(node, self.fields)
            match node:
                case tree.Range():
                    return span(node, listed, self.zone)
                case tree.From() | tree.To():
                    return compare(node, listed, self.zone)
            return equal(node, listed, self.fields, self.zone)
        except ValueError as error:
            raise self.error(node, str(error)) from error


def _joined(kind: type[And] | type[Or], parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))
