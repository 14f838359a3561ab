"""From a word of a query to a typed value."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from curation.core.query.nodes import Field, Wild

_TRUE = ("yes", "true")
_FALSE = ("no", "false")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MINUTE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
MAX_DIGITS = 40
"""A longer number is refused: Python and Postgres both spend quadratic time on one."""


@dataclass(frozen=True)
class TimeSpan:
    """The stretch `[start, end)` that a written time means: a day, a minute, or one instant of a microsecond."""

    start: datetime
    end: datetime


def read_boolean(text: str) -> bool:
    """Read yes/no/true/false. Raises ValueError."""
    if text.casefold() in _TRUE:
        return True
    if text.casefold() in _FALSE:
        return False
    raise ValueError(f"{text!r} is not yes or no")


def read_number(text: str) -> int | float:
    """Read a finite decimal number, an int where it is whole. Raises ValueError."""
    if len(text) > MAX_DIGITS or not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is too large")
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else number


def read_time(text: str, zone: tzinfo) -> TimeSpan:
    """Read 2026-01, 2026-01-31, 2026-01-31T08:15 or a full ISO 8601 time as the stretch it means. Raises ValueError.

    A time without an offset is taken to be in `zone`."""
    try:
        if _MONTH.fullmatch(text):
            start = datetime.fromisoformat(text + "-01")
            end = (start + timedelta(days=31)).replace(day=1)
        else:
            start = datetime.fromisoformat(text)
            end = start + _precision_of(text)
        if start.tzinfo is None:
            start, end = start.replace(tzinfo=zone), end.replace(tzinfo=zone)
        # Postgres compares in UTC: a time that leaves the calendar there must fail here, not in the driver.
        start.timestamp(), end.timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is not a time") from error
    return TimeSpan(start, end)


def _precision_of(text: str) -> timedelta:
    if _DAY.fullmatch(text):
        return timedelta(days=1)
    if _MINUTE.fullmatch(text):
        return timedelta(minutes=1)
    return timedelta(microseconds=1) if "." in text else timedelta(seconds=1)


def read_pattern(text: str) -> tuple[str | Wild, ...]:
    """Split an unquoted word at its wildcards, taking back slashes away: `gate*` is ("gate", Wild.MANY)."""
    pattern: list[str | Wild] = []
    literal = ""
    signs = iter(text)
    for sign in signs:
        if sign in "*?":
            pattern += [literal, Wild(sign)] if literal else [Wild(sign)]
            literal = ""
        else:
            literal += next(signs, "") if sign == "\\" else sign
    return (*pattern, literal) if literal else tuple(pattern)


def unescape(text: str) -> str:
    """Take back slashes away: `traffic\\ light` is `traffic light`."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


HOW_TO: dict[str, Callable[[Field], str]] = {
    "number": lambda f: f"{f.name} is a number: write {f.name}:2, {f.name}:>0 or {f.name}:[1 TO 3].",
    "boolean": lambda f: f"{f.name} is yes or no: write {f.name}:yes or {f.name}:no.",
    "time": lambda f: (
        f"{f.name} is a time: write {f.name}:2026-01-31, {f.name}:>2026-01-31T08:00 or "
        f"{f.name}:[2026-01-01 TO 2026-02-01]; a time with an offset in quotes."
    ),
    "text": lambda f: f"{f.name} is text: write {_example(f)}.",
    "text_list": lambda f: f"{f.name} is a list of texts: write {_example(f)}.",
}
"""How to ask for a field of each kind."""


def _example(listed: Field) -> str:
    return (
        f"{listed.name}:{listed.choices[0]}" if listed.choices else f'{listed.name}:"some text" or {listed.name}:some*'
    )
