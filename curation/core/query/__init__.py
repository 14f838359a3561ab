"""The query language: Lucene syntax over an allow-list of typed fields, parsed to a tree."""

from curation.core.query.errors import QueryError, render_error
from curation.core.query.nodes import (
    And,
    Equals,
    Everything,
    Exists,
    Field,
    Fields,
    Kind,
    Like,
    Not,
    Or,
    Query,
    Range,
    Wild,
    leaves,
)
from curation.core.query.parse import parse

__all__ = [
    "And",
    "Equals",
    "Everything",
    "Exists",
    "Field",
    "Fields",
    "Kind",
    "Like",
    "Not",
    "Or",
    "Query",
    "QueryError",
    "Range",
    "Wild",
    "leaves",
    "parse",
    "render_error",
]
