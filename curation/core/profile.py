"""What there is: how the values of each factor are distributed, beside what is expected and beside another set."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curation.core.divergence import jensen_shannon
from curation.core.operating import MISSING, Codes, FactorSpec, codes_of
from curation.core.timeline import Timeline
from curation.core.types import IntArray
from curation.core.value_queries import text_query, unknown_query, value_query

Sort: TypeAlias = Literal["categorical", "boolean", "numeric", "camera", "time"]
Shares: TypeAlias = NDArray[np.float64]
MAX_VALUES = 250
"""Of an open-ended factor at most so many values are listed, the most frequent ones; figures count them all."""


@dataclass(frozen=True)
class Axis:
    """One way to sort (N,) frames: by a factor's values, by camera, or by stretches of time.

    `queries` holds for each name the query that shows its frames; `expected` its share in use, None where nobody said;
    `field` is the field that a frame without a value lacks. The first `declared` names are listed even at no frames."""

    codes: Codes
    kind: Sort
    queries: tuple[str, ...]
    expected: Shares | None = None
    field: str = ""
    declared: int = 0
    origin: str = ""
    help: str = ""

    @property
    def name(self) -> str:
        return self.codes.factor

    @property
    def names(self) -> tuple[str, ...]:
        return self.codes.names

    def taken(self, rows: IntArray | None) -> "Axis":
        """Return the same axis over some of the frames; None is all of them."""
        return self if rows is None else replace(self, codes=replace(self.codes, codes=self.codes.codes[rows]))

    @cached_property
    def counts(self) -> IntArray:
        """Frames of each value, and, last, those without one: (K + 1,)."""
        return self.codes.counts()


@dataclass(frozen=True)
class ValueShare:
    """One value. Shares are of the frames that have a value, None where none has."""

    value: str
    frames: int
    share: float | None
    expected: float | None
    other_frames: int | None
    other_share: float | None
    query: str


@dataclass(frozen=True)
class Distribution:
    """One factor. `divergence` is the Jensen-Shannon divergence (base 2, 0 to 1) from the expected shares,
    `other_divergence` that from the other set; frames without a value are left out of both, and counted in `missing`.

    None is where there is nothing to compare. `values_left_out` is how many values are too many to list."""

    factor: str
    kind: Sort
    help: str
    values: tuple[ValueShare, ...]
    values_left_out: int
    known: int
    missing: int
    missing_query: str
    divergence: float | None
    other_missing: int | None
    other_divergence: float | None


def factor_axis(frames: pl.DataFrame, factor: FactorSpec) -> Axis:
    """Sort (N,) frames by a factor. Values that are expected and that no frame has are among the names too."""
    if factor.kind != "categorical" and factor.name in frames.columns and not _holds_numbers(frames[factor.name]):
        # A camera attribute that is text somewhere: texts are no values of such a factor.
        frames = frames.drop(factor.name)
    codes = codes_of(frames, factor)
    absent = tuple(value for value in factor.expected if value not in codes.names)
    names = (*codes.names, *absent)
    expected = np.array([factor.expected.get(name, 0.0) for name in names], np.float64) if factor.expected else None
    queries = tuple(value_query(factor, name) for name in names)
    return Axis(
        codes=Codes(factor.name, names, codes.codes),
        kind=factor.kind,
        queries=queries,
        expected=expected,
        field=factor.name,
        declared=len(factor.values),
        origin=factor.origin,
        help=factor.help,
    )


def camera_axis(frames: pl.DataFrame) -> Axis:
    """Sort (N,) frames by camera, in order of name."""
    codes = codes_of(frames, FactorSpec("camera", "categorical"))
    return Axis(codes, "camera", tuple(text_query("camera", name) for name in codes.names), field="camera")


def time_axis(line: Timeline) -> Axis:
    """Sort frames by stretches of time."""
    return Axis(line.codes, "time", line.queries, field="recorded_at")


def distribution(axis: Axis, *, other: Axis | None = None) -> Distribution:
    """Count the values, beside the expected shares and beside the same axis over other frames (None: no others)."""
    known, missing = axis.counts[:-1], int(axis.counts[-1])
    others = None if other is None else other.counts
    shares = _shares(known)
    other_shares = None if others is None else _shares(others[:-1])
    found = known if others is None else known + others[:-1]
    listed = listed_values(axis, found)
    return Distribution(
        factor=axis.name,
        kind=axis.kind,
        help=axis.help,
        values=tuple(
            ValueShare(
                value=axis.names[place],
                frames=int(known[place]),
                share=_at(shares, place),
                expected=_at(axis.expected, place),
                other_frames=None if others is None else int(others[place]),
                other_share=_at(other_shares, place),
                query=axis.queries[place],
            )
            for place in listed
        ),
        values_left_out=int(_listable(axis, found).sum()) - len(listed),
        known=int(known.sum()),
        missing=missing,
        missing_query=unknown_query(axis.field),
        divergence=None if axis.expected is None else jensen_shannon(known, axis.expected),
        other_missing=None if others is None else int(others[-1]),
        other_divergence=None if others is None else jensen_shannon(known, others[:-1]),
    )


def listed_values(axis: Axis, counts: IntArray) -> list[int]:
    """Choose which values to list, in their order: those that are declared, expected or found; at most MAX_VALUES, of
    too many the expected ones and then the most frequent. counts is (K,)."""
    listable = _listable(axis, counts)
    expected = np.zeros(len(axis.names)) if axis.expected is None else axis.expected
    # Stable, so that of equally frequent values the earlier name is listed.
    order = np.lexsort((-counts, expected == 0, ~listable))[:MAX_VALUES]
    return sorted(int(place) for place in order if listable[place])


def combined(left: Axis, right: Axis) -> IntArray:
    """Count pairs of values over the same frames: (K + 1, L + 1); the last row and column are those without a value."""
    height, width = len(left.names) + 1, len(right.names) + 1
    # MISSING is -1: one further on, everything is a place, and what is missing comes first.
    place = left.codes.codes.astype(np.int64)
    place -= MISSING
    place *= width
    place += right.codes.codes
    place -= MISSING
    counts = np.bincount(place, minlength=height * width).reshape(height, width)
    return np.roll(counts, (-1, -1), axis=(0, 1))


def rows_of(mask: NDArray[np.bool_]) -> IntArray | None:
    """Turn (N,) yes or no into rows, rising; None where it is all of them, which is faster to count."""
    return None if mask.all() else np.flatnonzero(mask)


def _holds_numbers(column: pl.Series) -> bool:
    return column.dtype.is_numeric() or column.dtype == pl.Boolean


def _listable(axis: Axis, counts: IntArray) -> NDArray[np.bool_]:
    expected = False if axis.expected is None else axis.expected > 0
    listable: NDArray[np.bool_] = (counts > 0) | (np.arange(len(counts)) < axis.declared) | expected
    return listable


def _shares(counts: IntArray) -> Shares | None:
    total = int(counts.sum())
    return counts / total if total else None


def _at(shares: Shares | None, place: int) -> float | None:
    return None if shares is None else float(shares[place])
