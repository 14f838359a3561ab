"""What there is: a query's frames by each factor, by pairs of factors, over time and cameras, beside what is expected
and beside a dataset version, and what is lacking most."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

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
from curation.core.operating import Conditions
from curation.core.profile import Axis, Distribution, combined, distribution, rows_of, time_axis
from curation.core.query.masks import mask_of
from curation.core.timeline import Timeline, Width
from curation.core.types import BoolArray, IntArray
from curation.core.value_queries import text_query
from curation.models import DatasetVersion
from curation.services.fields import searchable_fields
from curation.services.filtering import parse_query
from curation.services.frame_table import current as current_table
from curation.services.frame_table import resolve
from curation.services.in_force import current_spec
from curation.services.profile_axes import (
    CAMERA,
    TIME,
    Axes,
    ClassCount,
    ProfileError,
    Rating,
    axes_of,
    class_counts,
    rated,
    rows_of_version,
)

Pair: TypeAlias = tuple[str, str]
MAX_PAIRS = 20
__all__ = ["Profile", "ProfileError", "profile"]


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
    fields, conditions = searchable_fields(), current_spec()
    table = current_table(fields=fields)
    mask = mask_of(parse_query(query, fields=fields), table, resolve=resolve)
    held_out = _true(table, "held_out")
    view = _View(
        table=table,
        axes=axes_of(table, conditions),
        rows=rows_of(mask),
        others=None if against is None else rows_of_version(against, table),
        aside=np.flatnonzero(held_out & ~mask),
        place=Place(query, "held_out:false" if held_out.any() else ""),
    )
    return _profile(view, mask, against, _checked(pairs, conditions), by_time)


@dataclass(frozen=True)
class _View:
    """What is looked at: `rows` of the table (None: all), beside `others` (None: none). Gaps could be filled from the
    rest, but for the rows `aside`, which are held out."""

    table: FrameTable
    axes: Axes
    rows: IntArray | None
    others: IntArray | None
    aside: IntArray
    place: Place

    @cached_property
    def mine(self) -> dict[str, Axis]:
        return {name: axis.taken(self.rows) for name, axis in self.axes.by_name.items()}

    @cached_property
    def theirs(self) -> dict[str, Axis]:
        return {name: axis.taken(self.others) for name, axis in self.axes.by_name.items()}

    @cached_property
    def held(self) -> dict[str, Axis]:
        return {name: axis.taken(self.aside) for name, axis in self.axes.by_name.items()}

    def elsewhere(self, name: str) -> dict[str, int]:
        """Count each value in the rest, without going through it: all frames, less these, less those held out."""
        axis = self.axes.by_name[name]
        left = axis.counts - self.mine[name].counts - self.held[name].counts
        return dict(zip(axis.names, left.tolist(), strict=False))

    def pairs_elsewhere(self, first: str, second: str) -> dict[Pair, int]:
        """Count the pairs of values in the rest."""
        counts = self.axes.pairs(first, second)
        for axes in (self.mine, self.held):
            counts = counts - combined(axes[first], axes[second])
        return pair_counts(self.axes.by_name[first], self.axes.by_name[second], counts)

    def critical_elsewhere(self, criticals: Sequence[CriticalCover]) -> list[int]:
        """Count the frames of each critical combination in the rest."""
        held = critical_cover(self.axes.conditions.critical, self.held)
        together = zip(self.axes.critical, criticals, held, strict=True)
        return [whole.frames - mine.frames - aside.frames for whole, mine, aside in together]

    def distribution(self, name: str) -> Distribution:
        return distribution(self.mine[name], other=None if self.others is None else self.theirs[name])

    def times(self) -> tuple[Timeline, Timeline | None]:
        """Sort these frames and the others into the same stretches."""
        if self.others is None:
            return self.axes.timeline(self.rows), None
        if self.rows is None:
            return self.axes.timeline(None), self.axes.timeline(None).taken(self.others)
        line = self.axes.timeline(np.concatenate([self.rows, self.others]))
        return line.taken(slice(0, len(self.rows))), line.taken(slice(len(self.rows), None))


def _profile(view: _View, mask: BoolArray, against: DatasetVersion | None, pairs: list[Pair], by_time: bool) -> Profile:
    table, conditions = view.table, view.axes.conditions
    line, other_line = view.times() if by_time or any(TIME in pair for pair in pairs) else (None, None)
    axes = {**view.mine, TIME: time_axis(line)} if line is not None else view.mine
    factors = tuple(view.distribution(name) for name in conditions.factors)
    cameras = view.distribution(CAMERA)
    matrices = tuple(coverage(axes[first], axes[second]) for first, second in pairs)
    criticals = critical_cover(conditions.critical, view.mine)
    classes, not_looked_at = class_counts(view.axes, view.rows)
    count = int(np.count_nonzero(mask))
    return Profile(
        query=view.place.query,
        frames=count,
        annotated=int(np.count_nonzero(mask & _true(table, "annotated"))),
        held_out=int(np.count_nonzero(mask & _true(table, "held_out"))),
        conditions=conditions.name,
        has_expected=any(factor.expected for factor in conditions.factors.values()),
        against="" if against is None else str(against),
        against_frames=None if view.others is None else len(view.others),
        factors=factors,
        cameras=cameras,
        time=_over_time(line, other_line) if by_time and line is not None else None,
        time_width=line.width if by_time and line is not None else None,
        pairs=matrices,
        critical=criticals,
        classes=classes,
        not_looked_at=not_looked_at,
        rating=rated(table, view.rows),
        gaps=_gaps(view, factors, criticals, matrices) if count else (),
        differences=_differences(view, (*factors, cameras), against) if count else (),
    )


def _over_time(line: Timeline, other: Timeline | None) -> Distribution:
    return distribution(time_axis(line), other=None if other is None else time_axis(other))


def _gaps(
    view: _View,
    factors: Sequence[Distribution],
    criticals: Sequence[CriticalCover],
    matrices: Sequence[Coverage],
) -> tuple[Gap, ...]:
    place, conditions = view.place, view.axes.conditions
    found = [
        critical_gap(cover, place=place, elsewhere=more)
        for cover, more in zip(criticals, view.critical_elsewhere(criticals), strict=True)
    ]
    for factor in factors:
        found.append(unknown_gap(factor, conditions.factors[factor.factor].origin, place=place))
        if factor.divergence is not None:
            found += value_gaps(factor, place=place, elsewhere=view.elsewhere(factor.factor))
    for matrix in matrices:
        # What a past time lacks cannot be had any more.
        if TIME not in (matrix.first, matrix.second):
            more = view.pairs_elsewhere(matrix.first, matrix.second)
            found += combination_gaps(matrix, place=place, elsewhere=more)
    return worst_first([gap for gap in found if gap is not None])


def _differences(
    view: _View, factors: Sequence[Distribution], against: DatasetVersion | None
) -> tuple[Difference, ...]:
    if against is None:
        return ()
    other = text_query("dataset", str(against))
    found = [one for factor in factors for one in differences(factor, place=view.place, other=other)]
    return tuple(sorted(found, key=lambda one: -one.part))


def _true(table: FrameTable, column: str) -> BoolArray:
    return table.frames[column].fill_null(False).to_numpy()


def _checked(pairs: Sequence[Pair], conditions: Conditions) -> list[Pair]:
    if len(pairs) > MAX_PAIRS:
        raise ProfileError("too_many_pairs", f"{len(pairs)} pairs were asked for; at most {MAX_PAIRS} can be.")
    known = (*conditions.factors, CAMERA, TIME)
    for first, second in pairs:
        if unknown := next((name for name in (first, second) if name not in known), None):
            said = f"There is no factor {unknown!r} to make a pair of. Valid ones: {', '.join(known)}."
            raise ProfileError("unknown_factor", said)
        if first == second:
            raise ProfileError("bad_pair", f"{first} and {second} are no pair: name two different factors.")
    return list(pairs)
