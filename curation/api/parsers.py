"""Request bodies: bounded, and nothing in them that the database or the next reader could trip over."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_BODY_BYTES = 1 << 20
MAX_DEPTH = 32


class BodyTooLarge(APIException):
    status_code = 413
    default_detail = f"The body is larger than {MAX_BODY_BYTES} bytes."
    default_code = "body_too_large"


class StrictJSON(BaseParser):
    """JSON in UTF-8 of at most 1 MiB and 32 levels, without NaN, infinities, NUL or lone surrogates.

    DRF's own parser reads bodies of any size, answers 500 to 100,000 opening brackets, and lets through `1e999` and
    `"\\u0000"`, which PostgreSQL refuses later."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = read_text(stream)
        try:
            parsed = json.loads(body, parse_constant=_refuse)
        except RecursionError as error:
            raise ParseError(f"Values are nested more than {MAX_DEPTH} levels deep.") from error
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error
        check_plain(parsed)
        return parsed


class CascadeYAML(BaseParser):
    """A cascade as a YAML file, sent as it is."""

    media_type = "application/yaml"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return {"text": read_text(stream)}


class OctetStream(BaseParser):
    """Raw bytes of any type. Never called: the view reads the stream itself, block by block."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> NoReturn:
        raise ParseError("This body is read as a stream.")


def read_text(stream: IO[Any]) -> str:
    """Read a bounded UTF-8 body. Raises BodyTooLarge, ParseError."""
    body: bytes = stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLarge()
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error


def check_plain(value: object, *, depth: int = 0) -> None:
    """Refuse what JSON columns cannot hold. Raises ParseError."""
    if depth > MAX_DEPTH:
        raise ParseError(f"Values are nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, str):
        if "\0" in value:
            raise ParseError("A text holds the character NUL, which cannot be stored.")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ParseError("A text holds half of a surrogate pair, which is not text.")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ParseError(f"{value} is not a number that can be stored.")
    elif isinstance(value, int) and abs(value) >= 1 << 63:
        raise ParseError("A whole number has more than 63 bits.")
    elif isinstance(value, dict):
        for key, item in value.items():
            check_plain(key, depth=depth)
            check_plain(item, depth=depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_plain(item, depth=depth + 1)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number that JSON knows.")
