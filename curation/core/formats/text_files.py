"""Annotation files as text and JSON, whatever their encoding claims to be."""

import codecs
import json
from typing import Any

from curation.core.formats.tree import Tree

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Unreadable(ValueError):
    """A file is not what its name promises; the message says what is wrong, as one of few fixed sentences."""


def read_text(tree: Tree, name: str) -> str:
    """Read a file as UTF-8, or as UTF-16 if it begins with a byte order mark. Raises Unreadable."""
    try:
        content = tree.read(name)
        encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("file that is not UTF-8 text") from error
    except (OSError, ValueError) as error:
        raise Unreadable("file that cannot be read, or is too large") from error


def read_json(tree: Tree, name: str) -> Any:
    """Read a JSON file. Raises Unreadable for one that is damaged, cut off, or nested too deep."""
    text = read_text(tree, name)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("file that is not whole JSON") from error


def to_json(value: Any, *, indent: int | None = None) -> bytes:
    """Write JSON in UTF-8, keys in the order given. Raises ValueError for NaN and infinity."""
    separators = None if indent else (",", ":")
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators).encode()


def shortest(value: float) -> int | float:
    """Return a number as JSON shows it best: 12.0 as 12."""
    return int(value) if float(value).is_integer() else value
