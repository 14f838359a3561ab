"""From the JSON of one tag of many frames to a typed column, and the values that do not fit it."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curation.core.query import Kind

BoolArray: TypeAlias = NDArray[np.bool_]
NAMESPACE = "winnow"


def words_type(name: str) -> pl.Categorical:
    """Return the type of a column of texts. Each has words of its own, so that their codes stay small."""
    return pl.Categorical(pl.Categories(name, namespace=NAMESPACE))


def column_type(name: str, kind: Kind) -> pl.DataType:
    """Return the type of the column of a tag. A list is kept as its JSON: there are few different ones."""
    match kind:
        case "number":
            return pl.Float64()
        case "boolean":
            return pl.Boolean()
    return words_type(name)


def typed(raw: pl.Series, *, name: str, kind: Kind) -> tuple[pl.Series, pl.Series | None]:
    """Read (N,) JSON texts, null where there is no value: the typed column, and (N,) JSON texts of what is odd, if any.

    A value is odd where it is not of the kind, or is a number that a float cannot stand for; it is null in the column.
    A list is never odd: its JSON is the value."""
    if kind == "text_list":
        return raw.cast(words_type(name)).alias(name), None
    # A million frames have few different values: each is read once.
    coded = raw.cast(pl.Categorical(pl.Categories.random()))
    texts = words_of(coded)
    values = [READ[kind](text) for text in texts]
    odd = [text if value is None else None for text, value in zip(texts, values, strict=True)]
    codes = coded.to_physical()
    column = pl.Series(name, values, dtype=pl.String if kind == "text" else column_type(name, kind), strict=True)
    rest = pl.Series(name, odd, pl.String).gather(codes) if any(text is not None for text in odd) else None
    return column.cast(column_type(name, kind)).gather(codes), rest


def words_of(column: pl.Series) -> list[str]:
    """List the words of a column of texts by code; there may be some that none of its rows has."""
    return _words(column).to_list()


def is_word(column: pl.Series, word: str) -> BoolArray:
    """Tell for each of (N,) rows of a column of texts whether it is that word."""
    code = _words(column).index_of(word)
    told = column.to_physical() == code if code is not None else pl.Series([False]).new_from_index(0, len(column))
    return told.fill_null(False).to_numpy()


def by_word(column: pl.Series, holds: Callable[[str], bool]) -> BoolArray:
    """Ask each word of a column of texts once, and tell for each of (N,) rows what was said; nothing holds for null."""
    words = words_of(column)
    truth = np.zeros(len(words) + 1, bool)
    truth[:-1] = np.fromiter(map(holds, words), bool, len(words))
    told: BoolArray = truth[column.to_physical().fill_null(len(words)).to_numpy()]
    return told


def _words(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if not isinstance(dtype, pl.Categorical):
        raise TypeError(f"{column.name} is {dtype}, which has no words.")
    return dtype.categories.to_series()


def _read_number(text: str) -> float | None:
    if text[0] not in "-0123456789":
        return None
    number = float(text)
    # Up to 15 digits every decimal has a float of its own.
    return number if len(text) <= 15 or Decimal(repr(number)) == Decimal(text) else None


def _read_text(text: str) -> str | None:
    return str(json.loads(text)) if text.startswith('"') else None


def _read_boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


READ: dict[str, Callable[[str], float | str | bool | None]] = {
    "number": _read_number,
    "text": _read_text,
    "boolean": _read_boolean,
    "time": lambda _: None,
}
