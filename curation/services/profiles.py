"""What there is: a query's frames by each factor, by pairs of factors, over time and cameras, beside what is expected
and beside a dataset version, and what is lacking most."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from curation.core.coverage import Coverage, CriticalCover, coverage, critical_cover, pair_counts
from curation.core.frame_table import FrameTable
from curation.core.gaps import (
    Difference,
    Gap,
    Place,
    combination_gaps,
    critical_gap,
    differences,
    unknown_gap,
    value_gaps,
    worst_first,
)
from curation.core.profile import Axis, Distribution, distribution, rows_of, time_axis
from curation.core.timeline import Timeline, Width
from curation.core.types import BoolArray, IntArray
from curation.core.value_queries import text_query
from curation.models import DatasetVersion
from curation.services.frame_table import current as current_table
from curation.services.frame_table import matching
from curation.services.in_force import current_spec
from curation.services.profile_axes import Axes, ClassCount, ProfileError, axes_of, class_counts, rows_of_version

Pair: TypeAlias = tuple[str, str]
MAX_PAIRS = 20
OUTLIER_FROM = 3.5
"""Robust standard deviations from which on a frame counts as an outlier.
Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993."""
__all__ = ["Profile", "ProfileError", "profile"]


@dataclass(frozen=True)
class Rating:
    """What rating the frames found; None where none of them is rated. `outliers` are OUTLIER_FROM off, or more."""

    rated: int
    duplicates: int | None
    outliers: int | None
    mean_uniqueness: float | None
    mean_typicality: float | None


@dataclass(frozen=True)
class Profile:
    """`gaps` and `differences` (from `against`, a dataset version) are sentences, the worst first; `factors` come in
    the order of the operating conditions. `classes` counts frames and objects of each class where somebody looked."""

    query: str
    frames: int
    annotated: int
    held_out: int
    conditions: str
    has_expected: bool
    against: str
    against_frames: int | None
    factors: tuple[Distribution, ...]
    cameras: Distribution
    time: Distribution | None
    time_width: Width | None
    pairs: tuple[Coverage, ...]
    critical: tuple[CriticalCover, ...]
    classes: tuple[ClassCount, ...]
    not_looked_at: int
    rating: Rating
    gaps: tuple[Gap, ...]
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        """Write it out as plain values, as JSON has them."""
        return asdict(self)


def profile(
    query: str = "", *, against: DatasetVersion | None = None, pairs: Sequence[Pair] = (), by_time: bool = True
) -> Profile:
    """Say what there is among the frames that match a query, beside a dataset version if one is given.

    pairs are names of factors of the operating conditions, `camera` or `time`. It all comes from the frames in memory;
    an empty query, and one that nothing matches, have profiles too. Raises QueryError, and ProfileError for a pair."""
    table = current_table()
    conditions = current_spec()
    mask = matching(query, table=table)
    view = _View(
        table=table,
        axes=axes_of(table, conditions),
        rows=rows_of(mask),
        other=None if against is None else rows_of_version(against, table),
        outside=np.flatnonzero(~mask & ~_true(table, "held_out")),
        place=Place(query, "held_out:false" if _true(table, "held_out").any() else ""),
    )
    return _profile(view, mask, against, _checked(pairs), by_time)


@dataclass(frozen=True)
class _View:
    """What is looked at: `rows` of the table (None: all), beside `other` rows (None: none). `outside` are those from
    which gaps could be filled."""

    table: FrameTable
    axes: Axes
    rows: IntArray | None
    other: IntArray | None
    outside: IntArray
    place: Place

    def distribution(self, axis: Axis) -> Distribution:
        return distribution(axis, rows=self.rows, other=self.other)

    def timeline(self) -> Timeline:
        if self.rows is None or self.other is None:
            return self.axes.timeline(self.rows)
        return self.axes.timeline(np.union1d(self.rows, self.other))


def _profile(view: _View, mask: BoolArray, against: DatasetVersion | None, pairs: list[Pair], by_time: bool) -> Profile:
    line = view.timeline() if by_time or any("time" in pair for pair in pairs) else None
    time = None if line is None else time_axis(line)
    axes = [(view.axes.of(first, time=time), view.axes.of(second, time=time)) for first, second in pairs]
    factors = tuple(view.distribution(axis) for axis in view.axes.factors.values())
    matrices = tuple(coverage(first, second, rows=view.rows) for first, second in axes)
    criticals = critical_cover(view.axes.conditions.critical, view.axes.factors, rows=view.rows)
    cameras = view.distribution(view.axes.cameras)
    classes, not_looked_at = class_counts(view.table, view.rows)
    count = int(np.count_nonzero(mask))
    return Profile(
        query=view.place.query,
        frames=count,
        annotated=int(np.count_nonzero(mask & _true(view.table, "annotated"))),
        held_out=int(np.count_nonzero(mask & _true(view.table, "held_out"))),
        conditions=view.axes.conditions.name,
        has_expected=any(axis.expected is not None for axis in view.axes.factors.values()),
        against="" if against is None else str(against),
        against_frames=None if view.other is None else len(view.other),
        factors=factors,
        cameras=cameras,
        time=view.distribution(time) if by_time and time is not None else None,
        time_width=line.width if by_time and line is not None else None,
        pairs=matrices,
        critical=criticals,
        classes=classes,
        not_looked_at=not_looked_at,
        rating=_rating(view.table, view.rows),
        gaps=_gaps(view, factors, criticals, list(zip(axes, matrices, strict=True))) if count else (),
        differences=_differences(view, (*factors, cameras), against) if count else (),
    )


def _gaps(
    view: _View,
    factors: Sequence[Distribution],
    criticals: Sequence[CriticalCover],
    matrices: Sequence[tuple[tuple[Axis, Axis], Coverage]],
) -> tuple[Gap, ...]:
    place, outside = view.place, view.outside
    more = critical_cover(view.axes.conditions.critical, view.axes.factors, rows=outside)
    found = [
        critical_gap(cover, place=place, elsewhere=other.frames)
        for cover, other in zip(criticals, more, strict=True)
    ]  # fmt: skip
    for axis, factor in zip(view.axes.factors.values(), factors, strict=True):
        found.append(unknown_gap(factor, axis.origin, place=place))
        if factor.divergence is not None:
            counts = axis.counts(outside)[:-1].tolist()
            found += value_gaps(factor, place=place, elsewhere=dict(zip(axis.names, counts, strict=True)))
    for (first, second), matrix in matrices:
        found += combination_gaps(matrix, place=place, elsewhere=pair_counts(first, second, outside))
    return worst_first([gap for gap in found if gap is not None])


def _differences(
    view: _View, factors: Sequence[Distribution], against: DatasetVersion | None
) -> tuple[Difference, ...]:
    if against is None:
        return ()
    other = text_query("dataset", str(against))
    found = [one for factor in factors for one in differences(factor, place=view.place, other=other)]
    return tuple(sorted(found, key=lambda one: -one.part))


def _rating(table: FrameTable, rows: IntArray | None) -> Rating:
    columns = table.frames.select("uniqueness", "typicality", "outlier_score", "duplicate")
    frames = columns if rows is None else columns[rows]
    rated = int(frames["uniqueness"].count())
    return Rating(
        rated=rated,
        duplicates=int(frames["duplicate"].sum()) if rated else None,
        outliers=int((frames["outlier_score"] >= OUTLIER_FROM).sum()) if rated else None,
        mean_uniqueness=_mean(frames["uniqueness"]),
        mean_typicality=_mean(frames["typicality"]),
    )


def _mean(column: pl.Series) -> float | None:
    mean = column.mean()
    return float(mean) if isinstance(mean, int | float) else None


def _true(table: FrameTable, column: str) -> BoolArray:
    return table.frames[column].fill_null(False).to_numpy()


def _checked(pairs: Sequence[Pair]) -> list[Pair]:
    if len(pairs) > MAX_PAIRS:
        raise ProfileError("too_many_pairs", f"{len(pairs)} pairs were asked for; at most {MAX_PAIRS} can be.")
    for first, second in pairs:
        if first == second:
            raise ProfileError("bad_pair", f"{first} and {second} are no pair: name two different factors.")
    return list(pairs)
