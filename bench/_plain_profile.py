"""The profile's figures by plain SQL: one sequential scan over the frames, grouped by every factor at once."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from django.db import connection, transaction

from curation.core.operating import Conditions, FactorSpec

Counts: TypeAlias = Mapping[str, Mapping[str, int]]
"""Of each factor, the frames of each value; those without one are under ""."""


def count_factors(conditions: Conditions, *, where: str = "true") -> Counts:
    """Count every factor of the frames that meet a condition, in one statement."""
    factors = list(conditions.factors.values())
    rows = _ask([_value(factor) for factor in factors], [[place] for place in range(len(factors))], where)
    counts: dict[str, dict[str, int]] = {factor.name: {} for factor in factors}
    for *values, grouping, count in rows:
        # grouping() has a 0 for the column that a row is grouped by.
        place = next(i for i in range(len(factors)) if not grouping >> (len(factors) - 1 - i) & 1)
        counts[factors[place].name][_name(factors[place], values[place])] = count
    return counts


def count_pair(
    conditions: Conditions, first: str, second: str, *, where: str = "true"
) -> Mapping[tuple[str, str], int]:
    """Count the pairs of two factors' values."""
    left, right = conditions.factors[first], conditions.factors[second]
    rows = _ask([_value(left), _value(right)], [[0, 1]], where)
    return {(_name(left, a), _name(right, b)): count for a, b, _, count in rows}


def count_places(*, width: str, where: str = "true") -> Mapping[str, int]:
    """Count frames by camera and by stretch of time."""
    time = f"to_char(date_trunc('{width}', f.recorded_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD')"
    rows = _ask(["(SELECT name FROM curation_camera c WHERE c.id = f.camera_id)", time], [[0], [1]], where)
    return {camera or when or "": count for camera, when, _, count in rows}


def _ask(columns: list[str], sets: Iterable[list[int]], where: str) -> list[tuple[Any, ...]]:
    listed = ", ".join(f"{column} AS c{place}" for place, column in enumerate(columns))
    names = [f"c{place}" for place in range(len(columns))]
    grouped = ", ".join(f"({', '.join(names[place] for place in one)})" for one in sets)
    statement = (
        f"WITH f AS (SELECT {listed} FROM curation_frame f WHERE {where}) "
        f"SELECT {', '.join(names)}, grouping({', '.join(names)}), count(*) FROM f GROUP BY GROUPING SETS ({grouped})"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for method in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{method} = off")
        cursor.execute(statement)
        return list(cursor.fetchall())


def _value(factor: FactorSpec) -> str:
    assert re.fullmatch(r"[a-z0-9_]+", factor.name)
    if factor.kind == "numeric":
        edges = ", ".join(map(str, factor.edges))
        return f"width_bucket((f.tags ->> '{factor.name}')::float8, ARRAY[{edges}]::float8[])"
    return f"f.tags ->> '{factor.name}'"


def _name(factor: FactorSpec, value: object) -> str:
    if value is None:
        return ""
    return factor.values[value] if isinstance(value, int) else str(value)
