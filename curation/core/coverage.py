"""Which combinations of conditions there are, and which are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.divergence import shares_of
from curation.core.operating import Critical
from curation.core.profile import Axis, Shares, combined, listed_values
from curation.core.types import BoolArray, IntArray
from curation.core.value_queries import all_of, text_query

MAX_ABSENT = 100
"""At most so many of the absent combinations are listed, the weightiest ones."""


@dataclass(frozen=True)
class Absent:
    """A combination that no frame has. `weight` is the share it would have if the two factors went their own ways:
    the product of the values' expected shares, or of the found ones for a factor whose expected shares nobody gave."""

    first: str
    second: str
    weight: float
    query: str


@dataclass(frozen=True)
class Coverage:
    """Two factors: `counts[i][j]` frames have `first_values[i]` and `second_values[j]`.

    `expected[i][j]` is the share expected of the pair, None unless both factors' shares are given. `known` frames have
    a value for both. `absent_count` combinations of the listed values have no frame; of them the weightiest are listed,
    worst first, and `weights_are_expected` says where their weights come from."""

    first: str
    second: str
    first_values: tuple[str, ...]
    second_values: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    expected: tuple[tuple[float, ...], ...] | None
    known: int
    unknown: int
    absent: tuple[Absent, ...]
    absent_count: int
    weights_are_expected: bool


@dataclass(frozen=True)
class CriticalCover:
    """A combination that must be covered: how many frames have it, and how many it falls short of what is wanted."""

    name: str
    when: Mapping[str, str]
    least_frames: int
    frames: int
    short_by: int
    query: str


def coverage(first: Axis, second: Axis) -> Coverage:
    """Count every pair of values of two axes over the same frames."""
    counts = combined(first, second)
    known = counts[:-1, :-1]
    # A frame counts for its value though it lacks the other factor's: a value is not hidden because of its partner.
    down = listed_values(first, counts[:-1].sum(axis=1))
    across = listed_values(second, counts[:, :-1].sum(axis=0))
    cells = known[np.ix_(down, across)]
    expected = _product(first.expected, second.expected)
    weights = _product(_weights(first, counts[:-1].sum(axis=1)), _weights(second, counts[:, :-1].sum(axis=0)))
    absent = _absent(first, second, down, across, cells, weights)
    total = int(known.sum())
    return Coverage(
        first=first.name,
        second=second.name,
        first_values=tuple(first.names[place] for place in down),
        second_values=tuple(second.names[place] for place in across),
        counts=tuple(tuple(int(count) for count in row) for row in cells),
        expected=None
        if expected is None
        else tuple(tuple(float(share) for share in row) for row in expected[np.ix_(down, across)]),
        known=total,
        unknown=int(counts.sum()) - total,
        absent=absent,
        absent_count=int(np.count_nonzero(cells == 0)),
        weights_are_expected=expected is not None,
    )


def pair_counts(first: Axis, second: Axis, counts: IntArray) -> dict[tuple[str, str], int]:
    """Name the pairs of values that there are in what `combined` counted."""
    return {(first.names[i], second.names[j]): int(counts[i, j]) for i, j in np.argwhere(counts[:-1, :-1]).tolist()}


def critical_cover(criticals: Sequence[Critical], axes: Mapping[str, Axis]) -> tuple[CriticalCover, ...]:
    """Count the frames of each critical combination. `axes` has each factor that they name, over the same frames."""
    return tuple(_cover(critical, axes) for critical in criticals)


def _cover(critical: Critical, axes: Mapping[str, Axis]) -> CriticalCover:
    wanted = [(axes[factor], value) for factor, value in critical.when.items()]
    frames = int(np.count_nonzero(np.logical_and.reduce([_has(axis, value) for axis, value in wanted])))
    return CriticalCover(
        name=critical.name,
        when=dict(critical.when),
        least_frames=critical.least_frames,
        frames=frames,
        short_by=max(0, critical.least_frames - frames),
        query=all_of(*(_query(axis, value) for axis, value in wanted)),
    )


def _has(axis: Axis, value: str) -> BoolArray:
    codes = axis.codes.codes
    # A value of an open-ended factor need not be among the names: then no frame has it.
    return codes == axis.names.index(value) if value in axis.names else np.zeros(len(codes), np.bool_)


def _query(axis: Axis, value: str) -> str:
    return axis.queries[axis.names.index(value)] if value in axis.names else text_query(axis.field, value)


def _absent(
    first: Axis, second: Axis, down: list[int], across: list[int], cells: IntArray, weights: Shares | None
) -> tuple[Absent, ...]:
    places = np.argwhere(cells == 0)
    heaviness = np.zeros(len(places)) if weights is None else weights[np.ix_(down, across)][cells == 0]
    worst = np.argsort(-heaviness, kind="stable")[:MAX_ABSENT]
    return tuple(
        Absent(
            first=first.names[down[i]],
            second=second.names[across[j]],
            weight=float(weight),
            query=all_of(first.queries[down[i]], second.queries[across[j]]),
        )
        for (i, j), weight in zip(places[worst], heaviness[worst], strict=True)
    )


def _weights(axis: Axis, counts: IntArray) -> Shares | None:
    if axis.expected is not None:
        return axis.expected
    return shares_of(counts)


def _product(left: Shares | None, right: Shares | None) -> Shares | None:
    if left is None or right is None:
        return None
    product: Shares = left[:, None] * right[None, :]
    return product
