"""Which rows of the table in memory match a query: what services/filtering.py asks of the database, to the row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from curation.core.frame_columns import BoolArray, by_word, is_word
from curation.core.frame_table import FrameTable
from curation.core.query.nodes import And, Equals, Everything, Exists, Like, Not, Or, Query, Range
from curation.core.query.numbers import Leaf, float_bound, number_bounds, whole_bounds
from curation.core.query.patterns import compiled
from curation.core.query.stored import judge, judge_count, read_stored
from curation.core.types import IntArray

COUNT_PREFIX = "count."
MICROSECONDS = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Among:
    """Says that a condition holds for the rows with one of these ids, in whatever order."""

    column: Literal["id", "video_id"]
    ids: IntArray


Resolve: TypeAlias = Callable[[Leaf], Among]


def mask_of(query: Query, table: FrameTable, *, resolve: Resolve) -> BoolArray:
    """Tell for each of (N,) rows whether it matches. `resolve` answers conditions that the table cannot.

    Those are conditions on other tables' rows (run, cascade, video, dataset, label), and on tags it does not know."""
    match query:
        case Everything():
            return np.ones(len(table), bool)
        case And(parts):
            return reduce(and_, (mask_of(part, table, resolve=resolve) for part in parts))
        case Or(parts):
            return reduce(or_, (mask_of(part, table, resolve=resolve) for part in parts))
        case Not(part):
            return ~mask_of(part, table, resolve=resolve)
        case Equals() | Range() | Exists() | Like():
            known = _leaf(query, table)
            if known is not None:
                return known
            others = resolve(query)
            return table.among(others.ids, column=others.column)


def _leaf(leaf: Leaf, table: FrameTable) -> BoolArray | None:
    """Return the mask of one condition, None where the table does not tell."""
    frames = table.frames
    match leaf.field.name:
        case "id":
            return _whole(leaf, frames["id"])
        case "pts_s":
            return _whole(leaf, frames["pts_us"], scale=MICROSECONDS)
        case "recorded_at":
            return _time(leaf, frames["recorded_at"])
        case "camera":
            return _everywhere(table) if isinstance(leaf, Exists) else _text(leaf, frames["camera"])
        case "annotated" | "held_out" | "duplicate" as name:
            return _everywhere(table) if isinstance(leaf, Exists) else _boolean(leaf, frames[name])
        case "uniqueness" | "typicality" | "outlier_score" as name:
            return _number(leaf, frames[name])
        case "video" | "run" | "cascade" | "dataset" | "label":
            return None
        case name if name.startswith(COUNT_PREFIX):
            holds = judge_count(leaf, name.removeprefix(COUNT_PREFIX))
            return by_word(frames["object_counts"], lambda text: holds(read_stored(text)))
        case name if table.kinds.get(name) == leaf.field.kind:
            return _tag(leaf, table)
    return None


def _tag(leaf: Leaf, table: FrameTable) -> BoolArray:
    column = table.tag(leaf.field.name)
    holds = judge(leaf)
    if leaf.field.kind == "text_list":
        return by_word(column, lambda text: holds(read_stored(text)))
    if isinstance(leaf, Exists):
        mask = column.is_not_null().to_numpy()
    elif leaf.field.kind == "number":
        mask = _number(leaf, column)
    elif leaf.field.kind == "boolean":
        mask = _boolean(leaf, column)
    else:
        mask = _text(leaf, column)
    rows, odd = table.odd_of(leaf.field.name)
    if len(rows):
        mask = mask.copy()
        mask[rows] = by_word(odd, lambda text: holds(read_stored(text)))
    return mask


def _everywhere(table: FrameTable) -> BoolArray:
    return np.ones(len(table), bool)


def _text(leaf: Leaf, column: pl.Series) -> BoolArray:
    match leaf:
        case Equals(_, str() as word):
            return is_word(column, word)
        case Like(_, pattern):
            fits = compiled(pattern).fullmatch
            return by_word(column, lambda word: fits(word) is not None)
    raise _no_way(leaf)


def _boolean(leaf: Leaf, column: pl.Series) -> BoolArray:
    match leaf:
        case Equals(_, bool() as value):
            return _told(column if value else ~column)
    raise _no_way(leaf)


def _number(leaf: Leaf, column: pl.Series) -> BoolArray:
    """Compare floats, null where there is none. polars ranks NaN as Postgres does: above all else."""
    match leaf:
        case Exists():
            return column.is_not_null().to_numpy()
        case Equals(_, int() | float() as value):
            bounds: list[tuple[str, int | float]] = [(">=", value), ("<=", value)]
        case Range():
            bounds = number_bounds(leaf)
        case _:
            raise _no_way(leaf)
    mask = column.is_not_null()
    for sign, number in (float_bound(*bound) for bound in bounds):
        mask &= COMPARE[sign](column, number)
    return _told(mask)


COMPARE: dict[str, Callable[[pl.Series, float], pl.Series]] = {
    ">": lambda column, bound: column > bound,
    ">=": lambda column, bound: column >= bound,
    "<": lambda column, bound: column < bound,
    "<=": lambda column, bound: column <= bound,
}


def _whole(leaf: Leaf, column: pl.Series, *, scale: int = 1) -> BoolArray:
    match leaf:
        case Exists():
            return np.ones(len(column), bool)
        case Equals() | Range():
            bounds = whole_bounds(leaf, scale=scale)
        case _:
            raise _no_way(leaf)
    if bounds is None:
        return np.zeros(len(column), bool)
    return _between(column.to_numpy(), *bounds)


def _between(numbers: IntArray, low: int | None, high: int | None) -> BoolArray:
    mask = np.ones(len(numbers), bool) if low is None else numbers >= low
    return mask if high is None else mask & (numbers <= high)


def _time(leaf: Leaf, column: pl.Series) -> BoolArray:
    mask = column.is_not_null()
    match leaf:
        case Exists():
            return mask.to_numpy()
        case Range(_, low, high):
            moments = column.to_physical()
            # A written time is a stretch, so its ends are always [low, high).
            if isinstance(low, datetime):
                mask &= moments >= _microseconds(low)
            if isinstance(high, datetime):
                mask &= moments < _microseconds(high)
            return _told(mask)
    raise _no_way(leaf)


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _told(mask: pl.Series) -> BoolArray:
    """Take unknown for false."""
    return mask.fill_null(False).to_numpy()


def _no_way(leaf: Leaf) -> TypeError:
    return TypeError(f"{leaf.field.name} ({leaf.field.kind}) cannot hold {type(leaf).__name__}.")
